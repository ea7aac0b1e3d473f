BeforeAll {
    . $PSScriptRoot/common.ps1
    $nowhere = 'postgresql://nobody@127.0.0.1:1/nothing'
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Pipelines' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
    }

    Context 'statuses' {
        It 'applies what is pending' {
            (Get-PgMigrationStatus @connection -Path $folder | Where-Object Pending | Invoke-PgMigration).Version | Should -Be '1', '2', '3'
            Get-PgMigrationStatus @connection -Path $folder | Where-Object Pending | Invoke-PgMigration | Should -BeNullOrEmpty
        }

        It 'uses the connection, folder, schema, table and module of the objects, whatever the environment' {
            Use-Environment @{ DATABASE_URL = $nowhere; PGHOST = '127.0.0.1'; PGPORT = '1' } {
                $results = Get-PgMigrationStatus @connection -Path $folder -Schema public -HistoryTable h -Module m | Invoke-PgMigration
                $results.Outcome | Should -Be 'Applied', 'Applied', 'Applied'
                $results[0].HistoryTable | Should -Be 'h'
                $results[0].Module | Should -Be 'm'
                "$($results[0].Connection)" | Should -Be $database.Shown
            }
            Invoke-Sql -Database $database.Name 'SELECT DISTINCT module_name FROM h;' | Should -Be 'm'
        }

        It 'orders them by the plan, not by their arrival' {
            (Get-PgMigrationStatus @connection -Path $folder | Sort-Object Order -Descending | Invoke-PgMigration).Version | Should -Be '1', '2', '3'
        }

        It 'undoes of them no more than -Steps and -Target allow' {
            $null = Invoke-PgMigration @connection -Path $folder
            (Get-PgMigrationStatus @connection -Path $folder | Undo-PgMigration -Target 2 -WhatIf).Version | Should -Be '3'
            Get-PgMigrationStatus @connection -Path $folder | Undo-PgMigration -Steps 0 -Confirm:$false | Should -BeNullOrEmpty
            (Get-PgMigrationStatus @connection -Path $folder | Undo-PgMigration -Steps 1 -Confirm:$false).Version | Should -Be '3'
            (Get-PgMigrationStatus @connection -Path $folder | Where-Object Applied).Version | Should -Be '1', '2'
        }

        It 'applies a choice of the command line once, however many objects arrive' {
            (Get-PgMigrationStatus @connection -Path $folder | Invoke-PgMigration -Version 1 -WhatIf).Version | Should -Be '1'
        }

        It 'runs a migration that arrives twice once' {
            $rows = Get-PgMigrationStatus @connection -Path $folder
            (@($rows) + @($rows) | Invoke-PgMigration).Version | Should -Be '1', '2', '3'
        }

        It 'runs exactly the chosen one, refusing a skipped predecessor' {
            $failures = $null
            Get-PgMigrationStatus @connection -Path $folder | Where-Object Version -EQ 2 |
                Invoke-PgMigration -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failures | Should -HaveCount 1
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'PredecessorSkipped,*'
            $failures[0].TargetObject | Should -BeOfType ([PgMigrate.MigrationRunSummary])
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'applies it with -OutOfOrder Apply, and no other' {
            Set-MigrationFile $folder '002_add_email.sql' 'SELECT 2;'
            (Get-PgMigrationStatus @connection -Path $folder | Where-Object Version -EQ 2 | Invoke-PgMigration -OutOfOrder Apply).Version | Should -Be '2'
            Invoke-Sql -Database $database.Name 'SELECT version FROM schema_migrations;' | Should -Be '2'
        }

        It 'does not prompt for pending migrations that were not piped' {
            (Get-PgMigrationStatus @connection -Path $folder | Select-Object -First 2 | Invoke-PgMigration).Version | Should -Be '1', '2'
        }

        It 'writes nothing with -WhatIf' {
            (Get-PgMigrationStatus @connection -Path $folder | Invoke-PgMigration -WhatIf).Outcome | Should -Be 'WouldApply', 'WouldApply', 'WouldApply'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'removes the records of files that are gone' {
            $null = Invoke-PgMigration @connection -Path $folder
            Remove-Item "$folder/001_create_customers.sql", "$folder/003_create_orders.sql"
            $removed = Get-PgMigrationStatus @connection -Path $folder | Where-Object State -EQ Missing | Remove-PgMigrationRecord -Confirm:$false
            $removed.Version | Sort-Object | Should -Be '1', '3'
            Invoke-Sql -Database $database.Name 'SELECT version FROM schema_migrations;' | Should -Be '2'
        }

        It 'undoes them newest first' {
            $null = Invoke-PgMigration @connection -Path $folder
            (Get-PgMigrationStatus @connection -Path $folder | Where-Object Order -GT 1 | Undo-PgMigration -Confirm:$false).Version | Should -Be '3', '2'
        }

        It 'accepts results as well: the applied migrations are undone' {
            $undone = Invoke-PgMigration @connection -Path $folder | Undo-PgMigration -Confirm:$false
            $undone.Version | Should -Be '3', '2', '1'
        }

        It 'runs the statuses of two databases, each on its own' {
            $other = New-TestDatabase
            $rows = @(Get-PgMigrationStatus @connection -Path $folder) + @(Get-PgMigrationStatus -ConnectionString $other.ConnectionString -Path $folder | Select-Object -First 1)
            $results = $rows | Invoke-PgMigration
            ($results | Where-Object { "$($_.Connection)" -eq $database.Shown }).Version | Should -Be '1', '2', '3'
            ($results | Where-Object { "$($_.Connection)" -eq $other.Shown }).Version | Should -Be '1'
        }
    }

    Context 'TargetMismatch' {
        It 'refuses a piped object of another <Part>, and runs nothing anywhere' -ForEach @(
            @{ Part = 'database'; Arguments = { @{ ConnectionString = $other.ConnectionString } } }
            @{ Part = 'database by its name'; Arguments = { @{ Database = $other.Name; HostName = $server.HostName; Port = $server.Port } } }
            @{ Part = 'host'; Arguments = { @{ ConnectionString = $database.ConnectionString -replace 'Host=[^;]*', 'Host=another.invalid' } } }
        ) {
            $other = New-TestDatabase
            $arguments = & $Arguments
            $failures = $null
            Get-PgMigrationStatus @connection -Path $folder | Invoke-PgMigration @arguments -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'TargetMismatch,*'
            $failures[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
            $failures[0].Exception.Message | Should -Match $database.Name
            Get-UserObject $database.Name | Should -BeNullOrEmpty
            Get-UserObject $other.Name | Should -BeNullOrEmpty
        }

        It 'refuses an object that went through <_>, even when the environment would fit' -ForEach 'CliXml', 'CSV', 'JSON' {
            $rows = Get-PgMigrationStatus @connection -Path $folder
            $file = Join-Path $TestDrive "rows-$([Guid]::NewGuid().ToString('n'))"
            $read = switch ($_) {
                'CliXml' { $rows | Export-Clixml $file; Import-Clixml $file }
                'CSV' { $rows | Export-Csv $file; Import-Csv $file }
                'JSON' { $rows | ConvertTo-Json -Depth 4 | ConvertFrom-Json }
            }
            Use-Environment @{ DATABASE_URL = $database.Uri } {
                $failures = $null
                $read | Invoke-PgMigration -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
                @($failures.FullyQualifiedErrorId) | Should -BeLike 'TargetMismatch,*'
                $failures = $null
                $read | Remove-PgMigrationRecord -Confirm:$false -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
                @($failures.FullyQualifiedErrorId) | Should -BeLike 'TargetMismatch,*'
            }
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'runs nothing at all when only some of the piped objects lost their connection: <_>' -ForEach 'Invoke-PgMigration', 'Remove-PgMigrationRecord' {
            $null = Invoke-PgMigration @connection -Path $folder -Steps 1
            $rows = Get-PgMigrationStatus @connection -Path $folder
            $failures = $null
            @($rows[0..1]) + @($rows[2] | ConvertTo-Csv | ConvertFrom-Csv) |
                & $_ -Confirm:$false -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            @($failures.FullyQualifiedErrorId) | Should -BeLike 'TargetMismatch,*'
            Invoke-Sql -Database $database.Name 'SELECT version FROM schema_migrations;' | Should -Be '1'
        }

        It 'refuses it with explicit connection parameters as well' {
            $rows = Get-PgMigrationStatus @connection -Path $folder | ConvertTo-Csv | ConvertFrom-Csv
            (Get-ErrorOf { $rows | Invoke-PgMigration @connection -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'TargetMismatch,*'
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'accepts it once its Connection property is removed and the database is named' {
            $rows = Get-PgMigrationStatus @connection -Path $folder | ConvertTo-Csv | ConvertFrom-Csv | Select-Object -Property * -ExcludeProperty Connection
            ($rows | Invoke-PgMigration @connection).Version | Should -Be '1', '2', '3'
        }

        It 'accepts connection parameters that name the same database' {
            (Get-PgMigrationStatus @connection -Path $folder | Invoke-PgMigration @connection).Version | Should -Be '1', '2', '3'
        }
    }

    Context 'folders and tenants' {
        BeforeEach {
            $services = New-MigrationFolder @{
                'a/migrations/001_a.sql' = 'CREATE TABLE a (id int);'
                'b/migrations/001_b.sql' = 'CREATE TABLE b (id int);'
                'c/migrations/001_c.sql' = 'CREATE TABLE c (id int);'
            }
        }

        It 'runs one folder for each service as they arrive' {
            $results = Get-ChildItem $services -Directory | Invoke-PgMigration @connection -Path { "$($_.FullName)/migrations" } -Module { $_.Name }
            $results.Name | Should -Be '001_a', '001_b', '001_c'
            $results.Module | Should -Be 'a', 'b', 'c'
        }

        It 'binds Path, Module, Schema and HistoryTable by property name' {
            $rows = 'a', 'b' | ForEach-Object { [pscustomobject]@{ Path = "$services/$_/migrations"; Module = "m$_"; Schema = "s$_"; HistoryTable = "h$_" } }
            $results = $rows | Invoke-PgMigration @connection -CreateSchema
            $results.Module | Should -Be 'ma', 'mb'
            $results.Schema | Should -Be 'sa', 'sb'
            $results.HistoryTable | Should -Be 'ha', 'hb'
        }

        It 'ignores the Name of a piped object, and its Database beside a connection string' {
            $rows = [pscustomobject]@{ Path = "$services/a/migrations"; Name = 'nothing'; Database = 'nothing'; Version = $null }
            { $rows | Select-Object Path, Name, Database | Invoke-PgMigration @connection -ErrorAction Stop } | Should -Not -Throw
            Invoke-Sql -Database $database.Name 'SELECT name FROM schema_migrations;' | Should -Be '001_a'
        }

        It 'continues with the next one after an error, one for each target' {
            Set-MigrationFile $services 'b/migrations/001_b.sql' 'SELECT 1/0;'
            $ErrorActionPreference = 'Continue'
            $failures = $null
            $results = Get-ChildItem $services -Directory |
                Invoke-PgMigration @connection -Path { "$($_.FullName)/migrations" } -Module { $_.Name } -ErrorVariable failures 2>$null
            $results.Outcome | Should -Be 'Applied', 'Failed', 'Applied'
            $failures | Should -HaveCount 1
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*'
            $failures[0].TargetObject.Module | Should -Be 'b'
            "$($failures[0])" | Should -BeLike "001_b.sql:1:*(Module b, schema public, on $($database.Shown).)"
            $failures[0].TargetObject.FailedMigration | Should -Be '001_b.sql'
            $failures[0].TargetObject.Results | Should -HaveCount 1
        }

        It 'stops at the first error with -ErrorAction Stop' {
            Set-MigrationFile $services 'b/migrations/001_b.sql' 'SELECT 1/0;'
            $failure = Get-ErrorOf { Get-ChildItem $services -Directory | Invoke-PgMigration @connection -Path { "$($_.FullName)/migrations" } -Module { $_.Name } -ErrorAction Stop }
            $failure.TargetObject.FailedMigration | Should -Be '001_b.sql'
            Invoke-Sql -Database $database.Name "SELECT to_regclass('a') IS NOT NULL, to_regclass('c') IS NULL;" | Should -Be 't|t'
        }

        It 'continues with the next folder when one does not exist' {
            Remove-Item "$services/b/migrations" -Recurse
            $failures = $null
            $results = Get-ChildItem $services -Directory |
                Invoke-PgMigration @connection -Path { "$($_.FullName)/migrations" } -Module { $_.Name } -ErrorVariable failures -ErrorAction SilentlyContinue
            $results.Module | Should -Be 'a', 'c'
            $failures.FullyQualifiedErrorId | Should -BeLike 'FolderNotFound,*'
        }

        It 'emits one summary for each with -Summary' {
            $summaries = Get-ChildItem $services -Directory | Invoke-PgMigration @connection -Path { "$($_.FullName)/migrations" } -Module { $_.Name } -Summary
            $summaries.Module | Should -Be 'a', 'b', 'c'
            $summaries.Status | Should -Be 'Success', 'Success', 'Success'
        }
    }

    Context 'errors' {
        It 'is terminating without pipeline input: the statement ends there' {
            $ErrorActionPreference = 'Continue'
            Set-MigrationFile $folder '001_create_customers.sql' 'SELECT 1/0;'
            $isReached = $false
            $caught = $null
            try {
                $null = Invoke-PgMigration @connection -Path $folder
                $isReached = $true
            }
            catch {
                $caught = $_
            }
            $isReached | Should -BeFalse
            $caught.FullyQualifiedErrorId | Should -BeExactly 'MigrationFailed,PgMigrate.PowerShell.Commands.InvokePgMigrationCommand'
        }

        It 'makes pwsh -File exit non-zero with $ErrorActionPreference Stop, and only then' {
            Set-MigrationFile $folder '001_create_customers.sql' 'SELECT 1/0;'
            $environment = @{ DATABASE_URL = $database.Uri }
            $run = Invoke-Pwsh "`$ErrorActionPreference = 'Stop'`nInvoke-PgMigration -Path '$folder'`n'not reached'" -Environment $environment
            $run.ExitCode | Should -Be 1
            $run.Output | Should -Not -Match 'not reached'
            "$($run.Error)" -replace '\s+(\|\s+)?', ' ' | Should -Match '001_create_customers\.sql:1:1: division by zero'
            (Invoke-Pwsh "Invoke-PgMigration -Path '$folder'" -Environment $environment).ExitCode | Should -Be 0
        }

        It 'has an id that starts with the code, and the exception knows it too' {
            $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path (Join-Path $TestDrive 'nowhere') }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'FolderNotFound,PgMigrate.PowerShell.Commands.InvokePgMigrationCommand'
            $failure.Exception.Code | Should -BeExactly 'FolderNotFound'
            $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        }
    }
}
