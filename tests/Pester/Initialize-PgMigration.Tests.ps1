BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Initialize-PgMigration' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
    }

    It 'makes the folder with a first file, and both tables, and emits the summary' {
        $folder = Join-Path (New-MigrationFolder) 'migrations'
        $summary = Initialize-PgMigration @connection -Path $folder
        $summary | Should -BeOfType ([PgMigrate.MigrationStatusSummary])
        $summary.Pending | Should -Be 1
        Get-ChildItem $folder | ForEach-Object Name | Should -Be '001_first_migration.sql'
        Get-UserObject $database.Name | Where-Object { $_ -match '^r ' } | Should -Be 'r public.schema_migrations', 'r public.schema_migrations_log'
    }

    It 'rejects a folder that contains files, and accepts it with -Force, changing none of them' {
        $folder = New-MigrationFolder $sampleFiles
        (Get-ErrorOf { Initialize-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'FolderNotEmpty,*'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
        (Initialize-PgMigration @connection -Path $folder -Force).Pending | Should -Be 3
        Get-ChildItem $folder | ForEach-Object Name | Should -Be @($sampleFiles.Keys)
    }

    It 'writes nothing with -WhatIf' {
        $folder = Join-Path (New-MigrationFolder) 'migrations'
        Initialize-PgMigration @connection -Path $folder -Schema tenant -CreateSchema -WhatIf | Should -BeNullOrEmpty
        Test-Path $folder | Should -BeFalse
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'leaves no folder behind when the database fails' {
        $folder = Join-Path (New-MigrationFolder) 'migrations'
        (Get-ErrorOf { Initialize-PgMigration @connection -Path $folder -Schema tenant }).FullyQualifiedErrorId | Should -BeLike 'SchemaNotFound,*'
        Test-Path $folder | Should -BeFalse
        (Initialize-PgMigration @connection -Path $folder -Schema tenant -CreateSchema).Schema | Should -Be 'tenant'
    }

    It 'keeps a history that is already there' {
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder -Steps 1
        (Initialize-PgMigration @connection -Path $folder -Force).Applied | Should -Be 1
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '1'
    }

    It 'never alters a table of that name that belongs to another tool' {
        Invoke-Sql -Database $database.Name 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);'
        (Get-ErrorOf { Initialize-PgMigration @connection -Path (Join-Path (New-MigrationFolder) 'm') }).FullyQualifiedErrorId | Should -BeLike 'HistoryTableForeign,*'
        Get-UserObject $database.Name | Should -Be 'r public.schema_migrations'
    }

    It 'leaves a replay guarded: an empty history does not make a database with tables a new one' {
        Invoke-Sql -Database $database.Name 'CREATE TABLE precious (id int);'
        $folder = New-MigrationFolder $sampleFiles
        $null = Initialize-PgMigration @connection -Path $folder -Force
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'DatabaseNotEmpty,*'
    }
}
