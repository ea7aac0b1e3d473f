BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Invoke-PgMigration' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
    }

    Context 'applying' {
        It 'applies all pending migrations in order and emits a typed result for each' {
            $before = [DateTimeOffset]::UtcNow
            $results = @(Invoke-PgMigration @connection -Path $folder)

            $results | Should -HaveCount 3
            $results | ForEach-Object { $_ | Should -BeOfType ([PgMigrate.MigrationResult]) }
            $results.Version | Should -Be '1', '2', '3'
            $results.Order | Should -Be 1, 2, 3
            $first = $results[0]
            $first.Name | Should -BeExactly '001_create_customers'
            $first.FileName | Should -BeExactly '001_create_customers.sql'
            $first.Module | Should -BeExactly 'default'
            $first.Schema | Should -BeExactly 'public'
            $first.HistoryTable | Should -BeExactly 'schema_migrations'
            "$($first.Connection)" | Should -BeExactly $database.Shown
            $first.Direction | Should -Be ([PgMigrate.MigrationDirection]::Apply)
            $first.Outcome | Should -Be ([PgMigrate.MigrationOutcome]::Applied)
            $first.StatementCount | Should -Be 2
            $first.RowsAffected | Should -Be 2
            $first.DurationMs | Should -BeGreaterThan 0
            $first.AppliedAt | Should -BeOfType ([DateTimeOffset])
            $first.AppliedAt | Should -BeGreaterThan $before.AddMinutes(-5)
            $first.Attempts | Should -Be 1
            $first.Notices | Should -Be 0
            $first.Error | Should -BeNullOrEmpty
            Invoke-Sql -Database $database.Name 'SELECT id, name, email FROM customers ORDER BY id; SELECT count(*) FROM orders;' |
                Should -Be '1|Ada|', '2|Grace|', '0'
        }

        It 'records the SHA-256 of the trimmed text, the DOWN text and who applied it' {
            $result = Invoke-PgMigration @connection -Path $folder -Steps 1

            $text = $sampleFiles['001_create_customers.sql'].Trim()
            $expected = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text))).ToLowerInvariant()
            $result.Checksum | Should -BeExactly $expected
            Invoke-Sql -Database $database.Name 'SELECT module_name, version, name, filename, kind, checksum, applied_by, state, execution_time_ms > 0 FROM schema_migrations;' |
                Should -BeExactly "default|1|001_create_customers|001_create_customers.sql|versioned|$expected|$($server.UserName)|applied|t"
            Invoke-Sql -Database $database.Name 'SELECT undo_sql FROM schema_migrations;' | Should -Match 'DROP TABLE customers'
            Invoke-Sql -Database $database.Name 'SELECT event, version, filename FROM schema_migrations_log;' | Should -Be 'applied|1|001_create_customers.sql'
        }

        It 'finds nothing to do the second time and emits nothing' {
            Invoke-PgMigration @connection -Path $folder | Should -HaveCount 3
            Invoke-PgMigration @connection -Path $folder | Should -BeNullOrEmpty
            (Invoke-PgMigration @connection -Path $folder -Summary).Status | Should -Be 'UpToDate'
        }

        It 'stops at the first failure, keeps what came before and undoes the failed file completely' {
            Set-MigrationFile $folder '002_add_email.sql' "CREATE TABLE half (id int);`nINSERT INTO half VALUES ('x');"
            $results = [Collections.Generic.List[object]]::new()
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder | ForEach-Object { $results.Add($_) } }

            $results.Outcome | Should -Be 'Applied', 'Failed'
            $results[1].Error.Line | Should -Be 2
            $results[1].Error.StatementNumber | Should -Be 2
            $results[1].Error.SqlState | Should -Be '22P02'
            $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*'
            $failure.Exception.Message | Should -Match '^002_add_email\.sql:2:26: .*SQLSTATE 22P02'
            Invoke-Sql -Database $database.Name "SELECT to_regclass('half') IS NULL, to_regclass('orders') IS NULL, count(*) FROM schema_migrations;" | Should -Be 't|t|1'
            Invoke-Sql -Database $database.Name 'SELECT event, version, sqlstate FROM schema_migrations_log ORDER BY id;' | Should -Be 'applied|1|', 'failed|2|22P02'
        }

        It 'sets the summary of the run as the target of the error' {
            Set-MigrationFile $folder '002_add_email.sql' "ALTER TABLE customers ADD email nosuchtype;"
            $summary = (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).TargetObject

            $summary | Should -BeOfType ([PgMigrate.MigrationRunSummary])
            $summary.Status | Should -Be 'Error'
            $summary.FailedMigration | Should -Be '002_add_email.sql'
            $summary.Results.Outcome | Should -Be 'Applied', 'Failed'
            $summary.Applied | Should -Be 1
            $summary.Pending | Should -Be 2
            $summary.Total | Should -Be 3
            $summary.Error.Code | Should -Be 'MigrationFailed'
            $summary.Error.FilePath | Should -Be (Join-Path $folder '002_add_email.sql')
        }

        It 'continues with the failed file once it is fixed' {
            Set-MigrationFile $folder '002_add_email.sql' 'ALTER TABLE customers ADD email nosuchtype;'
            $null = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
            Set-MigrationFile $folder '002_add_email.sql' 'ALTER TABLE customers ADD email text;'
            (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '2', '3'
        }

        It 'names the running file in application_name' {
            $folder = New-MigrationFolder @{ '001_who.sql' = "CREATE TABLE who AS SELECT current_setting('application_name') AS name;" }
            $null = Invoke-PgMigration @connection -Path $folder -Module billing
            Invoke-Sql -Database $database.Name 'SELECT name FROM who;' | Should -BeExactly 'PgMigrate billing 001_who.sql'
        }

        It 'uses the folder ./migrations by default' {
            $place = New-MigrationFolder @{ 'migrations/001_a.sql' = 'CREATE TABLE a (id int);' }
            Push-Location $place
            try {
                (Invoke-PgMigration @connection).Name | Should -Be '001_a'
            }
            finally {
                Pop-Location
            }
        }

        It 'accepts a folder with wildcard characters as -LiteralPath, and a wildcard that matches one folder as -Path' {
            $place = New-MigrationFolder @{ 'odd [x]/001_a.sql' = 'CREATE TABLE a (id int);'; 'plain/001_b.sql' = 'CREATE TABLE b (id int);' }
            (Invoke-PgMigration @connection -LiteralPath "$place/odd [x]" -Module odd).Name | Should -Be '001_a'
            (Invoke-PgMigration @connection -Path "$place/pl*" -Module plain -AllowNonEmpty).Name | Should -Be '001_b'
            (Get-ErrorOf { Invoke-PgMigration @connection -Path "$place/*" }).FullyQualifiedErrorId | Should -BeLike 'FolderAmbiguous,*'
        }

        It 'accepts a folder with escaped wildcard characters as -Path, as completion writes it, and advises -LiteralPath without the escape' {
            $place = New-MigrationFolder @{ 'br[1]/001_a.sql' = 'CREATE TABLE a (id int);' }
            (Invoke-PgMigration @connection -Path "$place/br``[1``]" -WhatIf 6>$null).Name | Should -Be '001_a'
            (Get-PgMigrationStatus @connection -LiteralPath "$place/br[1]" | Invoke-PgMigration @connection -WhatIf 6>$null).Name | Should -Be '001_a'
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path "$place/br[1]" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
            $failure.Exception.Message | Should -Match '-LiteralPath'
            (Get-ErrorOf { Invoke-PgMigration @connection -Path "$place/br[2]" }).Exception.Message | Should -Not -Match '-LiteralPath'
        }

        It 'runs versioned, dotted and padded names in numeric order' {
            $folder = New-MigrationFolder @{
                'V10__c.sql' = 'SELECT 1;'; 'V2__b.sql' = 'SELECT 1;'; 'V2_1__b1.sql' = 'SELECT 1;'; 'V1.5__a.sql' = 'SELECT 1;'
            }
            (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '1.5', '2', '2.1', '10'
        }

        It 'rejects a file without a version, and runs it last with -AllowUnversioned' {
            $folder = New-MigrationFolder @{ 'cleanup.sql' = 'SELECT 1;'; '001_a.sql' = 'SELECT 1;' }
            (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'FileNameInvalid,*'
            (Invoke-PgMigration @connection -Path $folder -AllowUnversioned).Version | Should -Be '1', 'cleanup'
        }
    }

    Context '-WhatIf' {
        It 'writes nothing, no table and no schema, and emits what would be applied' {
            $results = @(Invoke-PgMigration @connection -Path $folder -Schema tenant -CreateSchema -WhatIf)

            $results | Should -HaveCount 3
            $results | ForEach-Object { $_.Outcome | Should -Be ([PgMigrate.MigrationOutcome]::WouldApply) }
            $results.Version | Should -Be '1', '2', '3'
            $results[0].StatementCount | Should -Be 2
            $results[0].Checksum | Should -Match '^[0-9a-f]{64}$'
            $results[0].AppliedAt | Should -BeNullOrEmpty
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'shows only what is still pending, and says DryRun in the summary' {
            $null = Invoke-PgMigration @connection -Path $folder -Steps 1
            (Invoke-PgMigration @connection -Path $folder -WhatIf).Version | Should -Be '2', '3'
            $summary = Invoke-PgMigration @connection -Path $folder -WhatIf -Summary
            $summary.Status | Should -Be 'DryRun'
            $summary.Results | Should -HaveCount 2
            Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations; SELECT count(*) FROM schema_migrations_log;' | Should -Be '1', '1'
        }

        It 'finds the same problems as a run' {
            Set-MigrationFile $folder '004_bad.sql' "SELECT 'never closed"
            (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -WhatIf }).Exception.Message | Should -Match '004_bad\.sql:1:8'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'prints one line for each step' {
            $run = Invoke-Pwsh "Invoke-PgMigration -Path '$folder' -WhatIf | Out-Null" -Environment @{ DATABASE_URL = $database.ConnectionString }
            $run.ExitCode | Should -Be 0
            $run.Output | Should -Match 'What if: Apply 001_create_customers — 2 statements, one transaction'
            ($run.Output -split "`n" -match '^What if:').Count | Should -Be 3
        }
    }

    Context 'choosing' {
        It 'stops after -Target <_>, which is included' -ForEach '2', '002', '002_add_email', '002_add_email.sql' {
            (Invoke-PgMigration @connection -Path $folder -Target $_).Version | Should -Be '1', '2'
        }

        It 'refuses a -Target that is neither a version nor a name, and applies nothing' {
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Target 7 }
            $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'applies at most -Steps migrations' {
            (Invoke-PgMigration @connection -Path $folder -Steps 2).Version | Should -Be '1', '2'
            (Invoke-PgMigration @connection -Path $folder -Steps 2).Version | Should -Be '3'
        }

        It 'applies none with -Steps 0' {
            Invoke-PgMigration @connection -Path $folder -Steps 0 | Should -BeNullOrEmpty
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'applies exactly the migrations of -Version, in plan order' {
            (Invoke-PgMigration @connection -Path $folder -Version 002_add_email, 1).Version | Should -Be '1', '2'
        }

        It 'refuses -Version that skips a pending predecessor, unless -OutOfOrder Apply' {
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Version 3 }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PredecessorSkipped,*'
            $failure.Exception.Message | Should -Match '001_create_customers\.sql'
            $failure.Exception.Message | Should -Match '002_add_email\.sql'
            Get-UserObject $database.Name | Should -BeNullOrEmpty

            Set-MigrationFile $folder '003_create_orders.sql' 'CREATE TABLE orders (id int);'
            (Invoke-PgMigration @connection -Path $folder -Version 3 -OutOfOrder Apply).Version | Should -Be '3'
        }
    }

    Context '-OutOfOrder' {
        BeforeEach {
            $folder = New-MigrationFolder @{ '010_a.sql' = 'SELECT 10;'; '030_c.sql' = 'SELECT 30;' }
            $null = Invoke-PgMigration @connection -Path $folder -Module late
            Set-MigrationFile $folder '020_b.sql' 'SELECT 20;'
            $late = @{ Path = $folder; Module = 'late' }
        }

        It 'is an error by default that lists the late files' {
            $failure = Get-ErrorOf { Invoke-PgMigration @connection @late }
            $failure.FullyQualifiedErrorId | Should -BeLike 'OutOfOrder,*'
            $failure.Exception.Message | Should -Match '020_b\.sql'
            $failure.TargetObject.Problems.Code | Should -Contain 'OutOfOrder'
        }

        It 'applies and warns with Warn' {
            (Invoke-PgMigration @connection @late -OutOfOrder Warn -WarningVariable warnings 3>$null).Version | Should -Be '20'
            "$warnings" | Should -Match '020_b\.sql'
        }

        It 'applies silently with Apply' {
            (Invoke-PgMigration @connection @late -OutOfOrder Apply -WarningVariable warnings 3>$null).Version | Should -Be '20'
            $warnings | Should -BeNullOrEmpty
        }

        It 'applies a late file that allows it itself' {
            Set-MigrationFile $folder '020_b.sql' "-- pgmigrate: out-of-order`nSELECT 20;"
            (Invoke-PgMigration @connection @late -WarningVariable warnings 3>$null).Version | Should -Be '20'
            $warnings | Should -BeNullOrEmpty
        }
    }

    Context 'no silent replay' {
        It 'rejects a database with tables but without history, and changes nothing' {
            Invoke-Sql -Database $database.Name 'CREATE TABLE precious (id int);'
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'DatabaseNotEmpty,*'
            $failure.Exception.Message | Should -Match '-AllowNonEmpty'
            Get-UserObject $database.Name | Should -Be 'r public.precious'
        }

        It 'starts a history there with -AllowNonEmpty' {
            Invoke-Sql -Database $database.Name 'CREATE TABLE precious (id int);'
            Invoke-PgMigration @connection -Path $folder -AllowNonEmpty | Should -HaveCount 3
        }

        It 'rejects a module that another tracking table already has' {
            $null = Invoke-PgMigration @connection -Path $folder
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -HistoryTable other_history }
            $failure.TargetObject.Problems.Code | Should -Contain 'HistoryElsewhere'
            Invoke-Sql -Database $database.Name "SELECT to_regclass('other_history') IS NULL;" | Should -Be 't'
        }

        It 'refuses when a changed file was applied, naming both checksums' {
            $result = @(Invoke-PgMigration @connection -Path $folder -Steps 1)
            Set-MigrationFile $folder '001_create_customers.sql' 'CREATE TABLE customers (id int);'
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ChecksumMismatch,*'
            $failure.Exception | Should -BeOfType ([Exception])
            $failure.Exception.GetType().Name | Should -Be 'ChecksumMismatchException'
            $failure.Exception.Message | Should -Match $result[0].Checksum
            Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '1'
        }

        It 'warns, and continues, when only the DOWN section changed, a file is gone or renamed' {
            $null = Invoke-PgMigration @connection -Path $folder
            Set-MigrationFile $folder '001_create_customers.sql' $sampleFiles['001_create_customers.sql'].Replace('DROP TABLE', 'DROP TABLE IF EXISTS')
            Remove-Item "$folder/002_add_email.sql"
            Rename-Item "$folder/003_create_orders.sql" '003_orders.sql'
            Set-MigrationFile $folder '004_more.sql' 'SELECT 1;'
            (Invoke-PgMigration @connection -Path $folder -WarningVariable warnings 3>$null).Version | Should -Be '4'
            ($warnings -match '001_create_customers\.sql') | Should -HaveCount 1
            ($warnings -match '002_add_email\.sql.*gone') | Should -HaveCount 1
            ($warnings -match '003_create_orders\.sql') | Should -HaveCount 1
        }
    }

    Context '-Schema, -HistoryTable, -Module' {
        It 'rejects a missing schema and says how to create it' {
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Schema tenant }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SchemaNotFound,*'
            $failure.Exception.Message | Should -Match '-CreateSchema'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'puts tables and history into the schema, which is the module as well' {
            $results = Invoke-PgMigration @connection -Path $folder -Schema tenant -CreateSchema
            $results[0].Schema | Should -Be 'tenant'
            $results[0].Module | Should -Be 'tenant'
            Get-UserObject $database.Name | Should -Contain 'r tenant.customers'
            Get-UserObject $database.Name | Should -Contain 'r tenant.schema_migrations'
            Get-UserObject $database.Name | Should -Not -Contain 'r public.schema_migrations'
        }

        It 'prepends the schema to search_path and keeps the rest of it' {
            Invoke-Sql -Database $database.Name "CREATE SCHEMA extensions; CREATE FUNCTION extensions.answer() RETURNS int LANGUAGE sql AS 'SELECT 42'; ALTER DATABASE $($database.Name) SET search_path = public, extensions;"
            $folder = New-MigrationFolder @{ '001_a.sql' = 'CREATE TABLE a AS SELECT answer() AS n;' }
            $null = Invoke-PgMigration @connection -Path $folder -Schema tenant -CreateSchema
            Invoke-Sql -Database $database.Name 'SELECT n FROM tenant.a;' | Should -Be '42'
        }

        It 'runs the same files for each schema apart' {
            Invoke-PgMigration @connection -Path $folder -Schema a -CreateSchema | Should -HaveCount 3
            Invoke-PgMigration @connection -Path $folder -Schema b -CreateSchema | Should -HaveCount 3
            Invoke-PgMigration @connection -Path $folder -Schema a | Should -BeNullOrEmpty
        }

        It 'keeps the history in public whatever search_path says' {
            Invoke-Sql -Database $database.Name "CREATE SCHEMA elsewhere; ALTER DATABASE $($database.Name) SET search_path = elsewhere;"
            $null = Invoke-PgMigration @connection -Path $folder
            Get-UserObject $database.Name | Should -Contain 'r public.schema_migrations'
            Get-UserObject $database.Name | Should -Contain 'r elsewhere.customers'
        }

        It 'uses another tracking table with -HistoryTable, or -Table' {
            (Invoke-PgMigration @connection -Path $folder -HistoryTable pgm_history)[0].HistoryTable | Should -Be 'pgm_history'
            Invoke-PgMigration @connection -Path $folder -Table pgm_history | Should -BeNullOrEmpty
            Get-UserObject $database.Name | Should -Not -Contain 'r public.schema_migrations'
        }

        It 'keeps modules apart in one table' {
            $folder = New-MigrationFolder @{ '001_a.sql' = 'SELECT 1;' }
            (Invoke-PgMigration @connection -Path $folder -Module one).Module | Should -Be 'one'
            (Invoke-PgMigration @connection -Path $folder -Module two).Module | Should -Be 'two'
            Invoke-PgMigration @connection -Path $folder -Module one | Should -BeNullOrEmpty
            Invoke-Sql -Database $database.Name 'SELECT module_name FROM schema_migrations ORDER BY 1;' | Should -Be 'one', 'two'
        }

        It 'works with quotes, blanks and capitals in schema and table names, from apply to removal' {
            $odd = @{ Schema = "we`"ird sch'ema;--"; HistoryTable = "hist `"ory'' ta%b\le" }
            Invoke-PgMigration @connection @odd -Path $folder -CreateSchema | Should -HaveCount 3
            (Get-PgMigrationStatus @connection @odd -Path $folder).State | Should -Be 'Applied', 'Applied', 'Applied'
            (Undo-PgMigration @connection @odd -Path $folder -Confirm:$false).Version | Should -Be '3'
            (Remove-PgMigrationRecord @connection @odd -Path $folder -Version 2 -Confirm:$false).Version | Should -Be '2'
            Invoke-Sql -Database $database.Name "SELECT count(*) FROM `"we`"`"ird sch'ema;--`".`"hist `"`"ory'' ta%b\le`";" | Should -Be '1'
        }

        It 'never alters a table of that name that belongs to another tool' {
            Invoke-Sql -Database $database.Name 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (7, false);'
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -AllowNonEmpty }
            $failure.FullyQualifiedErrorId | Should -BeLike 'HistoryTableForeign,*'
            $failure.Exception.Message | Should -Match 'golang-migrate'
            $failure.Exception.Message | Should -Match '-HistoryTable'
            Get-UserObject $database.Name | Should -Be 'r public.schema_migrations'
        }
    }

    Context '-Summary' {
        It 'emits one typed summary instead of the results' {
            $summary = @(Invoke-PgMigration @connection -Path $folder -Summary -Steps 2)
            $summary | Should -HaveCount 1
            $summary[0] | Should -BeOfType ([PgMigrate.MigrationRunSummary])
            $summary[0].Status | Should -Be ([PgMigrate.RunStatus]::Success)
            $summary[0].Results.Version | Should -Be '1', '2'
            $summary[0].Applied | Should -Be 2
            $summary[0].Undone | Should -Be 0
            $summary[0].Total | Should -Be 3
            $summary[0].TotalMs | Should -BeGreaterThan 0
            $summary[0].FailedMigration | Should -BeNullOrEmpty
            "$($summary[0].Connection)" | Should -Be $database.Shown
        }

        It 'emits no summary but the error when a step fails' {
            Set-MigrationFile $folder '002_add_email.sql' 'SELECT 1/0;'
            $emitted = [Collections.Generic.List[object]]::new()
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Summary | ForEach-Object { $emitted.Add($_) } }
            $emitted | Should -BeNullOrEmpty
            $failure.TargetObject.Status | Should -Be 'Error'
        }
    }

    Context 'the lock' {
        It 'times out after -LockWait seconds, names the holder, warns before, and changes nothing' {
            $holder = Start-Sql "SET application_name = 'a patient holder'; SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
            try {
                $clock = [Diagnostics.Stopwatch]::StartNew()
                $warnings = [Collections.Generic.List[string]]::new()
                $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -LockWait 6 3>&1 | ForEach-Object { $warnings.Add("$_") } }
                $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 5.5
                $clock.Elapsed.TotalSeconds | Should -BeLessThan 15
                $failure.FullyQualifiedErrorId | Should -BeLike 'LockTimeout,*'
                $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
                $failure.Exception.Message | Should -Match 'a patient holder'
                $warnings | Should -HaveCount 1
                $warnings[0] | Should -Match 'a patient holder'
                Get-UserObject $database.Name | Should -BeNullOrEmpty
            }
            finally {
                Stop-Sql $holder
            }
        }

        It 'does not wait at all with -LockWait 0' {
            $holder = Start-Sql "SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
            try {
                $clock = [Diagnostics.Stopwatch]::StartNew()
                (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -LockWait 0 }).FullyQualifiedErrorId | Should -BeLike 'LockTimeout,*'
                $clock.Elapsed.TotalSeconds | Should -BeLessThan 4
            }
            finally {
                Stop-Sql $holder
            }
        }

        It 'waits for the holder without an open transaction and then applies' {
            $holder = Start-Sql "SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
            $shell = [powershell]::Create()
            try {
                $waiting = $shell.AddScript("Import-Module '$manifestPath'; Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder'").BeginInvoke()
                Wait-Until 'the run waits' { (Get-OurTrace $database.Name) -match '^session' }
                Invoke-Sql "SELECT count(*) FROM pg_stat_activity WHERE datname = '$($database.Name)' AND application_name LIKE 'PgMigrate%' AND (backend_xmin IS NOT NULL OR state LIKE 'idle in transaction%');" | Should -Be '0'
                $waiting.IsCompleted | Should -BeFalse
                Stop-Sql $holder
                $waiting.AsyncWaitHandle.WaitOne(15000) | Should -BeTrue
                $shell.EndInvoke($waiting) | Should -HaveCount 3
            }
            finally {
                Stop-Sql $holder
                $shell.Dispose()
            }
        }

        It 'is another one for another tracking table' {
            $holder = Start-Sql "SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
            try {
                Invoke-PgMigration @connection -Path $folder -HistoryTable other_history -LockWait 0 | Should -HaveCount 3
            }
            finally {
                Stop-Sql $holder
            }
        }
    }

    Context 'streams' {
        It 'shows statements on the verbose stream, without the password of CREATE ROLE' {
            $role = "pgm_$([Guid]::NewGuid().ToString('n').Substring(0, 12))"
            $folder = New-MigrationFolder @{ '001_role.sql' = "CREATE ROLE $role LOGIN PASSWORD 's3cr''et-1';`nALTER ROLE $role WITH ENCRYPTED PASSWORD E'tricky\'s3cret-2';`nALTER ROLE $role PASSWORD `$x`$s3cret-3`$x`$;`nDROP ROLE $role;" }
            $lines = @(Invoke-PgMigration @connection -Path $folder -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message)
            $text = $lines -join "`n"
            $text | Should -Match "CREATE ROLE $role LOGIN PASSWORD '\*\*\*'"
            $text | Should -Match "DROP ROLE $role"
            $text | Should -Not -Match 's3cr'
            $text | Should -Match 'Applied 001_role\.sql: 4 statements'
        }

        It 'says on the verbose stream where the connection came from, without its password' {
            $text = "$(Invoke-PgMigration -ConnectionString "$($database.ConnectionString);Password=hunter2-x" -Path $folder -Verbose 4>&1)"
            $text | Should -Match ([regex]::Escape("Connection: $($database.Shown) from -ConnectionString"))
            $text | Should -Not -Match 'hunter2'
        }

        It 'writes notices as information and the server''s warnings as warnings, in order' {
            $folder = New-MigrationFolder @{ '001_talk.sql' = "DO `$`$ BEGIN RAISE NOTICE 'first note'; RAISE WARNING 'a warning'; RAISE INFO 'an info'; END `$`$;" }
            $result = Invoke-PgMigration @connection -Path $folder -InformationVariable notes -WarningVariable warnings 3>$null 6>$null
            "$($notes | ForEach-Object MessageData)" | Should -Be 'first note an info'
            $notes[0].Tags | Should -Contain 'PgMigrate'
            "$warnings" | Should -Be 'a warning'
            $result.Notices | Should -Be 3
        }

        It 'writes progress with the position and the file, and completes it at the end' {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$manifestPath'; Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder'").Invoke()
                $shell.HadErrors | Should -BeFalse
                $records = @($shell.Streams.Progress | Where-Object Activity -Match 'PgMigrate|migrations')
                $records.StatusDescription | Should -Contain '2 of 3: 002_add_email.sql'
                $records[-1].RecordType | Should -Be 'Completed'
                @($records | Where-Object RecordType -EQ 'Processing').PercentComplete | Should -Be 0, 33, 66
            }
            finally {
                $shell.Dispose()
            }
        }

        It 'shows the statement that runs for longer than a second' {
            $folder = New-MigrationFolder @{ '001_slow.sql' = 'SELECT pg_sleep(3.5);' }
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$manifestPath'; Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder'").Invoke()
                @($shell.Streams.Progress | Where-Object CurrentOperation -Match 'pg_sleep').Count | Should -BeGreaterThan 0
            }
            finally {
                $shell.Dispose()
            }
        }
    }

    Context 'data for other programs' {
        It 'converts results and summaries to clean JSON and CSV' {
            $secret = @{ ConnectionString = "$($database.ConnectionString);Password=hunter2-y" }
            $results = Invoke-PgMigration @secret -Path $folder -Steps 2
            $summary = Invoke-PgMigration @secret -Path $folder -Summary

            $json = $results | ConvertTo-Json -Depth 5
            $json | Should -Not -Match 'hunter2|_settings'
            $read = $json | ConvertFrom-Json
            $read[0].DurationMs | Should -BeOfType ([double])
            ($read[0].Connection.psobject.Properties.Name | Sort-Object) | Should -Be 'Database', 'HostName', 'Port', 'UserName'
            $summaryJson = $summary | ConvertTo-Json -Depth 8 -WarningVariable truncated
            $summaryJson | Should -Not -Match 'hunter2|_settings'
            $truncated | Should -BeNullOrEmpty

            $csv = $results | ConvertTo-Csv
            "$csv" | Should -Not -Match 'hunter2|System\.|PgMigrate\.'
            ($csv | ConvertFrom-Csv)[0].Connection | Should -Be $database.Shown
            ($csv | ConvertFrom-Csv)[0].Outcome | Should -Be 'Applied'
        }
    }

    Context 'placeholders' {
        It 'are replaced by schema, tables and -Variable, and do not change the checksum' {
            $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE {{tables.a}} (v text DEFAULT '{{other}}');`nINSERT INTO {{schema}}.a VALUES ('{{vars.greeting}}');" }
            $with = Invoke-PgMigration @connection -Path $folder -Schema tenant -CreateSchema -Variable @{ greeting = 'hello' }
            $without = Invoke-PgMigration @connection -Path $folder -Variable @{ greeting = 5 } -AllowNonEmpty
            Invoke-Sql -Database $database.Name 'SELECT v FROM tenant.a; SELECT v FROM public.a;' | Should -Be 'hello', '5'
            Invoke-Sql -Database $database.Name "INSERT INTO public.a DEFAULT VALUES; SELECT v FROM public.a WHERE v LIKE '{%';" | Should -Be '{{other}}'
            $with.Checksum | Should -Be $without.Checksum
        }

        It 'without a value are an error with file, line and column, and nothing runs' {
            $folder = New-MigrationFolder @{ '001_a.sql' = 'CREATE TABLE a (id int);'; '002_b.sql' = "SELECT 1;`nSELECT '{{vars.nothing}}';" }
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'PlaceholderInvalid,*'
            $failure.Exception.Message | Should -Match '^002_b\.sql:2:9: .*-Variable @\{ nothing'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'of a SecureString show as *** on every stream, in the error and in the log' {
            $folder = New-MigrationFolder @{
                '001_a.sql' = "DO `$`$ BEGIN RAISE NOTICE 'n {{vars.key}}'; RAISE WARNING 'w {{vars.key}}'; END `$`$;`nSELECT pg_sleep(2.5), '{{vars.key}}';"
                '002_b.sql' = "SELECT '{{vars.key}}'::int;"
            }
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("param(`$key) Import-Module '$manifestPath'; Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder' -Variable @{ key = `$key } -Verbose").AddArgument((ConvertTo-Secure 'hunter2-k'))
                $results = $shell.Invoke()
                $streams = $shell.Streams
                $everything = @($results) + @($streams.Verbose) + @($streams.Warning) + @($streams.Information) + @($streams.Progress) + @($streams.Error) |
                    ForEach-Object { "$_"; $_ | Format-List * -Force | Out-String -Width 300 }
                $everything += @($streams.Error) | ForEach-Object { $_.Exception | Format-List * -Force | Out-String -Width 300; "$($_.Exception)"; $_.TargetObject | ConvertTo-Json -Depth 6 }
                "$($streams.Warning)" | Should -Be 'w ***'
                "$($streams.Information)" | Should -Be 'n ***'
                @($streams.Progress | Where-Object CurrentOperation -Match 'pg_sleep') | Should -Not -BeNullOrEmpty
                "$($streams.Verbose)" | Should -Match "pg_sleep\(2\.5\), '\*\*\*'"
                $streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*'
                $everything -split "`n" | Where-Object { $_ -match 'hunter2-k' } | Should -BeNullOrEmpty
            }
            finally {
                $shell.Dispose()
            }
            Invoke-Sql -Database $database.Name 'SELECT * FROM schema_migrations_log; SELECT * FROM schema_migrations;' | Should -Not -Match 'hunter2-k'
        }
    }

    Context 'dependencies' {
        It 'run first, whatever the versions say' {
            $folder = New-MigrationFolder @{ '001_b.sql' = "-- Depends: 002_a`nINSERT INTO a VALUES (1);"; '002_a.sql' = 'CREATE TABLE a (id int);' }
            (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '2', '1'
            (Get-PgMigrationStatus @connection -Path $folder | Where-Object Version -EQ 1).DependsOn | Should -Be '002_a'
        }

        It 'that are <Name> are an error, and nothing runs' -ForEach @(
            @{ Name = 'missing'; Id = 'DependencyMissing'; First = "-- Depends: 009_none`nSELECT 1;" }
            @{ Name = 'a cycle'; Id = 'DependencyCycle'; First = "-- Depends: 002_b`nSELECT 1;" }
        ) {
            $folder = New-MigrationFolder @{ '001_a.sql' = $First; '002_b.sql' = "-- Depends: 001_a`nSELECT 2;" }
            (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }).FullyQualifiedErrorId | Should -BeLike "$Id,*"
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'stay applied while something that depends on them is' {
            $folder = New-MigrationFolder @{ '001_a.sql' = "-- UP`nSELECT 1;`n-- DOWN`nSELECT 1;"; '002_b.sql' = "-- Depends: 001_a`n-- UP`nSELECT 2;`n-- DOWN`nSELECT 2;" }
            $null = Invoke-PgMigration @connection -Path $folder
            $failure = Get-ErrorOf { Undo-PgMigration @connection -Path $folder -Version 1 -Confirm:$false }
            $failure.Exception.Message | Should -Match '002_b'
            Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations;' | Should -Be '2'
        }
    }

    Context 'completion' {
        It 'offers versions and names of the folder for -Target and -Version, and variables for -ConnectionName' {
            function Get-Completion { param([string] $Line) (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }
            Get-Completion "Invoke-PgMigration -Path '$folder' -Target 002" | Should -Be '002_add_email'
            Get-Completion "Undo-PgMigration -Path '$folder' -Version 00" | Should -Be '001_create_customers', '002_add_email', '003_create_orders'
            Use-Environment @{ DATABASE_URL_ANALYTICS = 'x' } {
                Get-Completion 'Get-PgMigrationStatus -ConnectionName an' | Should -Be 'analytics'
            }
        }
    }

    Context 'unsupported SQL is an error, never misread' {
        It 'refuses <File> as <Id> and changes nothing' -ForEach @(
            @{ Id = 'MixedTransaction'; File = 'VACUUM beside others'; Sql = "SELECT 1;`nVACUUM;" }
            @{ Id = 'CopyNotSupported'; File = 'COPY to the client'; Sql = "CREATE TABLE a (id int);`nCOPY a TO STDOUT;`n" }
            @{ Id = 'PsqlCommandNotSupported'; File = 'a psql command'; Sql = "\connect other`nSELECT 1;" }
            @{ Id = 'IncludeInvalid'; File = 'a file outside the folder'; Sql = "\i /etc/hostname`nSELECT 1;" }
            @{ Id = 'TransactionControl'; File = 'a COMMIT'; Sql = "CREATE TABLE a (id int);`nCOMMIT;`nCREATE TABLE b (id int);" }
        ) {
            $folder = New-MigrationFolder @{ '001_fine.sql' = 'CREATE TABLE fine (id int);'; '002_new.sql' = $Sql }
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike "$Id,*"
            $failure.Exception.Message | Should -Match '002_new\.sql'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'runs COPY with its rows and the supported psql commands' {
            $folder = New-MigrationFolder @{ '001_rows.sql' = @'
\set ON_ERROR_STOP on
\set who :'owner'
CREATE TABLE a (id int, name text);
\if :{?owner}
\echo rows for :who
COPY a FROM STDIN;
1	first
2	second
\.
\endif
\warn look at :owner
INSERT INTO a VALUES (3, :'owner');
'@ }
            $result = Invoke-PgMigration @connection -Path $folder -Variable @{ owner = 'team' } -Verbose -WarningVariable warned 3>$null 4>&1
            $result.Where({ $_ -is [PgMigrate.MigrationResult] }).RowsAffected | Should -Be 3
            $result.Where({ $_ -is [System.Management.Automation.VerboseRecord] }).Message | Should -Contain "rows for 'team'"
            $warned | Should -Be 'look at team'
            Invoke-Sql -Database $database.Name "SELECT string_agg(name, ',' ORDER BY id) FROM a;" | Should -Be 'first,second,team'
        }

        It 'runs a file with one BEGIN and COMMIT around it as one transaction with its record' {
            $folder = New-MigrationFolder @{ '001_wrapped.sql' = "BEGIN;`nCREATE TABLE a (id int);`nINSERT INTO a VALUES (1);`nCOMMIT;`n" }
            (Invoke-PgMigration @connection -Path $folder).StatementCount | Should -Be 2
            Invoke-Sql -Database $database.Name 'SELECT (SELECT xmin FROM a) = (SELECT xmin FROM schema_migrations);' | Should -Be 't'
        }
    }
}
