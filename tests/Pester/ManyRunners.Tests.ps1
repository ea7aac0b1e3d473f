BeforeAll {
    . $PSScriptRoot/common.ps1
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    # Two sessions a runner, and room to look at them.
    $ownServer = Start-OwnServer -MaxConnections 140
    $server = ConvertTo-ServerAccess $ownServer

    function New-ManyFolder {
        # Each file leaves one row, and would leave a second one if it ran twice: nothing else in it may fail then.
        param([int] $Migrations)
        $files = [ordered]@{}
        foreach ($number in 1..$Migrations) {
            $name = '{0:d3}' -f $number
            $files["$($name)_many.sql"] = $(if ($number -eq 1) { "CREATE TABLE IF NOT EXISTS audit (file int);`n" }) +
                "CREATE TABLE IF NOT EXISTS many_$name (i int);`nSELECT pg_sleep(0.02);`nINSERT INTO audit VALUES ($number);"
        }
        New-MigrationFolder $files
    }

    function Start-Runner {
        # Each logs in as a role of its own: so the server knows which process holds the lock.
        param([int] $Number, $Database, [string] $Folder)
        $text = $Database.ConnectionString -replace 'Username=[^;]*', "Username=runner_$Number"
        Start-Pwsh @"
try {
    (Invoke-PgMigration -ConnectionString '$text' -Path '$Folder' -LockWait 300 -Summary -WarningAction Ignore).Status
}
catch {
    "Error `$(`$_.FullyQualifiedErrorId) `$(`$_.Exception.Message)"
}
"@
    }

    function Get-Answer {
        # One line from an open session: a connection for each look would be slower than the migrations.
        param([Data.Common.DbConnection] $Session, [string] $Sql)
        Read-Sql $Session $Sql
    }

    function Invoke-ManyRunner {
        # Runs them all against a database, with kills in between, and sees them to their end.
        param([int] $Runners, [int] $Killed, [int] $Migrations, [int] $Seed, $Database, [string] $Folder)
        $random = [Random]::new($Seed)
        # A kill waits for a number of tables, and then for a moment: so it comes in the middle on any machine.
        $moments = @(1..$Killed | ForEach-Object { $random.Next([int]($Migrations * 0.8)) } | Sort-Object)
        1..$Runners | ForEach-Object { "CREATE ROLE runner_$_ LOGIN SUPERUSER;" } | Out-String | ForEach-Object { Invoke-Sql $_ }
        $key = Get-LockKey
        $gate = Start-Sql "SELECT pg_advisory_lock($key);" $Database.Name
        $watch = Start-Sql '' $Database.Name
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $processes = [ordered]@{}
        $dead = [Collections.Generic.List[string]]::new()
        try {
            foreach ($number in 1..$Runners) {
                $processes["runner_$number"] = Start-Runner $number $Database $Folder
            }
            Wait-Until 'all runners wait for the lock' {
                (Get-Answer $watch "SELECT count(DISTINCT usename) FROM pg_stat_activity WHERE usename LIKE 'runner%';") -eq "$Runners"
            } 110
            $started = $clock.Elapsed.TotalSeconds
            Stop-Sql $gate

            $heldTheLock = 0
            foreach ($moment in $moments) {
                $isHolderWanted = $dead.Count % 2 -eq 0
                $victim = $null
                while (-not $victim) {
                    if ($clock.Elapsed.TotalSeconds -gt 120) {
                        throw "Only $($dead.Count) of $Killed kills after 120 s."
                    }
                    $tables, $holder = (Get-Answer $watch @"
SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE 'many%') || '|' || coalesce((SELECT usename FROM pg_stat_activity JOIN pg_locks USING (pid)
 WHERE locktype = 'advisory' AND granted AND usename LIKE 'runner%' AND (classid::bigint << 32) + objid::bigint = $key LIMIT 1), '');
"@) -split '\|'
                    $alive = @($processes.Keys | Where-Object { $_ -notin $dead -and -not $processes[$_].HasExited })
                    $alive.Count | Should -BeGreaterThan 1 -Because "after $($dead.Count) kills someone has to be there"
                    if ([int]$tables -ge $moment) {
                        $victim = -not $isHolderWanted ? $alive[$random.Next($alive.Count)] : $holder -in $alive ? $holder : $null
                    }
                }
                [Threading.Thread]::Sleep($random.Next(40))
                if ($processes[$victim].HasExited) {
                    continue
                }
                $processes[$victim].Kill()
                $dead.Add($victim)
                $heldTheLock += [int]($victim -eq $holder)
            }
            $done = $clock.Elapsed.TotalSeconds
            $survivors = foreach ($name in $processes.Keys | Where-Object { $_ -notin $dead }) {
                Wait-Pwsh $processes[$name] ([Math]::Max(1, 120 - [int]$clock.Elapsed.TotalSeconds))
            }
        }
        finally {
            $processes.Values | Where-Object { -not $_.HasExited } | ForEach-Object { $_.Kill() }
            Stop-Sql $gate
            Stop-Sql $watch
        }
        $last = Invoke-PgMigration -ConnectionString $Database.ConnectionString -Path $Folder -LockWait 60 -Summary
        [pscustomobject]@{
            Survivors = $survivors; Last = $last; Killed = $dead; KilledWithLock = $heldTheLock; Started = $started; Done = $done; Seconds = $clock.Elapsed.TotalSeconds
            Appliers = [int](Invoke-Sql -Database $Database.Name 'SELECT count(DISTINCT applied_by) FROM schema_migrations;')
        }
    }

    function Test-ManyRunner {
        # The run and what has to be true after it; answers the run.
        param([int] $Runners, [int] $Killed, [int] $Migrations, [int] $Seed = 20251125)
        Write-Information "  $Runners runners, $Killed killed, $Migrations migrations, seed $Seed" -InformationAction Continue
        $database = New-TestDatabase
        $folder = New-ManyFolder $Migrations
        $run = Invoke-ManyRunner $Runners $Killed $Migrations $Seed $database $folder
        Write-Information -InformationAction Continue ("  {0:N1} s, all waited after {1:N1} s, the last kill came after {2:N1} s; {3} killed, {4} with the lock; {5} roles have applied" -f
            $run.Seconds, $run.Started, $run.Done, $run.Killed.Count, $run.KilledWithLock, $run.Appliers)

        $run.Killed.Count | Should -Be $Killed
        $run.KilledWithLock | Should -BeGreaterOrEqual ([Math]::Floor($Killed / 2)) -Because 'kills have to hit a run that works'
        $run.Appliers | Should -BeGreaterThan 1 -Because 'another run has to continue where a killed run ended'
        $run.Survivors | Should -HaveCount ($Runners - $Killed)
        $run.Survivors | ForEach-Object { $_.Error | Should -BeNullOrEmpty; $_.Output | Should -BeIn 'Success', 'UpToDate' }
        $run.Last.Status | Should -BeIn 'Success', 'UpToDate'

        $all = @(1..$Migrations | ForEach-Object { "$_" })
        $name = $database.Name
        Wait-Until 'no session and no lock is left' { -not (Get-OurTrace $name) } 10
        Invoke-Sql -Database $name "SELECT version FROM schema_migrations WHERE state = 'applied' ORDER BY id;" | Should -Be $all -Because 'each is recorded once, in order'
        Invoke-Sql -Database $name 'SELECT count(*) FROM schema_migrations;' | Should -Be $Migrations
        Invoke-Sql -Database $name 'SELECT file FROM audit ORDER BY file;' | Should -Be $all -Because 'each file has run once'
        Invoke-Sql -Database $name "SELECT version FROM schema_migrations_log WHERE event = 'applied' ORDER BY version::int;" | Should -Be $all -Because 'the log has each once'
        $run
    }
}

AfterAll {
    Stop-TestServer $ownServer
}

Describe 'Many runners on one database, some of them killed' {
    AfterEach {
        Remove-TestDatabase
        1..50 | ForEach-Object { "DROP ROLE IF EXISTS runner_$_;" } | Out-String | ForEach-Object { Invoke-Sql $_ }
    }

    It 'runs each file once with <Runners> runners, <Killed> of them killed' -ForEach @{ Runners = 8; Killed = 3; Migrations = 60 } {
        $null = Test-ManyRunner $Runners $Killed $Migrations
    }

    It 'runs each file once with <Runners> runners, <Killed> of them killed, within two minutes' -Tag Soak -ForEach @{ Runners = 50; Killed = 20; Migrations = 200 } {
        $run = Test-ManyRunner $Runners $Killed $Migrations
        $run.Seconds | Should -BeLessThan 120
        $page = Join-Path $root 'docs/reliability.md'
        $figures = @"
| Date (UTC) | Runners | Killed | of them with the lock | Migrations | Processors | Seconds |
|---|---|---|---|---|---|---|
| $([DateTime]::UtcNow.ToString('yyyy-MM-dd')) | $Runners | $Killed | $($run.KilledWithLock) | $Migrations | $([Environment]::ProcessorCount) | $($run.Seconds.ToString('N0')) |
"@.ReplaceLineEndings("`n")
        $text = [IO.File]::ReadAllText($page)
        $text | Should -Match '<!-- soak -->[\s\S]*<!-- /soak -->'
        [IO.File]::WriteAllText($page, ($text -replace '(?<=<!-- soak -->\n)[\s\S]*(?=<!-- /soak -->)', "$figures`n"))
    }
}
