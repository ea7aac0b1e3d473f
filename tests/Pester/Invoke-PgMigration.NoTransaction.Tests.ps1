BeforeAll {
    . $PSScriptRoot/common.ps1
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Files outside a transaction' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
    }

    It 'runs a file of concurrent statements without a directive' {
        $folder = New-MigrationFolder @{
            '001_table.sql' = 'CREATE TABLE t (id int);'
            '002_index.sql' = "CREATE INDEX CONCURRENTLY i ON t (id);`nVACUUM t;"
        }
        $said = (& { Invoke-PgMigration @connection -Path $folder -Verbose -Confirm:$false } 4>&1) -join "`n"
        $said | Should -Match 'CREATE INDEX CONCURRENTLY'
        (Get-PgMigrationStatus @connection -Path $folder).State | Should -Be 'Applied', 'Applied'
        Invoke-Sql -Database $database.Name "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass;" | Should -Be 't'
    }

    It 'shows an interrupted file as Interrupted, resumes it, and accepts -MarkApplied and -MarkPending' {
        $folder = New-MigrationFolder @{ '001_half.sql' = "-- pgmigrate: no-transaction`nCREATE TABLE t (id int);`nSELECT nope;" }
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder }
        $failure.Exception.Message | Should -Match 'Its first statement is done and stays'
        $status = Get-PgMigrationStatus @connection -Path $folder
        $status.State | Should -Be 'Interrupted'
        $status.Pending | Should -BeTrue

        $marked = $status | Invoke-PgMigration -MarkPending -Reason 'table dropped by hand'
        $marked.State | Should -Be 'Pending'
        Get-ErrorOf { Invoke-PgMigration @connection -Path $folder } | ForEach-Object { $_.FullyQualifiedErrorId } |
            Should -BeLike 'DatabaseNotEmpty,*' -Because 'the history is empty again, and the table was not dropped after all'

        $marked = Invoke-PgMigration @connection -Path $folder -Version 1 -MarkApplied -Reason 'select was not needed'
        $marked.State | Should -Be 'Applied'
        $log = Get-PgMigrationStatus @connection -Path $folder -History -Last 1
        $log.Event, $log.Message | Should -Be 'marked_applied', 'select was not needed'
        (Invoke-PgMigration @connection -Path $folder -Summary).Status | Should -Be 'UpToDate'
    }

    It 'refuses a mark without <Missing>' -ForEach @(
        @{ Missing = 'a reason'; Arguments = @{ MarkApplied = $true; Version = '1' } }
        @{ Missing = 'a version'; Arguments = @{ MarkApplied = $true; Reason = 'x' } }
        @{ Missing = 'a decision'; Arguments = @{ MarkApplied = $true; MarkPending = $true; Reason = 'x'; Version = '1' } }
        @{ Missing = 'its switch'; Arguments = @{ Reason = 'x'; Version = '1' } }
    ) {
        $folder = New-MigrationFolder @{ '001_table.sql' = 'CREATE TABLE t (id int);' }
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder @Arguments }).FullyQualifiedErrorId |
            Should -BeLike 'ParametersContradict,*'
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'refuses under -WhatIf what the run would refuse' {
        $folder = New-MigrationFolder @{ '001_table.sql' = 'CREATE TABLE t (id int);' }
        $null = Invoke-PgMigration @connection -Path $folder
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Version 1 -MarkApplied -Reason 'x' -WhatIf }).FullyQualifiedErrorId | Should -BeLike 'AlreadyApplied,*'
        (Get-ErrorOf { Invoke-PgMigration @connection -Path $folder -Version 1 -MarkPending -Reason 'x' -WhatIf }).FullyQualifiedErrorId | Should -BeLike 'NotInterrupted,*'
    }

    It 'marks nothing under -WhatIf' {
        $folder = New-MigrationFolder @{ '001_table.sql' = 'CREATE TABLE t (id int);' }
        Invoke-PgMigration @connection -Path $folder -Version 1 -MarkApplied -Reason 'x' -WhatIf | Should -BeNullOrEmpty
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }
}
