BeforeAll {
    . $PSScriptRoot/common.ps1

    # Sleeps as long as the database's setting says, so that the same file can be stopped once and run later.
    $nap = "SELECT pg_sleep(coalesce(nullif(current_setting('pgm.nap', true), ''), '0')::float8);"

    function Set-Nap {
        param([int] $Seconds)
        Invoke-Sql "ALTER DATABASE $($database.Name) SET pgm.nap = '$Seconds';"
    }

    function Wait-ForNap {
        Wait-Until 'the migration sleeps on the server' {
            (Invoke-Sql "SELECT count(*) FROM pg_stat_activity WHERE datname = '$($database.Name)' AND wait_event = 'PgSleep';") -eq '1'
        } 30
    }

    function Assert-OnlyFirst {
        # The first migration is there, nothing of the second, no session, no transaction, no lock.
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $database.Name) } 10
        Invoke-Sql -Database $database.Name "SELECT to_regclass('a') IS NOT NULL, to_regclass('b') IS NULL, to_regclass('c') IS NULL; SELECT version FROM schema_migrations;" |
            Should -Be 't|t|t', '1'
    }

    function Start-Shell {
        param([string] $Script)
        $shell = [powershell]::Create()
        $wait = $shell.AddScript("Import-Module '$manifestPath'; $Script").BeginInvoke()
        [pscustomobject]@{ Shell = $shell; Wait = $wait }
    }

    function Assert-StopsSoon {
        param($Started, [int] $Seconds = 5)
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $stopping = $Started.Shell.BeginStop($null, $null)
        $stopping.AsyncWaitHandle.WaitOne($Seconds * 1000) | Should -BeTrue -Because "Stop must return within $Seconds s"
        $clock.Elapsed.TotalSeconds | Should -BeLessThan $Seconds
        $Started.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $Started.Shell.Dispose()
    }
}

AfterAll {
    Remove-TestDatabase
}

Describe 'Stopping leaves no transaction, no lock and no partial step' {
    BeforeEach {
        $database = New-TestDatabase
        $connection = @{ ConnectionString = $database.ConnectionString }
        $folder = New-MigrationFolder @{
            '001_a.sql' = 'CREATE TABLE a (id int);'
            '002_b.sql' = "CREATE TABLE b (id int);`n$nap`nINSERT INTO b VALUES (1);"
            '003_c.sql' = 'CREATE TABLE c (id int);'
        }
        $call = "Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder'"
    }

    It 'Ctrl+C in the middle of a statement, <Shown>; the next run continues' -ForEach @(
        @{ Shown = 'immediately'; After = 0 }
        @{ Shown = 'when its progress has been shown'; After = 2 }
    ) {
        Set-Nap 60
        $started = Start-Shell $call
        Wait-ForNap
        Start-Sleep $After
        Assert-StopsSoon $started
        Assert-OnlyFirst
        Set-Nap 0
        (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '2', '3'
    }

    It 'Ctrl+C as SIGINT to a whole process' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows has no signals'
            return
        }
        Set-Nap 60
        $process = Start-Pwsh $call -Interactive
        Wait-ForNap
        kill -s INT $process.Id
        $null = Wait-Pwsh $process 15
        Assert-OnlyFirst
    }

    It '<_> to a whole process, which ends within a few seconds' -ForEach 'TERM', 'HUP' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'Windows has no signals'
            return
        }
        Set-Nap 60
        $process = Start-Pwsh $call
        Wait-ForNap
        $clock = [Diagnostics.Stopwatch]::StartNew()
        kill -s $_ $process.Id
        $null = Wait-Pwsh $process 15
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 8
        Assert-OnlyFirst
    }

    It 'SIGKILL in the middle of a migration: nothing is left and a second process takes over' {
        if ((Get-ServerMajor) -lt 14) {
            Set-ItResult -Skipped -Because 'PostgreSQL 13 has no client_connection_check_interval: an orphaned statement runs to its end'
            return
        }
        Set-Nap 60
        $process = Start-Pwsh $call
        Wait-ForNap
        $process.Kill()
        $process.WaitForExit(5000) | Should -BeTrue
        Set-Nap 0
        # At once: it has to wait for the lock of the orphaned session.
        $second = Invoke-Pwsh "(Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder').Version -join ','"
        $second.Error | Should -BeNullOrEmpty
        $second.Output | Should -Be '2,3'
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $database.Name) } 10
        Invoke-Sql -Database $database.Name 'SELECT count(*) FROM b; SELECT count(*) FROM schema_migrations;' | Should -Be '1', '3'
    }

    It 'SIGKILL frees the lock within seconds even without another run' {
        if ((Get-ServerMajor) -lt 14) {
            Set-ItResult -Skipped -Because 'PostgreSQL 13 has no client_connection_check_interval: an orphaned statement runs to its end'
            return
        }
        Set-Nap 60
        $process = Start-Pwsh $call
        Wait-ForNap
        $process.Kill()
        Assert-OnlyFirst
    }

    It 'Select-Object -First 1 ends the run after the first migration' {
        (Invoke-PgMigration @connection -Path $folder | Select-Object -First 1).Version | Should -Be '1'
        Assert-OnlyFirst
        (Invoke-PgMigration @connection -Path $folder).Version | Should -Be '2', '3'
    }

    It 'Ctrl+C while it waits for the lock' {
        $holder = Start-Sql "SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
        try {
            $started = Start-Shell $call
            Wait-Until 'the run waits' { (Get-OurTrace $database.Name) -match '^session' }
            Assert-StopsSoon $started
            Wait-Until 'its session is gone' { -not ((Get-OurTrace $database.Name) -match '^session') }
        }
        finally {
            Stop-Sql $holder
        }
        Get-UserObject $database.Name | Should -BeNullOrEmpty
    }

    It 'Ctrl+C while the server does not answer' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $started = Start-Shell "Invoke-PgMigration -HostName 127.0.0.1 -Port $($listener.LocalEndpoint.Port) -Database d -Path '$folder'"
            Wait-Until 'it has connected' { $listener.Pending() }
            Assert-StopsSoon $started
        }
        finally {
            $listener.Stop()
        }
    }

    It 'Ctrl+C during an undo keeps the migration applied' {
        Set-MigrationFile $folder '003_c.sql' "-- UP`nCREATE TABLE c (id int);`n-- DOWN`nDROP TABLE c;`n$nap"
        $null = Invoke-PgMigration @connection -Path $folder
        Set-Nap 60
        $started = Start-Shell "Undo-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder' -Confirm:`$false"
        Wait-ForNap
        Assert-StopsSoon $started
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $database.Name) }
        Invoke-Sql -Database $database.Name "SELECT to_regclass('c') IS NOT NULL, count(*) FROM schema_migrations;" | Should -Be 't|3'
    }

    It 'a pipeline that pauses between two migrations holds no transaction' {
        $states = Invoke-PgMigration @connection -Path $folder | ForEach-Object {
            Invoke-Sql "SELECT state FROM pg_stat_activity WHERE datname = '$($database.Name)' AND application_name LIKE 'PgMigrate%';"
        }
        $states | Should -Be 'idle', 'idle', 'idle'
    }

    It 'an error in the pipeline after the first result ends the run' {
        $failure = Get-ErrorOf { Invoke-PgMigration @connection -Path $folder | ForEach-Object { throw 'enough' } }
        $failure.Exception.Message | Should -Be 'enough'
        Assert-OnlyFirst
    }

    It 'a session that an operator ends is a clear error and nothing remains of the step' {
        Set-Nap 60
        $started = Start-Shell $call
        try {
            Wait-ForNap
            Invoke-Sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$($database.Name)' AND wait_event = 'PgSleep';"
            $started.Wait.AsyncWaitHandle.WaitOne(15000) | Should -BeTrue
            $null = try { $started.Shell.EndInvoke($started.Wait) } catch { $_ }
            $started.Shell.Streams.Error[0].TargetObject.FailedMigration | Should -Be '002_b.sql'
        }
        finally {
            $started.Shell.Dispose()
        }
        Assert-OnlyFirst
    }
}

Describe 'Two processes started together on one database' {
    It 'one applies everything, the other ends with nothing to do' {
        $database = New-TestDatabase
        $files = @{}
        1..20 | ForEach-Object { $files['{0:d3}_t.sql' -f $_] = "CREATE TABLE t$_ (id int);" }
        $folder = New-MigrationFolder $files
        # Both have made their plan and wait when the lock becomes free.
        $holder = Start-Sql "SELECT pg_advisory_lock($(Get-LockKey));" $database.Name
        try {
            $script = "`$s = Invoke-PgMigration -ConnectionString '$($database.ConnectionString)' -Path '$folder' -Summary; `"`$(`$s.Status) `$(`$s.Applied) `$(`$s.Pending)`""
            $processes = 1..2 | ForEach-Object { Start-Pwsh $script }
            Wait-Until 'both wait' { @((Get-OurTrace $database.Name) -match '^session').Count -eq 2 } 30
        }
        finally {
            Stop-Sql $holder
        }
        $runs = $processes | ForEach-Object { Wait-Pwsh $_ 30 }
        $runs.Error | Should -Be '', ''
        $runs.Output | Sort-Object | Should -Be 'Success 20 0', 'UpToDate 0 0'
        Invoke-Sql -Database $database.Name 'SELECT count(*), count(DISTINCT version) FROM schema_migrations;' | Should -Be '20|20'
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $database.Name) }
    }
}
