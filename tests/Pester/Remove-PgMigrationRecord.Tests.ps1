BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Remove-PgMigrationRecord' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder
    }

    It 'deletes the row, leaves the objects, logs it and emits the status as it was' {
        $removed = @(Remove-PgMigrationRecord @connection -Path $folder -Version 3 -Confirm:$false)
        $removed | Should -HaveCount 1
        $removed[0] | Should -BeOfType ([PgMigrate.MigrationStatus])
        $removed[0].Version | Should -Be '3'
        $removed[0].State | Should -Be 'Applied'
        $removed[0].AppliedAt | Should -Not -BeNullOrEmpty
        Invoke-Sql -Database $database.Name "SELECT to_regclass('orders') IS NOT NULL; SELECT version FROM schema_migrations ORDER BY id; SELECT event, version, actor FROM schema_migrations_log ORDER BY id DESC LIMIT 1;" |
            Should -Be 't', '1', '2', "record_removed|3|$($server.UserName)"
        (Get-PgMigrationStatus @connection -Path $folder -Version 3).State | Should -Be 'Pending'
    }

    It 'accepts versions and names, also in position 0' {
        (Remove-PgMigrationRecord 1, 003_create_orders @connection -Path $folder -Confirm:$false).Version | Sort-Object | Should -Be '1', '3'
    }

    It 'removes the records that a wildcard matches, and accepts a folder in position 1' {
        (Remove-PgMigrationRecord @connection '*_create_*' $folder -Confirm:$false).Name | Should -BeLike '*_create_*'
        (Get-ErrorOf { Remove-PgMigrationRecord @connection '9*' $folder -Confirm:$false }).FullyQualifiedErrorId |
            Should -BeLike 'MigrationNotFound,*'
    }

    It 'removes none when one of them has no record' {
        $failure = Get-ErrorOf { Remove-PgMigrationRecord 1, 99 @connection -Path $folder -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '3'
    }

    It 'touches only its own module' {
        $null = Invoke-PgMigration @connection -Path (New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;' }) -Module other
        $null = Remove-PgMigrationRecord 1 @connection -Path $folder -Module other -Confirm:$false
        Invoke-Sql -Database $database.Name 'SELECT module_name, count(*) FROM schema_migrations GROUP BY 1;' | Should -Be 'default|3'
    }

    It 'writes nothing with -WhatIf' {
        Remove-PgMigrationRecord 1 @connection -Path $folder -WhatIf | Should -BeNullOrEmpty
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations; SELECT count(*) FROM schema_migrations_log;' | Should -Be '3', '3'
    }

    It 'waits for the lock no longer than -LockWait' {
        $holder = Start-Sql "SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
        try {
            (Get-ErrorOf { Remove-PgMigrationRecord 1 @connection -Path $folder -LockWait 0 -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'LockTimeout,*'
        }
        finally {
            Stop-Sql $holder
        }
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '3'
    }

    It 'leaves no session and no lock behind' {
        $null = Remove-PgMigrationRecord 1 @connection -Path $folder -Confirm:$false
        Wait-Until 'everything is closed' { -not (Get-OurTrace $database.Name) }
    }

    It 'is ConfirmationRequired in a session that cannot answer, and removes nothing' {
        $run = Invoke-Pwsh "try { Remove-PgMigrationRecord 1 -Path '$folder' } catch { `$_.FullyQualifiedErrorId }" -Environment @{ DATABASE_URL = $database.ConnectionString } -OpenInput -Seconds 20
        $run.Output | Should -Match '^ConfirmationRequired,'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '3'
    }
}
