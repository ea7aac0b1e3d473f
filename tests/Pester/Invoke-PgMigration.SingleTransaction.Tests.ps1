BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Invoke-PgMigration -SingleTransaction' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder $sampleFiles
    }

    It 'commits all files and their records together' {
        $results = @(Invoke-PgMigration @connection -Path $folder -SingleTransaction)

        $results.Outcome | Should -Be 'Applied', 'Applied', 'Applied'
        $results.Order | Should -Be 1, 2, 3
        $results[0].RowsAffected | Should -Be 2
        Invoke-Sql -Database $database.Name 'SELECT count(*), count(DISTINCT xmin::text) FROM schema_migrations;' | Should -Be '3|1'
        Get-OurTrace $database.Name | Should -BeNullOrEmpty
        Invoke-PgMigration @connection -Path $folder -SingleTransaction | Should -BeNullOrEmpty
    }

    It 'leaves nothing of a run whose last file fails, and says so' -Tag 'parity:A18' {
        Set-MigrationFile $folder '003_create_orders.sql' "CREATE TABLE orders (id int);`n  SELECT nothing;"
        $results = [Collections.Generic.List[object]]::new()
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -SingleTransaction | ForEach-Object { $results.Add($_) } }

        $results.ToArray().Outcome | Should -Be 'Failed'
        $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*'
        $failure.Exception.Message | Should -Match '^003_create_orders\.sql:2:10: .*42703'
        $failure.Exception.Message | Should -Match 'The whole run was rolled back'
        $summary = $failure.TargetObject
        $summary.Status | Should -Be 'Error'
        $summary.FailedMigration | Should -Be '003_create_orders.sql'
        $summary.Applied, $summary.Pending, $summary.Total | Should -Be 0, 3, 3
        Get-UserObject $database.Name | Where-Object { $_ -notmatch 'schema_migrations' } | Should -BeNullOrEmpty
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM schema_migrations; SELECT event, version, sqlstate FROM schema_migrations_log;' | Should -Be '0', 'failed|3|42703'
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Pending', 'Pending', 'Pending'
    }

    It 'shows the same steps with -WhatIf, says that they share one transaction, and writes nothing' {
        $run = Invoke-Pwsh "Invoke-PgMigration -Path '$folder' -SingleTransaction -WhatIf | ForEach-Object Outcome" -Environment @{ DATABASE_URL = $database.ConnectionString }

        $run.ExitCode | Should -Be 0
        $run.Output | Should -Match 'What if: Apply 001_create_customers — 2 statements, one transaction for all'
        ($run.Output -split "`n" -match '^WouldApply$').Count | Should -Be 3
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'counts in the summary, and accepts -Target, -Steps and a piped choice' {
        $summary = Invoke-PgMigration @connection -Path $folder -SingleTransaction -Target 2 -Summary
        $summary.Status | Should -Be 'Success'
        $summary.Applied, $summary.Pending, $summary.Total | Should -Be 2, 1, 3
        $summary.Results.Version | Should -Be '1', '2'
        (Get-PgMigrationStatus @connection -Path $folder | Where-Object Pending | Invoke-PgMigration @connection -SingleTransaction).Version | Should -Be '3'
    }

    It 'names each file in the verbose stream as it starts and as it is committed' {
        $lines = Invoke-PgMigration @connection -Path $folder -SingleTransaction -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
        ($lines -match '^(Applying|Applied) \d').ForEach({ ($_ -split '[ :]')[0..1] -join ' ' }) | Should -Be @(
            'Applying 001_create_customers.sql', 'Applying 002_add_email.sql', 'Applying 003_create_orders.sql'
            'Applied 001_create_customers.sql', 'Applied 002_add_email.sql', 'Applied 003_create_orders.sql'
        )
    }

    It 'refuses <Name> before anything runs' -ForEach @(
        @{ Name = 'a file that runs outside a transaction'; Sql = "-- pgmigrate: no-transaction`nVACUUM;"; Id = 'SingleTransactionImpossible' }
        @{ Name = 'a file with another kind of transaction'; Sql = 'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;'; Id = 'TransactionOptionsDiffer' }
        @{ Name = 'a file that sets the transaction'; Sql = 'SET TRANSACTION READ ONLY;'; Id = 'TransactionOptionsDiffer' }
    ) {
        Set-MigrationFile $folder '004_odd.sql' $Sql
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -SingleTransaction }
        $failure.TargetObject.Problems.Code | Should -Contain $Id
        $failure.Exception.Message | Should -Match '004_odd\.sql'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'applies <Applied> when the second of three questions is answered with no, <With>' -ForEach @(
        @{ With = 'without the switch'; Switch = ''; Applied = 1 }
        @{ With = 'with it'; Switch = '-SingleTransaction'; Applied = 0 }
    ) {
        if (-not $IsLinux) {
            Set-ItResult -Skipped -Because 'a terminal for the prompt is made by the Linux program script'
            return
        }
        # script gives the process a terminal: without one it cannot prompt.
        $file = Join-Path $TestDrive 'ask.ps1'
        Set-Content $file "Import-Module '$manifestPath'; `$run = Invoke-PgMigration -Path '$folder' $Switch -Confirm -Summary; ""`$(`$run.Status), `$(`$run.Applied) applied"""
        $output = Use-Environment @{ DATABASE_URL = $database.ConnectionString } {
            "y`nn`n" | script -qec "'$([Environment]::ProcessPath)' -NoProfile -File '$file'" /dev/null
        }
        "$output" | Should -Match "Declined, $Applied applied"
        @(Get-UserObject $database.Name) -match 'customers|orders' | Should -HaveCount $Applied
    }
}
