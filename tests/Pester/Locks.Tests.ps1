BeforeAll {
    . $PSScriptRoot/common.ps1

    $alter = @{ '001_alter.sql' = "ALTER TABLE t ADD COLUMN x int;`n-- DOWN`nALTER TABLE t DROP COLUMN x;" }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'A table that another session has locked' {
    BeforeEach {
        $database = New-TestDatabase
        Invoke-Sql -Database $database.Name 'CREATE TABLE t (i int);'
        $blocker = Start-Sql 'BEGIN; SELECT count(*) FROM t;' -Database $database.Name
        $call = @{ Path = New-MigrationFolder $alter; ConnectionString = $database.ConnectionString; LockTimeout = 0.4; LockRetry = 1; AllowNonEmpty = $true }
    }

    AfterEach {
        Stop-Sql $blocker
    }

    It 'is retried in short attempts; the error says who holds which lock' {
        $failure = { Invoke-PgMigration @call -WarningVariable script:warnings -WarningAction SilentlyContinue } | Should -Throw -PassThru

        $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationFailed,*'
        $result = $failure.TargetObject.Results[0]
        $result.Attempts | Should -Be 2
        $result.Error.SqlState | Should -Be '55P03'
        $blockers = $result.Error.Blockers
        $blockers.Count | Should -Be 1
        $blockers[0].State | Should -Be 'idle in transaction'
        $blockers[0].LockMode | Should -Be 'AccessShareLock'
        $blockers[0].Relation | Should -Be 't'
        ($result | ConvertTo-Json -Depth 5 | ConvertFrom-Json).Error.Blockers[0].ProcessId | Should -Be $blockers[0].ProcessId
        @($warnings -match 'Attempt 1 of 2 was rolled back').Count | Should -Be 1
        @($warnings -match 'not above the server''s deadlock_timeout').Count | Should -Be 1
        Invoke-Sql -Database $database.Name 'SELECT version FROM schema_migrations' | Should -BeNullOrEmpty
    }

    It 'is not waited for twice with -OnBlocker Fail' {
        $failure = { Invoke-PgMigration @call -OnBlocker Fail -WarningAction SilentlyContinue } | Should -Throw -PassThru

        $failure.TargetObject.Results[0].Attempts | Should -Be 1
    }

    It 'is not freed by ending sessions without an agreement: <_>' -ForEach 'Cancel', 'Terminate' {
        $text = "Invoke-PgMigration -Path '$($call.Path)' -ConnectionString '$($database.ConnectionString)' -AllowNonEmpty -LockTimeout 1 -OnBlocker $_ -LockRetry 0"

        $run = Invoke-Pwsh "`$ErrorActionPreference = 'Stop'; $text"

        $run.ExitCode | Should -Not -Be 0
        $run.Error | Should -Match 'asks for confirmation'
        Read-Sql $blocker 'SELECT 1;' | Should -Be '1' -Because 'the session is still there'
    }

    It 'is freed by -OnBlocker Terminate where that was agreed to, and not in a preview' {
        $role = New-TestRole
        Invoke-Sql -Database $database.Name "GRANT ALL ON t TO $role;"
        Stop-Sql $blocker
        $user = [pscustomobject]@{ HostName = $server.HostName; Port = $server.Port; UserName = $role; Password = ''; Database = $database.Name }
        $blocker = Start-Sql 'BEGIN; SELECT count(*) FROM t;' -Database $database.Name -On $user
        $call.LockTimeout = 20

        $preview = Invoke-PgMigration @call -OnBlocker Terminate -WhatIf 6>$null
        $preview.Outcome | Should -Be 'WouldApply'
        Read-Sql $blocker 'SELECT 1;' | Should -Be '1' -Because 'the session is still there'

        $result = Invoke-PgMigration @call -OnBlocker Terminate -Confirm:$false -WarningVariable warnings -WarningAction SilentlyContinue
        $result.Outcome | Should -Be 'Applied'
        $result.Attempts | Should -Be 1
        @($warnings -match "Terminated process \d+, user $role, ").Count | Should -Be 1
    }
}

Describe 'Timeouts' {
    It 'are those of the parameters' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder @{ '001_a.sql' = "CREATE TABLE seen AS SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') v;" }

        $null = Invoke-PgMigration -Path $folder -ConnectionString $database.ConnectionString -LockTimeout 7.5 -StatementTimeout 90.5

        Invoke-Sql -Database $database.Name 'SELECT v FROM seen' | Should -Be '7500ms 90500ms'
    }
}
