# pgdbm's own examples, translated: what AsyncMigrationManager does there is done by these commands here.

BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Moving from pgdbm' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $three = [ordered]@{
            '001_a.sql' = 'CREATE TABLE a(i int);'
            '002_b.sql' = 'CREATE TABLE b(i int);'
            '003_c.sql' = 'CREATE TABLE c(i int);'
        }
    }

    It 'apply_pending_migrations: Invoke-PgMigration, a second time with nothing to do' -Tag 'parity:P04' {
        $folder = New-MigrationFolder $three
        $first = Invoke-PgMigration @connection -Path $folder -Summary
        $first.Status | Should -Be 'Success'
        $first.Applied | Should -Be 3
        $first.Total | Should -Be 3
        Invoke-Sql -Database $database.Name "SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'c');" | Should -Be '3'

        $second = Invoke-PgMigration @connection -Path $folder -Summary
        $second.Status | Should -Be 'UpToDate'
        $second.Applied | Should -Be 0
        $second.Skipped | Should -Be 3
        $second.Results | Should -BeNullOrEmpty
    }

    It 'result["failed_migration"]: the summary that the error carries' -Tag 'parity:P05' {
        $folder = New-MigrationFolder ([ordered]@{
                '001_ok.sql'  = 'CREATE TABLE ok1(i int);'
                '002_bad.sql' = 'CREATE TABLE ),( nonsense;'
                '003_ok.sql'  = 'CREATE TABLE ok2(i int);'
            })
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -Match '^MigrationFailed,'
        $summary = $failure.TargetObject
        $summary.Status | Should -Be 'Error'
        $summary.FailedMigration | Should -Be '002_bad.sql'
        ($summary.Results | Where-Object Outcome -EQ Applied).FileName | Should -Be '001_ok.sql'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('ok1') IS NOT NULL, to_regclass('ok2') IS NULL;" | Should -Be 't|t'
    }

    It 'create_migration: New-PgMigration -Content writes what it is given' -Tag 'parity:P07' {
        $folder = New-MigrationFolder
        $file = New-PgMigration 'add_x' -Path $folder -Content 'CREATE TABLE x(i int);'
        $file.Name | Should -Be '001_add_x.sql'
        $file.DirectoryName | Should -Be $folder
        [IO.File]::ReadAllText($file.FullName) | Should -BeExactly 'CREATE TABLE x(i int);'
    }

    It 'create_migration(auto_transaction=True): New-PgMigration -Transaction' -Tag 'parity:P08' {
        $folder = New-MigrationFolder
        $file = New-PgMigration 'with_tx' -Path $folder -Content 'CREATE TABLE x(i int);' -Transaction
        $text = [IO.File]::ReadAllText($file.FullName)
        $text | Should -Match '(?m)^BEGIN;$'
        $text | Should -Match '(?m)^COMMIT;'
        (Invoke-PgMigration @connection -Path $folder -Summary).Status | Should -Be 'Success'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('x') IS NOT NULL, (SELECT count(*) FROM schema_migrations);" | Should -Be 't|1'
    }

    It 'get_pending_migrations and get_migration_history: Get-PgMigrationStatus' -Tag 'parity:P10' {
        $folder = New-MigrationFolder @{ '001_u.sql' = "CREATE TABLE u(id int, e text);`nCREATE INDEX ON u(e);" }
        $pending = @(Get-PgMigrationStatus @connection -Path $folder | Where-Object Pending)
        $pending | Should -HaveCount 1
        $pending[0].Version | Should -Be '1'
        (Invoke-PgMigration @connection -Path $folder -Summary).Applied | Should -Be 1
        Get-PgMigrationStatus @connection -Path $folder | Where-Object Pending | Should -BeNullOrEmpty
        @(Get-PgMigrationStatus @connection -Path $folder -History)[0].FileName | Should -Be '001_u.sql'
    }

    It 'a file without a version: an error, or taken last by its name' -Tag 'parity:P11' {
        $folder = New-MigrationFolder @{ 'custom_name.sql' = 'SELECT 1;'; '002_b.sql' = 'SELECT 1;'; '20240126120000_e.sql' = 'SELECT 1;' }
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^FileNameInvalid,'
        (Invoke-PgMigration @connection -Path $folder -AllowUnversioned 3>$null).Version | Should -Be '2', '20240126120000', 'custom_name'
    }

    It 'apply_pending_migrations(dry_run=True): -WhatIf' -Tag 'parity:P13' {
        $folder = New-MigrationFolder $three
        $preview = Invoke-PgMigration @connection -Path $folder -Summary -WhatIf
        $preview.Status | Should -Be 'DryRun'
        $preview.Pending | Should -Be 3
        $preview.Applied | Should -Be 0
        $preview.Results.FileName | Should -Be '001_a.sql', '002_b.sql', '003_c.sql'
        Get-UserObject $database.Name | Should -BeNullOrEmpty

        (Invoke-PgMigration @connection -Path $folder -Summary).Applied | Should -Be 3
        Invoke-Sql -Database $database.Name "SELECT to_regclass('c') IS NOT NULL;" | Should -Be 't'
    }

    It 'apply_migration: one file with -Version' {
        $folder = New-MigrationFolder $three
        (Invoke-PgMigration @connection -Path $folder -Version 001_a).FileName | Should -Be '001_a.sql'
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Applied', 'Pending', 'Pending'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Version 3 }).FullyQualifiedErrorId | Should -Match '^PredecessorSkipped,'
    }

    It 'total_time_ms and execution_time_ms: TotalMs and DurationMs' -Tag 'parity:P19' {
        $folder = New-MigrationFolder @{ '001_p.sql' = "CREATE TABLE p(i int, d text);`nINSERT INTO p SELECT g, 'x' || g FROM generate_series(1, 1000) g;" }
        $summary = Invoke-PgMigration @connection -Path $folder -Summary
        $summary.TotalMs | Should -BeGreaterThan 0
        $summary.Results.DurationMs | Should -BeGreaterThan 0
        (Get-PgMigrationStatus @connection -Path $folder -History).DurationMs | Should -BeGreaterThan 0
    }

    It 'a checksum error names the file and both sums' {
        $folder = New-MigrationFolder $three
        $null = Invoke-PgMigration @connection -Path $folder
        $recorded = (Get-PgMigrationStatus @connection -Path $folder -Version 2).Checksum
        Set-MigrationFile $folder '002_b.sql' 'CREATE TABLE b(i bigint);'
        $now = (Get-PgMigrationStatus @connection -Path $folder -Version 2).CurrentChecksum
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -Match '^ChecksumMismatch,'
        $failure.Exception.Message | Should -Match "002_b\.sql.*$recorded.*$now"
    }

    It 'migrations_table: -HistoryTable, with any name' -Tag 'parity:P29' {
        $folder = New-MigrationFolder $three
        $null = Invoke-PgMigration @connection -Path $folder -HistoryTable 'm t'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM public."m t"; SELECT to_regclass($$schema_migrations$$) IS NULL;' | Should -Be '3', 't'
    }

    It 'rollback_migration_record: the undo text is recorded by itself and can be read back' {
        $folder = New-MigrationFolder @{ '001_p.sql' = "-- UP`nCREATE TABLE products(id int);`n-- DOWN`nDROP TABLE products;" }
        $null = Invoke-PgMigration @connection -Path $folder
        (Get-PgMigrationStatus @connection -Path $folder -IncludeUndo).UndoSql | Should -Be 'DROP TABLE products;'
        Remove-Item "$folder/001_p.sql"
        (Undo-PgMigration @connection -Path $folder -Confirm:$false).Outcome | Should -Be 'Undone'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('products') IS NULL;" | Should -Be 't'
    }

    It 'removing a record: Remove-PgMigrationRecord leaves the objects' {
        $folder = New-MigrationFolder $three
        $null = Invoke-PgMigration @connection -Path $folder
        (Remove-PgMigrationRecord 3 @connection -Path $folder -Confirm:$false).FileName | Should -Be '003_c.sql'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('c') IS NOT NULL, (SELECT count(*) FROM schema_migrations);" | Should -Be 't|2'
    }

    It 'the tracking table of pgdbm itself is recognised and not changed' -Tag 'parity:P41' {
        Invoke-Sql -Database $database.Name "CREATE TABLE schema_migrations (id serial PRIMARY KEY, filename varchar(255), checksum varchar(64), module_name varchar(100), applied_at timestamp, applied_by varchar(255), execution_time_ms int); INSERT INTO schema_migrations (filename) VALUES ('001_a.sql');"
        $folder = New-MigrationFolder $three
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -Match '^HistoryTableForeign,'
        $failure.Exception.Message | Should -Match 'pgdbm'
        Invoke-Sql -Database $database.Name 'SELECT filename FROM schema_migrations;' | Should -Be '001_a.sql'
    }
}
