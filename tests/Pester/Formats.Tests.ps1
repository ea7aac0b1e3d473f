BeforeAll {
    . $PSScriptRoot/common.ps1
    function Get-Column([string] $Database) {
        Invoke-Sql -Database $Database @"
SELECT md5(string_agg(concat_ws(',', table_schema, table_name, column_name, data_type, is_nullable, column_default), ';'
                      ORDER BY table_schema, table_name, column_name))
  FROM information_schema.columns
 WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND NOT table_name ~ '^pgm_history(_log)?$';
"@
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Several folders as one set' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $one = New-MigrationFolder @{ 'V1__a.sql' = 'CREATE TABLE a (i int);'; 'V3__c.sql' = 'CREATE TABLE c (i int);' }
        $two = New-MigrationFolder @{ '002_b.up.sql' = 'CREATE TABLE b (i int);'; '002_b.down.sql' = 'DROP TABLE b;' }
    }

    It 'is numbered together and says where each file comes from' {
        $results = Invoke-PgMigration @connection -Path $one, $two
        $results.Version | Should -Be '1', '2', '3'
        $results.Folder | Should -Be $one, $two, $one
        $results.Format | Should -Be 'flyway', 'golang-migrate', 'flyway'
        $results[0].Folders | Should -Be $one, $two
        $summary = Get-PgMigrationStatus @connection -LiteralPath $one, $two -Summary
        $summary.IsUpToDate | Should -BeTrue
        $summary.Format | Should -Be 'flyway, golang-migrate'
        $summary.Folder | Should -BeNullOrEmpty
        $summary.Folders | Should -Be $one, $two
    }

    It 'is passed through a pipeline as a whole' {
        (Get-PgMigrationStatus @connection -Path $one, $two | Where-Object Pending | Invoke-PgMigration).Version | Should -Be '1', '2', '3'
        (Get-PgMigrationStatus @connection -Path $one, $two | Where-Object Version -EQ 2 | Undo-PgMigration -Confirm:$false).Version | Should -Be '2'
        (Get-PgMigrationStatus @connection -Path $one, $two).State | Should -Be 'Applied', 'OutOfOrder', 'Applied'
    }

    It 'rejects a version that appears in two folders, with both paths' {
        Set-MigrationFile $two '003_again.up.sql' 'SELECT 1;'
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $one, $two }
        $failure.FullyQualifiedErrorId | Should -BeLike 'DuplicateVersion,*'
        "$failure" | Should -Match ([regex]::Escape((Join-Path $one 'V3__c.sql')))
        "$failure" | Should -Match ([regex]::Escape((Join-Path $two '003_again.up.sql')))
        (Test-PgMigration -Path $one, $two).Code | Should -Contain 'DuplicateVersion'
    }

    It 'is no start for a project' {
        (Get-ErrorOf { Initialize-PgMigration @connection -Path $one, $two }).FullyQualifiedErrorId | Should -BeLike 'FolderAmbiguous,*'
    }
}

Describe 'A folder of another tool' {
    It 'gets no file of ours' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "-- +goose Up`nSELECT 1;" }
        (Get-ErrorOf { New-PgMigration 'next' -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'FolderFormatForeign,*'
        Get-ChildItem $folder | Should -HaveCount 1
    }

    It 'is refused when it fits two' {
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;'; 'R__b.sql' = 'SELECT 2;' }
        (Test-PgMigration -Path $folder).Code | Should -Contain 'FormatAmbiguous'
    }
}

Describe 'Invoke-PgMigration -Baseline' {
    BeforeEach {
        $database = New-TestDatabase
        $call = @{ ConnectionString = $database.ConnectionString; Path = New-MigrationFolder $sampleFiles }
        Invoke-Sql -Database $database.Name 'CREATE TABLE customers (id int);'
    }

    It 'records everything up to a version and runs nothing' {
        $results = Invoke-PgMigration @call -Baseline 2
        $results.Outcome | Should -Be 'Recorded', 'Recorded'
        (Get-PgMigrationStatus @call).State | Should -Be 'Baseline', 'Baseline', 'Pending'
        (Get-PgMigrationStatus @call -History).Event | Should -Be 'baseline', 'baseline'
        (Get-ErrorOf { Invoke-PgMigration @call -Baseline 2 }).FullyQualifiedErrorId | Should -BeLike 'HistoryNotEmpty,*'
    }

    It 'shows with -WhatIf what it would record, and writes nothing' {
        (Invoke-PgMigration @call -Baseline 2 -WhatIf).Outcome | Should -Be 'WouldRecord', 'WouldRecord'
        Get-UserObject $database.Name | Should -Be 'r public.customers'
    }

    It 'sums up what it recorded' {
        $summary = Invoke-PgMigration @call -Baseline 2 -Summary
        $summary.Recorded | Should -Be 2
        $summary.Applied | Should -Be 0
        $summary.Pending | Should -Be 1
    }

    It 'goes with no other choice' {
        (Get-ErrorOf { Invoke-PgMigration @call -Baseline 2 -Target 3 }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
    }

    It 'is named where a database with tables is refused' {
        $failure = Get-ErrorOf { Invoke-PgMigration @call }
        $failure.FullyQualifiedErrorId | Should -BeLike 'DatabaseNotEmpty,*'
        "$failure" | Should -Match '-Baseline'
    }
}

Describe 'The untouched folder of <Name>' -ForEach @(
    @{ Name = 'conductor'; Folders = 'migration_postgres', 'migration_postgres_data', 'migration_postgres_notify'; Files = 21; Format = 'flyway'; Md5 = 'f0c569deb25c62aada0106a7df58dbbe'; Preparation = ''; Downs = 0 }
    @{ Name = 'crates-io'; Folders = @('.'); Files = 285; Format = 'diesel'; Md5 = '1d4653cd36b312eca92303c71332c5f9'; Preparation = 'CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm; CREATE EXTENSION pgcrypto;'; Downs = 50 }
    @{ Name = 'openfga'; Folders = @('.'); Files = 6; Format = 'goose'; Md5 = 'b8b7639415ab685ceb5be240d77a9f59'; Preparation = ''; Downs = 6 }
    @{ Name = 'harbor'; Folders = @('.'); Files = 39; Format = 'golang-migrate'; Md5 = '4fa2a556bd8bf0fff76e676f2ee53a8c'; Preparation = 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);'; Downs = 0 }
) {
    BeforeAll {
        $root = Split-Path (Split-Path $PSScriptRoot)
        $shared = $env:PGMIGRATE_SHARED ? $env:PGMIGRATE_SHARED : (Join-Path (Split-Path $root) 'shared')
        $source = Join-Path $shared 'realdata' $Name
        $isThere = Test-Path $source
        if ($isThere) {
            $database = New-TestDatabase
            if ($Preparation) { Invoke-Sql -Database $database.Name $Preparation }
            $call = @{ ConnectionString = $database.ConnectionString; HistoryTable = 'pgm_history'; Path = $Folders | ForEach-Object { (Join-Path $source $_) } }
        }
    }

    BeforeEach {
        if (-not $isThere) {
            Set-ItResult -Skipped -Because "the shared data is not there: set PGMIGRATE_SHARED to the folder that holds realdata/$Name"
        }
        elseif ($Name -eq 'crates-io' -and (Get-ServerMajor) -lt 14) {
            Set-ItResult -Skipped -Because 'its files want PostgreSQL 14: CREATE OR REPLACE TRIGGER'
        }
    }

    It 'runs as a whole and gives the known columns' {
        $results = @(Invoke-PgMigration @call -AllowNonEmpty 3>$null 6>$null)
        $results | Should -HaveCount $Files
        $results.Outcome | Select-Object -Unique | Should -Be 'Applied'
        $results.Format | Select-Object -Unique | Should -Be $Format
        Get-Column $database.Name | Should -Be $Md5
        (Get-PgMigrationStatus @call -Summary 3>$null).IsUpToDate | Should -BeTrue
    }

    It 'goes down as far as its own scripts go' {
        if ($Downs -eq 0) { return }
        $done = @(); $failure = $null
        try { Undo-PgMigration @call -Steps ([Math]::Min($Downs + 1, $Files)) -Confirm:$false 3>$null 6>$null | ForEach-Object { if ($_.Outcome -eq 'Undone') { $done += $_ } } } catch { $failure = $_ }
        $done | Should -HaveCount $Downs
        if ($Downs -lt $Files) {
            $failure.FullyQualifiedErrorId | Should -BeLike 'UndoFailed,*'
            $failure.TargetObject.FailedMigration | Should -Be '2024-10-25-112826_make-unique-version-unique/up.sql'
            "$failure" | Should -Match '2024-10-25-112826_make-unique-version-unique/down\.sql:\d+'
        }
    }
}
