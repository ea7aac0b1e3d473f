# pycopg's migration guide, section by section, with these commands in place of its Migrator.

BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Moving from pycopg' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        # The shape of the guide's files: header, UP, DOWN.
        $files = [ordered]@{
            '001_create_users.sql'       = "-- Migration: create_users`n-- Created: 2024-01-15`n`n-- UP`nCREATE TABLE users (id serial PRIMARY KEY, username text NOT NULL, email text UNIQUE);`nCREATE INDEX idx_users_email ON users(email);`n`n-- DOWN`nDROP TABLE users;`n"
            '002_add_user_profile.sql'   = "-- UP`nALTER TABLE users ADD COLUMN full_name text;`nALTER TABLE users ADD COLUMN role text DEFAULT 'admin';`n`n-- DOWN`nALTER TABLE users DROP COLUMN role;`nALTER TABLE users DROP COLUMN full_name;`n"
            '003_create_orders.sql'      = "-- UP`nCREATE TABLE orders (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users(id) ON DELETE CASCADE);`nCREATE INDEX idx_orders_user ON orders(user_id);`n`n-- DOWN`nDROP TABLE orders;`n"
            '004_backfill_slugs.sql'     = "-- UP`nINSERT INTO users (username) VALUES ('Ada Lovelace');`nALTER TABLE users ADD COLUMN slug text;`nUPDATE users SET slug = lower(replace(username, ' ', '-'));`nALTER TABLE users ALTER COLUMN slug SET NOT NULL;`n`n-- DOWN`nALTER TABLE users DROP COLUMN slug;`n"
            '005_roles_of_their_own.sql' = "-- UP`nCREATE TABLE roles (name text PRIMARY KEY);`nINSERT INTO roles SELECT DISTINCT role FROM users WHERE role IS NOT NULL;`nALTER TABLE users DROP COLUMN role;`n`n-- DOWN`nALTER TABLE users ADD COLUMN role text;`nUPDATE users SET role = (SELECT min(name) FROM roles);`nDROP TABLE roles;`n"
        }
        $folder = New-MigrationFolder $files
    }

    It 'quick start: status, migrate, every file of the guide' -Tag 'parity:C06' {
        $before = Get-PgMigrationStatus @connection -Path $folder -Summary
        $before.Applied | Should -Be 0
        $before.Pending | Should -Be 5
        (Invoke-PgMigration @connection -Path $folder).Name | Should -Be ($files.Keys -replace '\.sql$')
        Invoke-Sql -Database $database.Name "SELECT slug FROM users; SELECT name FROM roles;" | Should -Be 'ada-lovelace', 'admin'
        Invoke-PgMigration @connection -Path $folder | Should -BeNullOrEmpty
    }

    It 'status(): counts, and what is applied and pending' {
        $null = Invoke-PgMigration @connection -Path $folder -Target 3
        $status = Get-PgMigrationStatus @connection -Path $folder -Summary
        $status.Applied, $status.Pending, $status.CurrentVersion | Should -Be 3, 2, '3'
        $rows = Get-PgMigrationStatus @connection -Path $folder
        ($rows | Where-Object Applied).Name | Should -Be '001_create_users', '002_add_user_profile', '003_create_orders'
        ($rows | Where-Object Applied).AppliedAt | ForEach-Object { $_ | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(-5)) }
        ($rows | Where-Object Pending).Version | Should -Be '4', '5'
    }

    It 'migrate(target=2): inclusive' -Tag 'parity:C05' {
        (Invoke-PgMigration @connection -Path $folder -Target 2).Version | Should -Be '1', '2'
    }

    It 'rollback() and rollback(steps=3): newest first' -Tag 'parity:C14' {
        $null = Invoke-PgMigration @connection -Path $folder
        (Undo-PgMigration @connection -Path $folder -Confirm:$false).Name | Should -Be '005_roles_of_their_own'
        (Undo-PgMigration @connection -Path $folder -Steps 3 -Confirm:$false).Version | Should -Be '4', '3', '2'
        (Get-PgMigrationStatus @connection -Path $folder | Where-Object Applied).Version | Should -Be '1'
    }

    It 'rollback() with nothing applied: nothing, and no error' -Tag 'parity:C15' {
        Undo-PgMigration @connection -Path (New-MigrationFolder) -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'rollback(steps=0): nothing; fewer than none is no number of steps' -Tag 'parity:C21' {
        $null = Invoke-PgMigration @connection -Path $folder
        Undo-PgMigration @connection -Path $folder -Steps 0 -Confirm:$false | Should -BeNullOrEmpty
        (Get-ErrorOf { Undo-PgMigration @connection -Path $folder -Steps -1 -Confirm:$false }).FullyQualifiedErrorId | Should -Match '^ParameterArgumentValidationError'
        (Get-PgMigrationStatus @connection -Path $folder -Summary).Applied | Should -Be 5
    }

    It 'migrate(target=1) with more applied: nothing, and a warning; rollback(steps=99): all' -Tag 'parity:C24' {
        $null = Invoke-PgMigration @connection -Path $folder
        Invoke-PgMigration @connection -Path $folder -Target 1 -WarningVariable warned 3>$null | Should -BeNullOrEmpty
        "$warned" | Should -Match 'already past this target'
        (Undo-PgMigration @connection -Path $folder -Steps 99 -Confirm:$false).Version | Should -Be '5', '4', '3', '2', '1'
    }

    It 'create(): the next number, sections to fill in, a name fit for a file' -Tag 'parity:C20' {
        $new = New-MigrationFolder
        $first = New-PgMigration 'Add Users Table!' -Path $new
        $first.Name | Should -Be '001_add_users_table.sql'
        $text = [IO.File]::ReadAllText($first.FullName)
        $text | Should -Match '(?m)^-- UP$'
        $text | Should -Match '(?m)^-- DOWN$'
        $null = New-PgMigration 'two' -Path $new
        $null = New-PgMigration 'three' -Path $new
        (New-PgMigration 'new_migration' -Path $new).Name | Should -Be '004_new_migration.sql'
        (New-PgMigration 'add_orders_table' -Path $folder).Name | Should -Be '006_add_orders_table.sql'
    }

    It 'Migrator(table="my_migrations"): -HistoryTable' {
        $null = Invoke-PgMigration @connection -Path $folder -HistoryTable my_migrations
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM my_migrations;' | Should -Be '5'
    }

    It 'MigrationError: version, name and cause as properties' -Tag 'parity:C12' {
        Set-MigrationFile $folder '006_bad.sql' "-- UP`nCREATE TABLE p(id int);`nINSERT INTO p(nope) VALUES (1);`n-- DOWN`nDROP TABLE p;`n"
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failed = $failure.TargetObject.Results | Select-Object -Last 1
        $failed.Version, $failed.Name, $failed.Outcome | Should -Be '6', '006_bad', 'Failed'
        $failed.Error.SqlState, $failed.Error.Line | Should -Be '42703', 3
        Invoke-Sql -Database $database.Name "SELECT to_regclass('p') IS NULL, (SELECT count(*) FROM schema_migrations WHERE version = '6');" | Should -Be 't|0'
        (Get-PgMigrationStatus @connection -Path $folder -Version 6).State | Should -Be 'Pending'
    }

    It 'an error while rolling back: the file with its line' -Tag 'parity:C18' {
        $broken = New-MigrationFolder @{ '003_s.sql' = "-- UP`nCREATE TABLE s(i int);`n-- DOWN`nDROP TABEL s;`n" }
        $null = Invoke-PgMigration @connection -Path $broken
        $failure = Get-ErrorOf { Undo-PgMigration @connection -Path $broken -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Match '^UndoFailed,'
        $failure.Exception.Message | Should -Match '^003_s\.sql:4:'
        (Get-PgMigrationStatus @connection -Path $broken).State | Should -Be 'Applied'
    }

    It 'rollback of several where one has no DOWN: nothing runs' -Tag 'parity:C27' {
        Set-MigrationFile $folder '006_plain.sql' 'SELECT 1;'
        Set-MigrationFile $folder '007_last.sql' "-- UP`nSELECT 1;`n-- DOWN`nSELECT 1;"
        $null = Invoke-PgMigration @connection -Path $folder
        $failure = Get-ErrorOf { Undo-PgMigration @connection -Path $folder -Steps 3 -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Match '^NoUndo,'
        $failure.Exception.Message | Should -Match '006_plain\.sql'
        (Get-PgMigrationStatus @connection -Path $folder -Summary).Applied | Should -Be 7
    }

    It 'a deleted file: its recorded DOWN text runs' -Tag 'parity:C17' {
        $null = Invoke-PgMigration @connection -Path $folder
        Remove-Item "$folder/005_roles_of_their_own.sql"
        (Undo-PgMigration @connection -Path $folder -Confirm:$false).Version | Should -Be '5'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('roles') IS NULL;" | Should -Be 't'
    }

    It 'Database.from_env(): <Name>' -Tag 'parity:C26' -ForEach @(
        @{ Name = 'DATABASE_URL'; Wrong = @{ PGDATABASE = 'no_such_database' } }
        @{ Name = 'the PG* variables, and no DB_*'; Wrong = @{ DATABASE_URL = $null; DB_HOST = 'nowhere.invalid'; DB_NAME = 'no_such_database' } }
    ) {
        $environment = @{ DATABASE_URL = $database.Uri } + $database.Variables
        foreach ($key in $Wrong.Keys) { $environment[$key] = $Wrong[$key] }
        Use-Environment $environment {
            (Get-PgMigrationStatus -Path $folder -Summary).Connection.ToString() | Should -Be $database.Shown
        }
    }

    It 'an edited file is seen, which pycopg does not do' -Tag 'parity:C23' {
        $null = Invoke-PgMigration @connection -Path $folder
        Set-MigrationFile $folder '003_create_orders.sql' $files['003_create_orders.sql'].Replace('serial', 'bigserial')
        (Get-PgMigrationStatus @connection -Path $folder -Version 3).State | Should -Be 'Modified'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^ChecksumMismatch,'
    }
}
