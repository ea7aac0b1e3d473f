# pydapter's migration tutorial, step by step, and what its API promises. Alembic makes revisions from models; here the
# SQL is written by hand.

BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Moving from pydapter and Alembic' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = Join-Path (New-MigrationFolder) 'migrations'
    }

    It 'init_migrations: Initialize-PgMigration makes the folder, a first file and the tracking table' -Tag 'parity:A02' {
        $made = Initialize-PgMigration @connection -Path $folder
        $made.Folder | Should -Be $folder
        Get-ChildItem $folder -Name | Should -Be '001_first_migration.sql'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('public.schema_migrations') IS NOT NULL, to_regclass('public.schema_migrations_log') IS NOT NULL;" | Should -Be 't|t'

        (Get-ErrorOf { Initialize-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^FolderNotEmpty,'
        (Initialize-PgMigration @connection -Path $folder -Force).Folder | Should -Be $folder
        Get-ChildItem $folder -Name | Should -Be '001_first_migration.sql'
    }

    It 'init_migrations without a connection string: the environment is asked, and a server must answer' -Tag 'parity:A03' {
        Use-Environment @{ DATABASE_URL = $null; PGHOST = '127.0.0.1'; PGPORT = '1'; PGUSER = 'nobody'; PGDATABASE = 'none' } {
            (Get-ErrorOf { Initialize-PgMigration -Path $folder }).FullyQualifiedErrorId | Should -Match '^ConnectionFailed,'
        }
        Test-Path $folder | Should -BeFalse
        Use-Environment $database.Variables {
            (Initialize-PgMigration -Path $folder).Connection.ToString() | Should -Be $database.Shown
        }
    }

    It 'no password reaches the disk' -Tag 'parity:A12' {
        $null = Initialize-PgMigration -ConnectionString "$($database.ConnectionString);Password=S3cr3t!" -Path $folder
        $null = New-PgMigration 'two' -Path $folder
        Get-ChildItem $folder | ForEach-Object { [IO.File]::ReadAllText($_.FullName) | Should -Not -Match 'S3cr3t' }
    }

    It 'create_migration("Create users table"): the file, named after number and message' -Tag 'parity:A05' {
        $file = New-PgMigration 'Create users table' -Path $folder
        $file | Should -BeOfType ([IO.FileInfo])
        $file.Name | Should -Be '001_create_users_table.sql'
        (New-PgMigration 'Add email' -Path (New-MigrationFolder) -Numbering Timestamp).Name | Should -Match '^\d{14}_add_email\.sql$'
    }

    It 'the tutorial: upgrade, evolve, look, go back' -Tag 'parity:A06' {
        $null = New-PgMigration 'create users table' -Path $folder -Content 'CREATE TABLE users (id int PRIMARY KEY);' -Down 'DROP TABLE users;'
        (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '1'
        $null = New-PgMigration 'add email' -Path $folder -Content 'ALTER TABLE users ADD email text;' -Down 'ALTER TABLE users DROP email;'
        $null = New-PgMigration 'add user roles' -Path $folder -Content 'CREATE TABLE user_roles (user_id int REFERENCES users);' -Down 'DROP TABLE user_roles;'
        (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '2', '3'
        (Get-PgMigrationStatus @connection -Path $folder -Summary).CurrentVersion | Should -Be '3'
        (Get-PgMigrationStatus @connection -Path $folder -History).Version | Should -Be '3', '2', '1'

        (Undo-PgMigration @connection -Path $folder -Target 1 -Confirm:$false).Version | Should -Be '3', '2'
        Invoke-Sql -Database $database.Name "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped;" | Should -Be 'id'
        (Undo-PgMigration @connection -Path $folder -All -Confirm:$false).Version | Should -Be '1'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('users') IS NULL;" | Should -Be 't'
        (Get-PgMigrationStatus @connection -Path $folder -Summary).CurrentVersion | Should -BeNullOrEmpty
    }

    It 'get_migration_history: newest first, -Last for the end of it' -Tag 'parity:A11' {
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder
        (Get-PgMigrationStatus @connection -Path $folder -History).FileName | Should -Be ($sampleFiles.Keys | Sort-Object -Descending)
        (Get-PgMigrationStatus @connection -Path $folder -History -Last 1).Version | Should -Be '3'
    }

    It 'upgrade +1 and downgrade -1: -Steps' -Tag 'parity:A17' {
        $folder = New-MigrationFolder $sampleFiles
        (Invoke-PgMigration @connection -Path $folder -Steps 1).Version | Should -Be '1'
        (Undo-PgMigration @connection -Path $folder -Steps 1 -Confirm:$false).Version | Should -Be '1'
        (Invoke-PgMigration @connection -Path $folder -Steps 5).Version | Should -Be '1', '2', '3'
    }

    It 'MigrationError and its kin: <Kind> for <Name>' -Tag 'parity:A08', 'parity:A09' -ForEach @(
        @{ Name = 'a folder that is not there'; Kind = 'InitializationException'; Do = { Invoke-PgMigration @connection -Path "$folder/nowhere" } }
        @{ Name = 'a name without a letter'; Kind = 'MigrationCreationException'; Do = { New-PgMigration '!!!' -Path $folder } }
        @{ Name = 'an upgrade that fails'; Kind = 'MigrationApplyException'; Do = { Invoke-PgMigration @connection -Path $folder } }
        @{ Name = 'a downgrade that fails'; Kind = 'MigrationUndoException'; Do = { Undo-PgMigration @connection -Path $folder -Confirm:$false } }
        @{ Name = 'an unknown revision'; Kind = 'MigrationNotFoundException'; Do = { Get-PgMigrationStatus @connection -Path $folder -Version ghost } }
    ) {
        Set-MigrationFile $folder '001_a.sql' "-- UP`nSELECT 1;`n-- DOWN`nDROP TABLE nope;"
        $null = Invoke-PgMigration @connection -Path $folder
        Set-MigrationFile $folder '002_b.sql' 'SELECT 1/0;'
        $failure = Get-ErrorOf $Do
        $failure.Exception.GetType().Name | Should -Be $Kind
        $bases = for ($type = $failure.Exception.GetType(); $type; $type = $type.BaseType) { $type.Name }
        $bases | Should -Contain 'PgMigrateException'
        $failure.Exception.Code | Should -Be ($failure.FullyQualifiedErrorId -split ',')[0]
        if ($Kind -eq 'MigrationApplyException') {
            $failure.Exception.Message | Should -Match 'division by zero'
            $failure.Exception.InnerException | Should -Not -BeNullOrEmpty
        }
    }

    It 'two branches that claim the same place are found before a run, and offline' -Tag 'parity:A20' {
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;'; '002_mine.sql' = 'SELECT 2;'; '002_yours.sql' = 'SELECT 3;' }
        (Test-PgMigration $folder).Code | Should -Contain 'DuplicateVersion'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^DuplicateVersion,'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'a graph with a hole or a circle is found offline: <Code>' -Tag 'parity:A14', 'parity:A15' -ForEach @(
        @{ Code = 'DependencyMissing'; Needs = '000_parent' }
        @{ Code = 'DependencyCycle'; Needs = '001_a' }
    ) {
        $folder = New-MigrationFolder @{ '001_a.sql' = "-- Depends: $Needs`nSELECT 1;" }
        $problem = @(Test-PgMigration $folder)
        $problem.Code | Should -Be $Code
        $problem[0].Message | Should -Match $Needs
    }
}
