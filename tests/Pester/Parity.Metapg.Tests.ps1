# metapg's documentation, translated: its runner and its command line on the left of each name, ours in the test.

BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Moving from metapg' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $files = [ordered]@{
            '001_create_users.sql' = "-- Create users table`n-- Description: who may log in`n-- Depends: (none)`n`nCREATE TABLE users (id int PRIMARY KEY);`n`n-- ROLLBACK`nDROP TABLE users;`n"
            '002_add_posts.sql'    = "-- Description: what they write`n-- Depends: 001_create_users`n`nCREATE TABLE posts (author int REFERENCES users);`n`n-- ROLLBACK`nDROP TABLE posts;`n"
        }
        $folder = New-MigrationFolder $files
    }

    It 'runner.get_status(): counts, total files, is_up_to_date' -Tag 'parity:M06' {
        $before = Get-PgMigrationStatus @connection -Path $folder -Summary
        $before.Applied, $before.Pending, $before.Files, $before.IsUpToDate | Should -Be 0, 2, 2, $false
        $null = Invoke-PgMigration @connection -Path $folder
        $after = Get-PgMigrationStatus @connection -Path $folder -Summary
        $after.Applied, $after.Pending, $after.Files, $after.IsUpToDate | Should -Be 2, 0, 2, $true
    }

    It 'runner.apply_pending(): in the order of the dependencies, with header lines as properties' -Tag 'parity:M08', 'parity:M11' {
        (Invoke-PgMigration @connection -Path $folder).Name | Should -Be '001_create_users', '002_add_posts'
        $rows = @(Get-PgMigrationStatus @connection -Path $folder)
        $rows[0].Description, $rows[0].DependsOn.Count | Should -Be 'who may log in', 0
        $rows[1].DependsOn | Should -Be '001_create_users'
    }

    It 'a dependency that sorts later still comes first' {
        $folder = New-MigrationFolder @{
            '001_posts.sql' = "-- Depends: 002_users`nCREATE TABLE posts (author int REFERENCES users);"
            '002_users.sql' = 'CREATE TABLE users (id int PRIMARY KEY);'
        }
        (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '2', '1'
    }

    It 'a missing dependency and a circle are errors that name their members' -Tag 'parity:M14' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "-- Depends: 002_b`nSELECT 1;"; '002_b.sql' = "-- Depends: 001_a, 009_ghost`nSELECT 1;" }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.TargetObject.Problems.Code | Sort-Object | Should -Be 'DependencyCycle', 'DependencyMissing'
        $failure.Exception.Message | Should -Match '001_a\.sql depends on 002_b\.sql depends on 001_a\.sql'
        $failure.Exception.Message | Should -Match '009_ghost'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'runner.rollback_migration("002_add_posts"): by name' {
        $null = Invoke-PgMigration @connection -Path $folder
        (Undo-PgMigration @connection -Path $folder -Version 002_add_posts -Confirm:$false).Name | Should -Be '002_add_posts'
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Applied', 'Pending'
    }

    It 'a rollback is refused while something applied depends on it' {
        $null = Invoke-PgMigration @connection -Path $folder
        $failure = Get-ErrorOf { Undo-PgMigration @connection -Path $folder -Version 001_create_users -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -Match '^StillNeeded,'
        $failure.Exception.Message | Should -Match '002_add_posts\.sql'
        (Undo-PgMigration @connection -Path $folder -Version 001_create_users, 002_add_posts -Confirm:$false).Version | Should -Be '2', '1'
    }

    It 'a rollback of <Name> is <Code>' -Tag 'parity:M18' -ForEach @(
        @{ Name = 'ghost'; Code = 'MigrationNotFound' }
        @{ Name = '002_add_posts'; Code = 'NotApplied' }
        @{ Name = '003_plain'; Code = 'NoUndo' }
    ) {
        Set-MigrationFile $folder '003_plain.sql' "-- pgmigrate: out-of-order`nCREATE TABLE plain();"
        $null = Invoke-PgMigration @connection -Path $folder -Version 1, 3 -OutOfOrder Apply
        (Get-ErrorOf { Undo-PgMigration @connection -Path $folder -Version $Name -Confirm:$false }).FullyQualifiedErrorId | Should -Match "^$Code,"
        Invoke-Sql -Database $database.Name "SELECT to_regclass('plain') IS NOT NULL, (SELECT count(*) FROM schema_migrations);" | Should -Be 't|2'
    }

    It 'metapg migration apply --target <Target>' -Tag 'parity:M17' -ForEach @(
        @{ Target = '003_add_posts'; Expected = '1', '3' }
        @{ Target = '003'; Expected = '1', '3' }
        @{ Target = '0010_x'; Expected = $null }
        @{ Target = 'ghost'; Expected = $null }
    ) {
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;'; '003_add_posts.sql' = 'SELECT 1;'; '010_x.sql' = 'SELECT 1;' }
        if ($Expected) {
            (Invoke-PgMigration @connection -Path $folder -Target $Target).Version | Should -Be $Expected
        }
        else {
            (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Target $Target }).FullyQualifiedErrorId | Should -Match '^MigrationNotFound,'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }
    }

    It 'a failed migration: its error stays in the log and it can be tried again' -Tag 'parity:M15' {
        Set-MigrationFile $folder '003_f.sql' "CREATE TABLE t(i int);`nSELECT 1/0;"
        $null = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $line = @(Get-PgMigrationStatus @connection -Path $folder -History)[0]
        $line.Event, $line.FileName, $line.SqlState | Should -Be 'failed', '003_f.sql', '22012'
        $line.Message | Should -Match 'division by zero'
        (Get-PgMigrationStatus @connection -Path $folder -Version 3).State | Should -Be 'Pending'
        Set-MigrationFile $folder '003_f.sql' 'CREATE TABLE t(i int);'
        (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '3'
    }

    It 'an edited file is found, as the documentation promises' -Tag 'parity:M09' {
        $null = Invoke-PgMigration @connection -Path $folder
        Set-MigrationFile $folder '001_create_users.sql' $files['001_create_users.sql'].Replace('int', 'bigint')
        (Get-PgMigrationStatus @connection -Path $folder -Version 1).State | Should -Be 'Modified'
        (Get-PgMigrationStatus @connection -Path $folder -Summary).IsUpToDate | Should -BeFalse
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^ChecksumMismatch,'
    }

    It 'a changed ROLLBACK part is a warning and no error' -Tag 'parity:M21' {
        $null = Invoke-PgMigration @connection -Path $folder
        Set-MigrationFile $folder '002_add_posts.sql' $files['002_add_posts.sql'].Replace('DROP TABLE', 'DROP TABLE IF EXISTS')
        Invoke-PgMigration @connection -Path $folder -WarningVariable warned 3>$null | Should -BeNullOrEmpty
        "$warned" | Should -Match '002_add_posts\.sql'
        (Get-PgMigrationStatus @connection -Path $folder -Version 2 3>$null).State | Should -Be 'Applied'
    }

    It '--db analytics: its own variable and its own folder' -Tag 'parity:M20' {
        $analytics = New-TestDatabase
        $root = New-MigrationFolder @{ 'analytics/001_events.sql' = 'CREATE TABLE events();'; '001_main.sql' = 'CREATE TABLE main();' }
        Use-Environment @{ DATABASE_URL = $database.Uri; DATABASE_URL_ANALYTICS = $analytics.Uri } {
            (Invoke-PgMigration -ConnectionName analytics -Path $root).Name | Should -Be '001_events'
            (Invoke-PgMigration -Path $root).Name | Should -Be '001_main'
            # Where there is no folder of that name the main one counts; no folder at all is an error.
            (Get-PgMigrationStatus -ConnectionName analytics -Path $folder -Module other).Version | Should -Be '1', '2'
            (Get-ErrorOf { Invoke-PgMigration -ConnectionName analytics -Path "$root/nowhere" }).FullyQualifiedErrorId | Should -Match '^FolderNotFound,'
        }
        Invoke-Sql -Database $analytics.Name "SELECT to_regclass('events') IS NOT NULL, to_regclass('main') IS NULL;" | Should -Be 't|t'
        Use-Environment @{ DATABASE_URL = $database.Uri; DATABASE_URL_ANALYTICS = $null } {
            (Get-ErrorOf { Invoke-PgMigration -ConnectionName analytics -Path $root }).FullyQualifiedErrorId | Should -Match '^ConnectionNameUnset,'
        }
    }

    It 'metapg migration create: the next number with description and dependencies' {
        $file = New-PgMigration 'add comments' -Path $folder -Description 'what others say' -Depends 002_add_posts -Content 'CREATE TABLE comments();' -Down 'DROP TABLE comments;'
        $file.Name | Should -Be '003_add_comments.sql'
        $null = Invoke-PgMigration @connection -Path $folder
        $row = Get-PgMigrationStatus @connection -Path $folder -Version 3
        $row.Description, $row.HasUndo, "$($row.DependsOn)" | Should -Be 'what others say', $true, '002_add_posts'
    }

    It 'a name without a number is an error and never left out silently' -Tag 'parity:M02' {
        Set-MigrationFile $folder 'no_version.sql' 'SELECT 1;'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -Match '^FileNameInvalid,'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }
}
