BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Get-PgMigrationStatus' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
    }

    Context 'rows' {
        It 'lists everything as pending before the first run, and writes nothing' {
            $rows = @(Get-PgMigrationStatus @connection -Path $folder)
            $rows | Should -HaveCount 3
            $rows | ForEach-Object { $_ | Should -BeOfType ([PgMigrate.MigrationStatus]) }
            $rows.State | Should -Be 'Pending', 'Pending', 'Pending'
            $rows.Pending | Should -Be $true, $true, $true
            $rows.Applied | Should -Be $false, $false, $false
            Get-UserObject $database.Name | Should -BeNullOrEmpty
        }

        It 'fills every property of an applied migration' {
            $result = @(Invoke-PgMigration @connection -Path $folder)[0]
            $row = @(Get-PgMigrationStatus @connection -Path $folder)[0]
            $row.Order | Should -Be 1
            $row.Version | Should -BeExactly '1'
            $row.Name | Should -BeExactly '001_create_customers'
            $row.FileName | Should -BeExactly '001_create_customers.sql'
            $row.FilePath | Should -BeExactly (Join-Path $folder '001_create_customers.sql')
            $row.Folder | Should -BeExactly $folder
            $row.Module | Should -BeExactly 'default'
            $row.Schema | Should -BeExactly 'public'
            $row.HistoryTable | Should -BeExactly 'schema_migrations'
            "$($row.Connection)" | Should -BeExactly $database.Shown
            $row.State | Should -Be ([PgMigrate.MigrationState]::Applied)
            $row.Applied | Should -BeTrue
            $row.Pending | Should -BeFalse
            $row.AppliedAt | Should -Be $result.AppliedAt
            $row.AppliedBy | Should -BeExactly $server.UserName
            $row.DurationMs | Should -Be $result.DurationMs
            $row.Checksum | Should -BeExactly $result.Checksum
            $row.CurrentChecksum | Should -BeExactly $result.Checksum
            $row.Description | Should -BeExactly 'Who buys'
            $row.DependsOn | Should -BeNullOrEmpty
            $row.HasUndo | Should -BeTrue
        }

        It 'shows the state <State>' -ForEach @(
            @{ State = 'Modified'; Applied = $true; Change = { Set-MigrationFile $folder '002_add_email.sql' 'ALTER TABLE customers ADD email varchar;' } }
            @{ State = 'Missing'; Applied = $true; Change = { Remove-Item "$folder/002_add_email.sql" } }
            @{ State = 'Renamed'; Applied = $true; Change = { Rename-Item "$folder/002_add_email.sql" '2_mail.sql' } }
            @{ State = 'OutOfOrder'; Applied = $false; Change = { Invoke-Sql -Database $database.Name "DELETE FROM schema_migrations WHERE version = '2';" } }
            @{ State = 'Interrupted'; Applied = $false; Change = { Invoke-Sql -Database $database.Name "UPDATE schema_migrations SET state = 'interrupted' WHERE version = '2';" } }
            @{ State = 'Applied'; Applied = $true; Change = { Set-MigrationFile $folder '002_add_email.sql' ($sampleFiles['002_add_email.sql'] -replace 'DROP COLUMN', 'DROP COLUMN IF EXISTS') } }
        ) {
            $null = Invoke-PgMigration @connection -Path $folder
            & $Change
            $rows = @(Get-PgMigrationStatus @connection -Path $folder)
            $rows.Version | Should -Be '1', '2', '3'
            "$($rows[1].State)" | Should -Be $State
            $rows[1].Applied | Should -Be $Applied
            $rows[1].Pending | Should -Be (-not $Applied)
            $rows[0].State | Should -Be 'Applied'
        }

        It 'keeps name, file and checksum of a migration whose file is gone' {
            $null = Invoke-PgMigration @connection -Path $folder
            Remove-Item "$folder/003_create_orders.sql"
            $row = Get-PgMigrationStatus @connection -Path $folder -Version 3
            $row.Name | Should -Be '003_create_orders'
            $row.FilePath | Should -BeNullOrEmpty
            $row.CurrentChecksum | Should -BeNullOrEmpty
            $row.Checksum | Should -Match '^[0-9a-f]{64}$'
            $row.HasUndo | Should -BeTrue
        }

        It 'shows the same checksum for CRLF, a BOM and blank lines at the end' {
            $null = Invoke-PgMigration @connection -Path $folder
            $text = $sampleFiles['001_create_customers.sql'].Replace("`n", "`r`n") + "`r`n`r`n"
            Set-MigrationFile $folder '001_create_customers.sql' ([byte[]](@(0xEF, 0xBB, 0xBF) + [Text.Encoding]::UTF8.GetBytes($text)))
            (Get-PgMigrationStatus @connection -Path $folder -Version 1).State | Should -Be 'Applied'
        }

        It 'accepts versions and names with -Version, each once and in plan order' {
            (Get-PgMigrationStatus @connection -Path $folder -Version 003, 001_create_customers, 1).Version | Should -Be '1', '3'
        }

        It 'refuses a -Version that is neither in the folder nor in the history' {
            (Get-ErrorOf { Get-PgMigrationStatus @connection -Path $folder -Version 1, 99 }).FullyQualifiedErrorId | Should -BeLike 'MigrationNotFound,*'
        }

        It 'reads only the module, schema and table that are asked for' {
            $null = Invoke-PgMigration @connection -Path $folder -Schema tenant -CreateSchema -HistoryTable h
            (Get-PgMigrationStatus @connection -Path $folder -Schema tenant -HistoryTable h).State | Should -Be 'Applied', 'Applied', 'Applied'
            (Get-PgMigrationStatus @connection -Path $folder -Schema tenant -HistoryTable h -Module other).State | Should -Be 'Pending', 'Pending', 'Pending'
            (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Pending', 'Pending', 'Pending'
            (Get-PgMigrationStatus @connection -Path $folder -Schema nowhere).State | Should -Be 'Pending', 'Pending', 'Pending'
        }

        It 'lists the good files and warns of the others' {
            Set-MigrationFile $folder '004_bad.sql' ([byte[]](0x53, 0xFF))
            Set-MigrationFile $folder 'no version.sql' 'SELECT 1;'
            $rows = Get-PgMigrationStatus @connection -Path $folder -WarningVariable warnings 3>$null
            $rows.Version | Should -Be '1', '2', '3'
            ($warnings -match '004_bad\.sql:1: .*byte offset 1') | Should -HaveCount 1
            ($warnings -match 'no version\.sql') | Should -HaveCount 1
        }

        It 'ignores dot files, other extensions and subfolders' {
            foreach ($file in '.004_hidden.sql', '004_notes.txt', '004_backup.sql.bak', 'sub/004_deep.sql') {
                Set-MigrationFile $folder $file 'SELECT 1;'
            }
            Get-PgMigrationStatus @connection -Path $folder -WarningVariable warnings | Should -HaveCount 3
            $warnings | Should -BeNullOrEmpty
        }

        It 'needs no more than SELECT on the two tables' {
            $null = Invoke-PgMigration @connection -Path $folder -Steps 1
            $reader = New-TestRole
            Invoke-Sql -Database $database.Name "GRANT SELECT ON schema_migrations, schema_migrations_log TO $reader; ALTER ROLE $reader SET default_transaction_read_only = on;"
            $as = @{ ConnectionString = $database.ConnectionString -replace 'Username=[^;]*', "Username=$reader" }
            (Get-PgMigrationStatus @as -Path $folder).State | Should -Be 'Applied', 'Pending', 'Pending'
            Get-PgMigrationStatus @as -Path $folder -History | Should -HaveCount 1
        }

        It 'says which right is missing' {
            $null = Invoke-PgMigration @connection -Path $folder -Steps 1
            $reader = New-TestRole
            $failure = Get-ErrorOf { Get-PgMigrationStatus -ConnectionString ($database.ConnectionString -replace 'Username=[^;]*', "Username=$reader") -Path $folder }
            $failure.FullyQualifiedErrorId | Should -BeLike 'HistoryReadDenied,*'
            $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
            $failure.Exception.Message | Should -Match 'SELECT'

            Invoke-Sql -Database $database.Name "GRANT SELECT ON schema_migrations TO $reader;"
            $as = @{ ConnectionString = $database.ConnectionString -replace 'Username=[^;]*', "Username=$reader" }
            (Get-PgMigrationStatus @as -Path $folder).State | Should -Be 'Applied', 'Pending', 'Pending'
            $failure = Get-ErrorOf { Get-PgMigrationStatus @as -Path $folder -History }
            $failure.FullyQualifiedErrorId | Should -BeLike 'HistoryReadDenied,*'
            $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
            $failure.Exception.Message | Should -BeLike "*GRANT SELECT ON `"public`".`"schema_migrations_log`" TO `"$reader`";"
        }

        It 'refuses a history that a newer PgMigrate wrote' {
            $null = Invoke-PgMigration @connection -Path $folder
            Invoke-Sql -Database $database.Name "COMMENT ON TABLE schema_migrations IS 'PgMigrate history, format 999';"
            (Get-ErrorOf { Get-PgMigrationStatus @connection -Path $folder }).FullyQualifiedErrorId | Should -BeLike 'HistoryFormatNewer,*'
        }
    }

    Context 'views' {
        It 'write dates of the Gregorian calendar, whatever the culture counts by: <_>' -ForEach 'th-TH', 'ar-SA', 'fa-IR' {
            $null = Invoke-PgMigration @connection -Path $folder
            $day = [datetime]::Now.ToString('yyyy-MM', [cultureinfo]::InvariantCulture)
            $before = [cultureinfo]::CurrentCulture
            try {
                [cultureinfo]::CurrentCulture = $_
                $status = Get-PgMigrationStatus @connection -Path $folder | Out-String
                $history = Get-PgMigrationStatus @connection -Path $folder -History | Out-String
            }
            finally {
                [cultureinfo]::CurrentCulture = $before
            }
            $status | Should -Match "$day-\d\d \d\d:\d\d "
            $history | Should -Match "$day-\d\d \d\d:\d\d:\d\d "
        }
    }

    Context '-Summary' {
        It 'counts, and is up to date only when nothing is pending or changed' {
            $null = Invoke-PgMigration @connection -Path $folder
            $summary = Get-PgMigrationStatus @connection -Path $folder -Summary
            $summary | Should -BeOfType ([PgMigrate.MigrationStatusSummary])
            $summary.IsUpToDate | Should -BeTrue
            $summary.Total, $summary.Applied, $summary.Pending, $summary.OutOfOrder, $summary.Modified, $summary.Missing, $summary.Files |
                Should -Be 3, 3, 0, 0, 0, 0, 3
            $summary.CurrentVersion | Should -Be '3'
            $summary.Folder | Should -Be $folder
            "$($summary.Connection)" | Should -Be $database.Shown

            Set-MigrationFile $folder '004_new.sql' 'SELECT 1;'
            Set-MigrationFile $folder '001_create_customers.sql' 'SELECT 2;'
            Remove-Item "$folder/002_add_email.sql"
            Invoke-Sql -Database $database.Name "DELETE FROM schema_migrations WHERE version = '1'; UPDATE schema_migrations SET up_checksum = 'x', checksum = 'x' WHERE version = '3';"
            $summary = Get-PgMigrationStatus @connection -Path $folder -Summary
            $summary.IsUpToDate | Should -BeFalse
            $summary.Total, $summary.Applied, $summary.Pending, $summary.OutOfOrder, $summary.Modified, $summary.Missing, $summary.Files |
                Should -Be 4, 2, 2, 1, 1, 1, 3
        }

        It 'is not up to date when <_>' -ForEach 'a file is pending', 'an applied file changed', 'a file cannot be read' {
            $null = Invoke-PgMigration @connection -Path $folder
            switch ($_) {
                'a file is pending' { Set-MigrationFile $folder '004_new.sql' 'SELECT 1;' }
                'an applied file changed' { Set-MigrationFile $folder '003_create_orders.sql' 'SELECT 1;' }
                'a file cannot be read' { Set-MigrationFile $folder '004_new.sql' ([byte[]](0x53, 0xFF)) }
            }
            (Get-PgMigrationStatus @connection -Path $folder -Summary 3>$null).IsUpToDate | Should -BeFalse
        }
    }

    Context '-History' {
        BeforeEach {
            $null = Invoke-PgMigration @connection -Path $folder
            $null = Undo-PgMigration @connection -Path $folder -Confirm:$false
            $null = Remove-PgMigrationRecord @connection -Path $folder -Version 2 -Confirm:$false
            Set-MigrationFile $folder '002_add_email.sql' 'SELECT 1/0;'
            $null = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        }

        It 'lists what was done, newest first, with all properties' {
            $log = @(Get-PgMigrationStatus @connection -Path $folder -History)
            $log | ForEach-Object { $_ | Should -BeOfType ([PgMigrate.MigrationLogEntry]) }
            $log.Event | Should -Be 'failed', 'record_removed', 'undone', 'applied', 'applied', 'applied'
            $log.Version | Should -Be '2', '2', '3', '3', '2', '1'
            $log[0].SqlState | Should -Be '22012'
            $log[0].Message | Should -Match 'division by zero'
            $log[0].Actor | Should -Be $server.UserName
            $log[0].FileName | Should -Be '002_add_email.sql'
            $log[0].At | Should -BeOfType ([DateTimeOffset])
            $log[0].At | Should -BeGreaterOrEqual $log[5].At
            $log[3].DurationMs | Should -BeGreaterThan 0
            $log[3].Checksum | Should -Match '^[0-9a-f]{64}$'
            "$($log[0].Connection)" | Should -Be $database.Shown
        }

        It 'stops after -Last lines, and accepts -Version' {
            (Get-PgMigrationStatus @connection -Path $folder -History -Last 2).Event | Should -Be 'failed', 'record_removed'
            (Get-PgMigrationStatus @connection -Path $folder -History -Version 1).Event | Should -Be 'applied'
        }

        It 'finds the lines of -Version however many others are newer, -Last counting only them' {
            (Get-PgMigrationStatus @connection -Path $folder -History -Version 1 -Last 1).Event | Should -Be 'applied'
        }
    }

    It 'has an empty log before the first run' {
        Get-PgMigrationStatus @connection -Path $folder -History | Should -BeNullOrEmpty
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = '-Summary with -History'; Arguments = @{ Summary = $true; History = $true } }
        @{ Name = '-Last without -History'; Arguments = @{ Last = 3 } }
    ) {
        (Get-ErrorOf { Get-PgMigrationStatus @connection -Path $folder @Arguments }).FullyQualifiedErrorId | Should -BeLike 'ParametersContradict,*'
    }

    It 'refuses an empty folder without a history<_>: a gate on a wrong path must not be green' -ForEach '', ', also with -Summary' {
        $empty = New-MigrationFolder
        $summary = $_ -ne ''
        (Get-ErrorOf { Get-PgMigrationStatus @connection -Path $empty -Summary:$summary }).FullyQualifiedErrorId | Should -BeLike 'FolderEmpty,*'
    }

    It 'is clean as JSON and as CSV: <_>' -ForEach 'status', 'summary', 'history' {
        $null = Invoke-PgMigration @connection -Path $folder
        $secret = @{ ConnectionString = "$($database.ConnectionString);Password=hunter2-z"; Path = $folder }
        $rows = switch ($_) {
            'status' { Get-PgMigrationStatus @secret }
            'summary' { Get-PgMigrationStatus @secret -Summary }
            'history' { Get-PgMigrationStatus @secret -History }
        }
        $json = $rows | ConvertTo-Json -Depth 4 -WarningVariable truncated
        $truncated | Should -BeNullOrEmpty
        $json | Should -Not -Match 'hunter2|_settings|TimeSpan|Ticks'
        $csv = $rows | ConvertTo-Csv
        ($csv | ConvertFrom-Csv)[0].Connection | Should -Be $database.Shown
        "$csv" | Should -Not -Match 'hunter2|PgMigrate\.Mig|PgMigrate\.Con'
        # A list is text in no CSV; it must at least not be one of our types or a secret.
        ($rows | Format-List * -Force | Out-String) | Should -Not -Match 'hunter2'
    }
}
