BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'New-PgMigration' {
    It 'writes the next file and emits it' {
        $folder = New-MigrationFolder $sampleFiles
        $file = New-PgMigration 'Create invoices' -Path $folder
        $file | Should -BeOfType ([IO.FileInfo])
        $file.FullName | Should -Be (Join-Path $folder '004_create_invoices.sql')
        Get-Content $file -Raw | Should -Match '(?m)^-- UP$[\s\S]*^-- DOWN$'
    }

    It 'creates a missing folder, ./migrations by default' {
        $place = New-MigrationFolder
        Push-Location $place
        try {
            (New-PgMigration first).FullName | Should -Be (Join-Path $place 'migrations/001_first.sql')
        }
        finally {
            Pop-Location
        }
    }

    It 'continues the numbering of the folder: <Last> is followed by <Next>' -ForEach @(
        @{ Last = '0009_a.sql'; Next = '^0010_b\.sql$' }
        @{ Last = '099_a.sql'; Next = '^100_b\.sql$' }
        @{ Last = 'V7__a.sql'; Next = '^V8__b\.sql$' }
        @{ Last = 'V2_1__a.sql'; Next = '^V3__b\.sql$' }
        @{ Last = '20251025120000_a.sql'; Next = '^20\d{12}_b\.sql$' }
    ) {
        $folder = New-MigrationFolder @{ $Last = 'SELECT 1;' }
        (New-PgMigration b -Path $folder).Name | Should -Match $Next
    }

    It 'numbers as -Numbering <Numbering> says' -ForEach @(
        @{ Numbering = 'Sequential'; Name = '^001_a\.sql$' }
        @{ Numbering = 'Timestamp'; Name = '^20\d{12}_a\.sql$' }
        @{ Numbering = 'Versioned'; Name = '^V1__a\.sql$' }
        @{ Numbering = 'Auto'; Name = '^001_a\.sql$' }
    ) {
        (New-PgMigration a -Path (New-MigrationFolder) -Numbering $Numbering).Name | Should -Match $Name
    }

    It 'makes timestamps in UTC, and another one for a second file in the same second' {
        $folder = New-MigrationFolder
        $names = 'a', 'b', 'c' | ForEach-Object { (New-PgMigration $_ -Path $folder -Numbering Timestamp).Name.Substring(0, 14) }
        ($names | Select-Object -Unique) | Should -HaveCount 3
        $made = [DateTimeOffset]::ParseExact($names[0], 'yyyyMMddHHmmss', [cultureinfo]::InvariantCulture, 'AssumeUniversal')
        ([DateTimeOffset]::UtcNow - $made).TotalSeconds | Should -BeLessThan 30
        ([DateTimeOffset]::UtcNow - $made).TotalSeconds | Should -BeGreaterThan -5
    }

    It 'makes a safe file name of any words' {
        $folder = New-MigrationFolder
        (New-PgMigration '  Añade e-mail / "Kunde"  ' -Path $folder).Name | Should -Be '001_añade_e_mail_kunde.sql'
        (New-PgMigration '../../etc/passwd' -Path $folder).FullName | Should -Be (Join-Path $folder '002_etc_passwd.sql')
        (Get-ErrorOf { New-PgMigration '***' -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'NameInvalid,*'
    }

    It 'writes -Content alone exactly as it is, with LF and without BOM' {
        $file = New-PgMigration a -Path (New-MigrationFolder) -Content "CREATE TABLE ä (id int);`r`n-- end"
        $bytes = [IO.File]::ReadAllBytes($file.FullName)
        [Text.Encoding]::UTF8.GetString($bytes) | Should -BeExactly "CREATE TABLE ä (id int);`n-- end"
        $bytes[0] | Should -Be ([byte][char]'C')
    }

    It 'writes -Content, -Down and -Description so that apply and undo find them' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder
        $null = New-PgMigration 'create a' -Path $folder -Content 'CREATE TABLE a (id int);' -Down 'DROP TABLE a;' -Description "One line`nand another"
        $row = Get-PgMigrationStatus -ConnectionString $database.ConnectionString -Path $folder
        $row.HasUndo | Should -BeTrue
        $row.Description | Should -Be 'One line and another'
        (Invoke-PgMigration -ConnectionString $database.ConnectionString -Path $folder).Outcome | Should -Be 'Applied'
        (Undo-PgMigration -ConnectionString $database.ConnectionString -Path $folder -Confirm:$false).Outcome | Should -Be 'Undone'
    }

    It 'writes nothing with -WhatIf, not even the folder' {
        $place = Join-Path (New-MigrationFolder) 'new'
        New-PgMigration a -Path $place -WhatIf | Should -BeNullOrEmpty
        Test-Path $place | Should -BeFalse
    }

    It 'never overwrites and never uses a number twice, whatever happens between two callers: <_>' -ForEach 'same', 'other' {
        $folder = New-MigrationFolder
        $jobs = 1..6 | ForEach-Object -Begin { $name = $_ } -Process {
            $shell = [powershell]::Create()
            @{ Shell = $shell; Wait = $shell.AddScript("Import-Module '$manifestPath'; New-PgMigration '$($name -eq 'same' ? $name : "n$_")' -Path '$folder' -Content 'SELECT $_;'").BeginInvoke() }
        }
        foreach ($job in $jobs) {
            $null = $job.Shell.EndInvoke($job.Wait)
            $job.Error = $job.Shell.Streams.Error | ForEach-Object FullyQualifiedErrorId
            $job.Shell.Dispose()
        }
        $written = @(Get-ChildItem $folder -Filter *.sql)
        $refused = @($jobs | Where-Object { $_['Error'] })
        $refused | ForEach-Object { $_.Error } | Should -BeNullOrEmpty
        $written | Should -HaveCount 6
        $written | ForEach-Object { $_.Name.Substring(0, 3) } | Sort-Object -Unique | Should -HaveCount 6
        $written | ForEach-Object { Get-Content $_ -Raw } | Sort-Object -Unique | Should -HaveCount 6
    }

    It 'says when the folder cannot be written' {
        $file = Join-Path (New-MigrationFolder @{ 'a.txt' = 'x' }) 'a.txt'
        (Get-ErrorOf { New-PgMigration a -Path $file }).FullyQualifiedErrorId | Should -BeLike 'FileNotWritten,*'
    }

    It 'accepts a folder with wildcard characters as -LiteralPath' {
        $place = New-MigrationFolder
        (New-PgMigration a -LiteralPath "$place/[x]").FullName | Should -Be (Join-Path $place '[x]/001_a.sql')
        (New-PgMigration b -Path "$place/``[x``]").FullName | Should -Be (Join-Path $place '[x]/002_b.sql')
    }

    It 'needs no database' {
        Use-Environment @{ DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/none' } {
            New-PgMigration a -Path (New-MigrationFolder) | Should -BeOfType ([IO.FileInfo])
        }
    }

    It 'writes a template that stays pending until it is filled in, and lets the others run' {
        $connection = @{ ConnectionString = (New-TestDatabase).ConnectionString }
        $place = Join-Path (New-MigrationFolder) 'migrations'
        $null = Initialize-PgMigration @connection -Path $place
        $null = New-PgMigration second -Path $place
        $null = New-PgMigration third -Path $place -Content 'CREATE TABLE third ();'
        (Invoke-PgMigration @connection -Path $place -WarningVariable said 3>$null).Name | Should -Be '003_third'
        $said | Should -HaveCount 2
        "$($said[0])" | Should -Match '^001_first_migration\.sql: .*template'
        "$($said[1])" | Should -Match '^002_second\.sql: .*template'
        (Get-PgMigrationStatus @connection -Path $place).State | Should -Be 'Pending', 'Pending', 'Applied'
        (Get-PgMigrationStatus @connection -Path $place -Summary).IsUpToDate | Should -BeFalse
        Invoke-PgMigration @connection -Path $place -InformationVariable told 3>$null 6>$null | Should -BeNullOrEmpty
        "$told" | Should -Match '2 untouched templates left pending'
        (Get-PgMigration -Path $place).IsTemplate | Should -Be $true, $true, $false
        (Test-PgMigration -Path $place).Code | Should -Be 'TemplateUntouched', 'TemplateUntouched'

        Set-Content (Join-Path $place '001_first_migration.sql') 'CREATE TABLE first ();'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $place }).FullyQualifiedErrorId | Should -BeLike 'OutOfOrder,*'
        (Invoke-PgMigration @connection -Path $place -OutOfOrder Apply 3>$null).Name | Should -Be '001_first_migration'
    }
}
