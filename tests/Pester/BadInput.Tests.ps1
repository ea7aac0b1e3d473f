BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Bad input gets one clear error and changes nothing' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
    }

    It 'a folder that does not exist' {
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path (Join-Path $TestDrive 'nowhere') }
        $failure.FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
        $failure.Exception.Message | Should -Match 'nowhere'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'a folder that does not exist is reported immediately, even when the server does not answer' {
        # A port that accepts and stays silent: the connection alone would take its whole timeout.
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $failure = Get-ErrorOf { Invoke-PgMigration -HostName 127.0.0.1 -Port $listener.LocalEndpoint.Port -Database d -Path (Join-Path $TestDrive 'nowhere') }
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
            $failure.FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
        }
        finally {
            $listener.Stop()
        }
    }

    It 'a file where a folder is expected, and a place outside the file system' {
        $folder = New-MigrationFolder $sampleFiles
        (Get-ErrorOf { Invoke-PgMigration @connection -Path "$folder/001_create_customers.sql" }).FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path 'env:' }).FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
    }

    It 'a drive that does not exist' {
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path 'nodrive:/migrations' }
        $failure.Exception.Message | Should -Match 'nodrive'
        $failure.FullyQualifiedErrorId | Should -BeLike '*,PgMigrate.PowerShell.Commands.InvokePgMigrationCommand'
    }

    It 'an empty folder' {
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path (New-MigrationFolder) }
        $failure.FullyQualifiedErrorId | Should -BeLike 'FolderEmpty,*'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'broken SQL: <Name> is shown as <Place>' -ForEach @(
        @{ Name = 'a misspelt word'; Sql = "SELECT 1;`n  SELCT 2;"; Place = '001_a\.sql:2:3: .*42601' }
        @{ Name = 'an unknown column, after text with wide characters'; Sql = "-- ä🐘`nSELECT 'ö🐘', nothing;"; Place = '001_a\.sql:2:14: .*42703' }
        @{ Name = 'an unknown table in a function that runs'; Sql = "SELECT 1;`nDO `$`$ BEGIN PERFORM * FROM nowhere; END `$`$;"; Place = '001_a\.sql:2:\d+: .*42P01' }
        @{ Name = 'a string that never ends'; Sql = "SELECT 1;`nSELECT 'open;"; Place = '001_a\.sql:2:8' }
        @{ Name = 'a comment that never ends'; Sql = "SELECT 1;`n/* open"; Place = '001_a\.sql:2:1' }
        @{ Name = 'a dollar quote that never ends'; Sql = "SELECT 1;`nDO `$x`$ BEGIN"; Place = '001_a\.sql:2:4' }
        @{ Name = 'CRLF line ends'; Sql = "SELECT 1;`r`n`r`n  SELCT 2;`r`n"; Place = '001_a\.sql:3:3: .*42601' }
    ) {
        $folder = New-MigrationFolder @{ '001_a.sql' = "$Sql" }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.Exception.Message | Should -Match "^$Place"
        Get-UserObject $database.Name | Where-Object { $_ -notmatch 'schema_migrations' } | Should -BeNullOrEmpty
        Get-PgMigrationStatus @connection -Path $folder 3>$null | Where-Object Applied | Should -BeNullOrEmpty
    }

    It 'one broken file among good ones stops everything before the first one runs' {
        $folder = New-MigrationFolder ($sampleFiles + @{ '009_open.sql' = "SELECT 'open"; '010_open.sql' = '/* open' })
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.Exception.Message | Should -Match '009_open\.sql:1:8'
        $failure.Exception.Message | Should -Match '010_open\.sql:1:1'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'two files of one version, named both' -ForEach @(
        @{ First = '1_a.sql'; Second = '001_b.sql' }
        @{ First = 'V1__a.sql'; Second = '01_b.sql' }
        @{ First = '20251025_143022_a.sql'; Second = '20251025143022_b.sql' }
    ) {
        $folder = New-MigrationFolder @{ $First = 'SELECT 1;'; $Second = 'SELECT 2;' }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder 3>$null }
        $failure.TargetObject.Problems.Code | Should -Contain 'DuplicateVersion'
        $failure.Exception.Message | Should -Match ([regex]::Escape($First))
        $failure.Exception.Message | Should -Match ([regex]::Escape($Second))
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'a changed file' {
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder
        Set-MigrationFile $folder '002_add_email.sql' 'SELECT 1;'
        Set-MigrationFile $folder '004_new.sql' 'CREATE TABLE new (id int);'
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ChecksumMismatch,*'
        $failure.Exception.Message | Should -Match '002_add_email\.sql'
        $failure.CategoryInfo.Category | Should -Be 'InvalidData'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('new') IS NULL;" | Should -Be 't'
    }

    It 'a login without rights on the schema' {
        $role = New-TestRole
        Invoke-Sql -Database $database.Name 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;'
        $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString ($database.ConnectionString -replace 'Username=[^;]*', "Username=$role") -Path (New-MigrationFolder $sampleFiles) }
        $failure.FullyQualifiedErrorId | Should -BeLike 'HistoryCreateFailed,*'
        $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
        $failure.Exception.Message | Should -Match 'GRANT CREATE ON SCHEMA "public"'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
        Get-OurTrace $database.Name | Should -Not -Match 'lock'
    }

    It 'a login that is read-only, with a new and with an old history' {
        $role = New-TestRole
        $folder = New-MigrationFolder $sampleFiles
        Invoke-Sql -Database $database.Name "ALTER ROLE $role SET default_transaction_read_only = on; GRANT CREATE ON SCHEMA public TO $role;"
        $as = @{ ConnectionString = $database.ConnectionString -replace 'Username=[^;]*', "Username=$role" }
        $failure = Get-ErrorOf { Invoke-PgMigration @as -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionReadOnly,*'
        $failure.Exception.Message | Should -Match 'default_transaction_read_only'
        Get-UserObject $database.Name | Should -BeNullOrEmpty

        $null = Invoke-PgMigration @connection -Path $folder -Steps 1
        Invoke-Sql -Database $database.Name "GRANT ALL ON schema_migrations, schema_migrations_log TO $role;"
        $failure = Get-ErrorOf { Invoke-PgMigration @as -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionReadOnly,*'
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '1'
        Invoke-Sql -Database $database.Name "REVOKE ALL ON schema_migrations, schema_migrations_log FROM $role; REVOKE ALL ON SCHEMA public FROM $role;"
    }

    It 'a login that may do everything but write the history' {
        $role = New-TestRole
        $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;'; '002_b.sql' = 'CREATE TABLE b (id int);' }
        $null = Invoke-PgMigration @connection -Path $folder -Steps 1
        Invoke-Sql -Database $database.Name "GRANT SELECT ON schema_migrations, schema_migrations_log TO $role; GRANT CREATE ON SCHEMA public TO $role;"
        $failure = Get-ErrorOf { Invoke-PgMigration -ConnectionString ($database.ConnectionString -replace 'Username=[^;]*', "Username=$role") -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'HistoryWriteDenied,*'
        $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
        $failure.Exception.Message | Should -Match 'GRANT INSERT ON "public"."schema_migrations"'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('b') IS NULL;" | Should -Be 't'
        Invoke-Sql -Database $database.Name "REVOKE ALL ON schema_migrations, schema_migrations_log FROM $role; REVOKE ALL ON SCHEMA public FROM $role;"
    }

    It 'a <Name> for -<Parameter> that PostgreSQL cannot keep' -ForEach @(
        @{ Parameter = 'Schema'; Name = 'name of 64 bytes'; Value = 'x' * 64 }
        @{ Parameter = 'HistoryTable'; Name = 'name whose log would be longer than 63 bytes'; Value = 'ä' * 31 }
        @{ Parameter = 'Schema'; Name = 'name with a NUL'; Value = "a`0b" }
    ) {
        $value = @{ $Parameter = $Value }
        (Get-ErrorOf { Invoke-PgMigration @connection @value -CreateSchema -Path (New-MigrationFolder $sampleFiles) }).FullyQualifiedErrorId | Should -BeLike 'NameInvalid,*'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'bytes that are not text: line and offset are named' {
        $folder = New-MigrationFolder @{ '001_a.sql' = [byte[]](@([Text.Encoding]::ASCII.GetBytes("SELECT 1;`nSELECT '")) + 0xE9 + @([Text.Encoding]::ASCII.GetBytes("';"))) }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'FileEncoding,*'
        $failure.Exception.Message | Should -Match '001_a\.sql:2: Byte 0xE9 at byte offset 18'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'UTF-16 without a byte order mark, and a NUL' {
        $folder = New-MigrationFolder @{ '001_a.sql' = [byte[]][Text.Encoding]::Unicode.GetBytes('SELECT 1;') }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.FullyQualifiedErrorId | Should -BeLike 'FileEncoding,*'
        $failure.Exception.Message | Should -Match 'UTF-16'
    }

    It 'a file that is empty, or blank' {
        foreach ($text in '', " `r`n`t`n") {
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path (New-MigrationFolder @{ '001_a.sql' = $text }) }
            $failure.FullyQualifiedErrorId | Should -BeLike 'FileEmpty,*'
        }
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'a file that cannot be opened' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'rights and links of files are those of Unix here'
            return
        }
        $folder = New-MigrationFolder $sampleFiles
        if ((id -u) -eq '0') {
            # Root may read every file, but follows no link that points to itself.
            Remove-Item "$folder/002_add_email.sql"
            ln -s 002_add_email.sql "$folder/002_add_email.sql"
        }
        else {
            chmod 000 "$folder/002_add_email.sql"
        }
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'FileUnreadable,*'
    }

    It 'a number of steps below zero' {
        $folder = New-MigrationFolder $sampleFiles
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Steps -1 }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'an undo <Name>' -ForEach @(
        @{ Name = 'down to what is in no place'; Choice = @{ Target = '099' }; Id = 'MigrationNotFound' }
        @{ Name = 'of what is not applied'; Choice = @{ Version = '003' }; Id = 'NotApplied' }
        @{ Name = 'of a file without DOWN'; Choice = @{ Version = '001_plain' }; Id = 'NoUndo' }
    ) {
        $folder = New-MigrationFolder @{ '001_plain.sql' = 'CREATE TABLE plain (id int);'; '002_b.sql' = 'CREATE TABLE b (id int);'; '003_c.sql' = 'CREATE TABLE c (id int);' }
        $null = Invoke-PgMigration @connection -Path $folder -Steps 2
        (Get-ErrorOf { Undo-PgMigration @connection -Path $folder @Choice -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike "$Id,*"
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '2'
    }

    It 'a module that differs from the recorded one in upper and lower case only' {
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder -Module Billing
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Module billing }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ModuleCaseDiffers,*'
        $failure.Exception.Message | Should -Match "'Billing'"
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '3'
    }
}

Describe 'Odd but good input works' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
    }

    It 'a file in <Name>' -ForEach @(
        @{ Name = 'UTF-8 with a byte order mark'; Encoding = [Text.UTF8Encoding]::new($true) }
        @{ Name = 'UTF-16, little endian'; Encoding = [Text.UnicodeEncoding]::new($false, $true) }
        @{ Name = 'UTF-16, big endian'; Encoding = [Text.UnicodeEncoding]::new($true, $true) }
    ) {
        $text = "CREATE TABLE t (v text);`r`nINSERT INTO t VALUES ('Grüße, 🐘');`r`n"
        $folder = New-MigrationFolder @{ '001_a.sql' = [byte[]](@($Encoding.GetPreamble()) + @($Encoding.GetBytes($text))) }
        (Invoke-PgMigration @connection -Path $folder).Outcome | Should -Be 'Applied'
        Invoke-Sql -Database $database.Name 'SELECT v FROM t;' | Should -BeExactly 'Grüße, 🐘'
    }

    It 'runs CRLF as LF, so that one checksum means one SQL everywhere' {
        $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE t AS SELECT 'a`r`nb' AS v;`r`n" }
        $result = Invoke-PgMigration @connection -Path $folder
        Invoke-Sql -Database $database.Name "SELECT v = E'a\nb' FROM t;" | Should -Be 't'
        Set-MigrationFile $folder '001_a.sql' "CREATE TABLE t AS SELECT 'a`nb' AS v;"
        (Get-PgMigrationStatus @connection -Path $folder).CurrentChecksum | Should -Be $result.Checksum
    }

    It 'a file that holds only a comment' {
        (Invoke-PgMigration @connection -Path (New-MigrationFolder @{ '001_a.sql' = '-- nothing yet' }) 3>$null).StatementCount | Should -Be 0
    }

    It 'a file name with blanks, quotes and letters of every kind' {
        $folder = New-MigrationFolder @{ "001_it's a `$weird ``näme`` 🐘.sql" = 'CREATE TABLE t (id int);' }
        (Invoke-PgMigration @connection -Path $folder).Name | Should -Be "001_it's a `$weird ``näme`` 🐘"
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Applied'
    }

    It 'a folder path with blanks and a quote' {
        $place = New-MigrationFolder @{ "it's here/001_a.sql" = 'SELECT 1;' }
        (Invoke-PgMigration @connection -Path "$place/it's here").Outcome | Should -Be 'Applied'
    }

    It 'a migration that changes role, search_path and settings does not disturb the next' {
        $role = New-TestRole 'NOLOGIN'
        $folder = New-MigrationFolder @{
            '001_a.sql' = "CREATE SCHEMA s; SET search_path = s; SET ROLE $role; RESET ROLE; SET statement_timeout = '1s'; CREATE TEMP TABLE tmp (id int); SET SESSION AUTHORIZATION $role;"
            '002_b.sql' = "CREATE TABLE b AS SELECT current_user::text AS u, current_setting('statement_timeout') AS t, to_regclass('pg_temp.tmp')::text AS tmp;"
        }
        (Invoke-PgMigration @connection -Path $folder 3>$null).Outcome | Should -Be 'Applied', 'Applied'
        Invoke-Sql -Database $database.Name 'SELECT u, t, tmp FROM public.b;' | Should -Be "$($server.UserName)|0|"
        Invoke-Sql -Database $database.Name "DROP OWNED BY $role;"
    }

    It 'a folder of ten thousand files' {
        $folder = New-MigrationFolder
        foreach ($number in 1..10000) {
            [IO.File]::WriteAllText("$folder/$($number)_x.sql", "SELECT $number;")
        }
        $null = Invoke-PgMigration @connection -Path $folder -Steps 2
        $summary = Get-PgMigrationStatus @connection -Path $folder -Summary
        $summary.Files, $summary.Applied, $summary.Pending | Should -Be 10000, 2, 9998
        $summary.CurrentVersion | Should -Be '2'
        $summary.IsUpToDate | Should -BeFalse
    }

    It 'a file that is gone and is undone from its record' {
        $folder = New-MigrationFolder $sampleFiles
        $null = Invoke-PgMigration @connection -Path $folder
        Remove-Item "$folder/003_create_orders.sql"
        (Undo-PgMigration @connection -Path $folder -Confirm:$false).Outcome | Should -Be 'Undone'
        Invoke-Sql -Database $database.Name "SELECT to_regclass('orders') IS NULL, count(*) FROM schema_migrations;" | Should -Be 't|2'
    }
}
