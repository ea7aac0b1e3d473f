# Warnings that end a command, and what is committed by then.

BeforeAll {
    . $PSScriptRoot/common.ps1

    function New-WarningFolder {
        New-MigrationFolder @{
            '001_a.sql' = 'CREATE TABLE a (i int);'
            '002_b.sql' = "CREATE TABLE b (i int); DO `$`$ BEGIN RAISE WARNING 'careful'; RAISE NOTICE 'by the way'; PERFORM pg_sleep(0.3); END `$`$; CREATE TABLE b2 (i int);"
            '003_c.sql' = 'CREATE TABLE c (i int);'
        }
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'A warning that ends the command' {
    It 'comes after the transaction of its file: round <_>' -ForEach (1..5) {
        $database = New-TestDatabase
        $call = @{ Path = New-WarningFolder; ConnectionString = $database.ConnectionString }
        $results = [Collections.Generic.List[object]]::new()

        { Invoke-PgMigration @call -WarningAction Stop | ForEach-Object { $results.Add($_) } } | Should -Throw -ExpectedMessage '*careful*'

        $results.FileName | Should -Be '001_a.sql', '002_b.sql'
        (Get-PgMigrationStatus @call).Pending | Should -Be $false, $false, $true
        Invoke-Sql -Database $database.Name "SELECT to_regclass('b2') IS NOT NULL" | Should -Be 't'
        (Invoke-PgMigration @call).FileName | Should -Be '003_c.sql'
    }

    It 'may come from a variable, or from a notice' {
        $database = New-TestDatabase
        $call = @{ Path = New-WarningFolder; ConnectionString = $database.ConnectionString }

        { $WarningPreference = 'Stop'; Invoke-PgMigration @call } | Should -Throw -ExpectedMessage '*careful*'
        (Get-PgMigrationStatus @call).Pending | Should -Be $false, $false, $true

        $database = New-TestDatabase
        $call.ConnectionString = $database.ConnectionString
        { Invoke-PgMigration @call -InformationAction Stop 3>$null } | Should -Throw -ExpectedMessage '*by the way*'
        (Get-PgMigrationStatus @call).Pending | Should -Be $false, $false, $true
    }

    It 'comes after the whole run where all files share a transaction' {
        $database = New-TestDatabase
        $call = @{ Path = New-WarningFolder; ConnectionString = $database.ConnectionString }
        $results = [Collections.Generic.List[object]]::new()

        { Invoke-PgMigration @call -SingleTransaction -WarningAction Stop | ForEach-Object { $results.Add($_) } } | Should -Throw -ExpectedMessage '*careful*'

        $results.FileName | Should -Be '001_a.sql', '002_b.sql', '003_c.sql'
        (Get-PgMigrationStatus @call).Pending | Should -Be $false, $false, $false
    }

    It 'does not hide the error of a file that fails' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = "DO `$`$ BEGIN RAISE WARNING 'careful'; END `$`$; SELECT 1/0;" }

        { Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString -WarningAction Stop } |
            Should -Throw -ErrorId 'MigrationFailed,*'
    }

    It 'ends an undo the same way' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{
            '001_a.sql' = "SELECT 1;`n-- DOWN`nSELECT 1;"
            '002_b.sql' = "SELECT 1;`n-- DOWN`nDO `$`$ BEGIN RAISE WARNING 'careful'; END `$`$;"
        }
        $call = @{ Path = $folder; ConnectionString = $database.ConnectionString }
        $null = Invoke-PgMigration @call

        { Undo-PgMigration @call -All -Confirm:$false -WarningAction Stop } | Should -Throw -ExpectedMessage '*careful*'
        (Get-PgMigrationStatus @call).Pending | Should -Be $false, $true
    }

    It 'is written while the file runs where it ends nothing' {
        $database = New-TestDatabase
        $call = @{ Path = New-WarningFolder; ConnectionString = $database.ConnectionString }

        $result = Invoke-PgMigration @call -WarningVariable warnings -WarningAction SilentlyContinue -InformationVariable notices

        $result.Count | Should -Be 3
        $warnings.Message | Should -Be 'careful'
        $notices.MessageData | Should -Be 'by the way'
    }
}

Describe 'A folder whose only file has a bad name' {
    It 'is no empty folder: the error names the file' -ForEach @{}, @{ Summary = $true } {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ 'add email.sql' = 'SELECT 1;' }

        { Get-PgMigrationStatus -Path $folder -ConnectionString $database.ConnectionString @_ 3>$null } |
            Should -Throw -ErrorId 'FileNameInvalid,*' -ExpectedMessage 'add email.sql: The name has no version.*'
    }
}

Describe '-TransactionTimeout' {
    It 'is set where the server supports it, and is an error where it does not' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE seen AS SELECT current_setting('transaction_timeout', true) v;" }
        $call = @{ Path = $folder; ConnectionString = $database.ConnectionString; TransactionTimeout = 90.5 }

        if ([int](Invoke-Sql 'SHOW server_version_num') -ge 170000) {
            $null = Invoke-PgMigration @call
            Invoke-Sql -Database $database.Name 'SELECT v FROM seen' | Should -Be '90500ms'
        }
        else {
            { Invoke-PgMigration @call -WhatIf } | Should -Throw -ErrorId 'SettingNotSupported,*' -ExpectedMessage '*needs PostgreSQL 17 or newer*'
            { Invoke-PgMigration @call } | Should -Throw -ErrorId 'SettingNotSupported,*'
            (Get-PgMigrationStatus -Path $folder -ConnectionString $database.ConnectionString).Pending | Should -BeTrue
        }
    }
}
