BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe '-Role' {
    BeforeAll {
        $database = New-TestDatabase
        $role = New-TestRole 'NOLOGIN'
        $logins = 1..2 | ForEach-Object { New-TestRole 'LOGIN' }
        Invoke-Sql -Database $database.Name "GRANT CREATE ON SCHEMA public TO $role; GRANT $role TO $($logins[0]), $($logins[1]);"
        $folder = New-MigrationFolder $sampleFiles
        $calls = $logins | ForEach-Object { @{ Path = $folder; ConnectionString = $database.ConnectionString -replace 'Username=[^;]+', "Username=$_"; Role = $role } }
    }

    It 'lets the next login go on with what an earlier one began' {
        $first, $second = $calls
        Initialize-PgMigration @first -Force | Out-Null
        (Invoke-PgMigration @first -Steps 1).Outcome | Should -Be 'Applied'
        (Get-PgMigrationStatus @second -Summary).Pending | Should -Be 2
        (Invoke-PgMigration @second).Count | Should -Be 2
        (Undo-PgMigration @second -Confirm:$false).Outcome | Should -Be 'Undone'
        Invoke-Sql -Database $database.Name "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace" | Should -Be $role
        Invoke-Sql -Database $database.Name 'SELECT applied_by FROM schema_migrations ORDER BY id' | Should -Be $logins
        (Remove-PgMigrationRecord @first -Version 2 -Confirm:$false).Version | Should -Be '2'
    }

    It 'is an error that names the role when the login is not a member' {
        $call = $calls[0].Clone()
        $call.Role = New-TestRole 'NOLOGIN'

        $failure = { Invoke-PgMigration @call } | Should -Throw -PassThru

        $failure.FullyQualifiedErrorId | Should -BeLike 'RoleDenied,*'
        $failure.Exception.Message | Should -BeLike "*GRANT *$($call.Role)*"
    }
}

Describe 'What a file leaves in its session' {
    It 'is a warning that names it' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = "SET work_mem = '9MB'; CREATE TEMP TABLE scratch (i int);"; '002_b.sql' = 'CREATE TABLE b (i int);' }

        $null = Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString -WarningVariable warnings -WarningAction SilentlyContinue

        $warnings.Message | Should -Be '001_a.sql left this in its session, and it was reset: setting work_mem, temporary table scratch.'
    }
}

Describe 'A million notices' {
    It 'pass in bounded memory, are counted right, and do not hide a warning' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = "DO `$`$ BEGIN FOR i IN 1..1000000 LOOP RAISE NOTICE 'number %', i; END LOOP; RAISE WARNING 'the last word'; END `$`$;" }
        $text = @"
`$null = Get-PgMigrationStatus -Path '$folder' -ConnectionString '$($database.ConnectionString)'
`$before = [Diagnostics.Process]::GetCurrentProcess().WorkingSet64
`$result = Invoke-PgMigration -Path '$folder' -ConnectionString '$($database.ConnectionString)' -WarningVariable warnings -WarningAction SilentlyContinue
`$grown = [Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 - `$before
"`$(`$result.Notices) `$(@(`$warnings -match 'the last word').Count) `$([int](`$grown / 1MB))"
"@

        $run = Invoke-Pwsh $text -Seconds 180

        $run.Error | Should -BeNullOrEmpty
        $notices, $last, $grown = $run.Output.Trim() -split ' '
        $notices | Should -Be 1000001
        $last | Should -Be 1
        [int]$grown | Should -BeLessThan 300 -Because 'a million notices kept would be several hundred megabytes'
    }
}

Describe 'A DOWN text that another role has planted in the tracking table' {
    BeforeEach {
        $database = New-TestDatabase
        $folder = New-MigrationFolder $sampleFiles
        $call = @{ Path = $folder; ConnectionString = $database.ConnectionString }
        $null = Invoke-PgMigration @call
        $intern = New-TestRole
        Invoke-Sql -Database $database.Name "GRANT UPDATE, SELECT ON schema_migrations TO $intern;"
        $user = [pscustomobject]@{ HostName = $server.HostName; Port = $server.Port; UserName = $intern; Password = ''; Database = $database.Name }
        Invoke-Sql -Database $database.Name -On $user "UPDATE schema_migrations SET undo_sql = 'ALTER ROLE $intern SUPERUSER' WHERE version = '3';"
    }

    It 'is an error while the file differs' {
        $failure = { Undo-PgMigration @call -Confirm:$false } | Should -Throw -PassThru

        $failure.FullyQualifiedErrorId | Should -BeLike 'UndoDiffers,*'
        Invoke-Sql "SELECT rolsuper FROM pg_roles WHERE rolname = '$intern';" | Should -Be 'f'
    }

    It 'is shown with the role that could write it, by -WhatIf and without a prompt' {
        [IO.File]::Delete((Join-Path $folder '003_create_orders.sql'))

        Undo-PgMigration @call -WhatIf -WarningVariable preview -WarningAction SilentlyContinue | Out-Null
        $preview -join ' ' | Should -BeLike "*ALTER ROLE $intern SUPERUSER*could have changed the table: *$intern*"
        Invoke-Sql "SELECT rolsuper FROM pg_roles WHERE rolname = '$intern';" | Should -Be 'f'

        Undo-PgMigration @call -Confirm:$false -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        $warnings -join ' ' | Should -BeLike "*ALTER ROLE $intern SUPERUSER*could have changed the table: *$intern*"
        Invoke-Sql "ALTER ROLE $intern NOSUPERUSER;"
    }

    It 'runs nothing where a prompt is needed and the session cannot answer' {
        [IO.File]::Delete((Join-Path $folder '003_create_orders.sql'))

        $run = Invoke-Pwsh "`$ErrorActionPreference = 'Stop'; Undo-PgMigration -Path '$folder' -ConnectionString '$($database.ConnectionString)'"

        $run.Error | Should -Match 'asks for confirmation'
        Invoke-Sql "SELECT rolsuper FROM pg_roles WHERE rolname = '$intern';" | Should -Be 'f'
    }
}
