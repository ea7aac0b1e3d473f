# Measures PgMigrate in a fresh pwsh against the Npgsql floors and psql, in turn, and writes docs/performance.md.
# Run by ./build.ps1 Bench. Figures are ratios within a round, so that a machine that drifts hits all alike.
param(
    [string] $Module,
    [int] $Rounds = 5,
    [string[]] $Workload
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$root = Split-Path (Split-Path $PSScriptRoot)
. (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
$shared = if ($env:PGMIGRATE_SHARED) { $env:PGMIGRATE_SHARED } else { Join-Path (Split-Path $root) 'shared' }
$kit = Join-Path $shared 'bench'
if (-not (Test-Path (Join-Path $kit 'gen.py'))) {
    throw "The timing kit was not found in $kit. Name the folder that holds bench/ in PGMIGRATE_SHARED."
}
$all = 'W1', 'W2', 'W3', 'W4', 'W5', 'start-up', 'plan'
$wanted = if ($Workload) { $Workload } else { $all }
$work = Join-Path $root 'out/bench'
$databases = 0
$null = New-Item -ItemType Directory -Force $work

function New-Workload {
    param([string] $Name, [string] $Shape, [int] $Count, [string] $Layout)
    $folder = Join-Path $work $Name
    if (-not (Test-Path $folder)) {
        python3 (Join-Path $kit 'gen.py') --shape $Shape --count $Count --layout $Layout --out $folder
    }
    $folder
}

function Get-Floor {
    # The bare Npgsql runner, compiled ahead of time.
    $floor = Join-Path $work 'floor'
    if (-not (Test-Path (Join-Path $floor 'floor.dll'))) {
        $source = Join-Path $work 'floor-source'
        Copy-Item (Join-Path $kit 'floor') $source -Recurse -Force
        Set-Content (Join-Path $source 'Directory.Build.props') '<Project />'
        Set-Content (Join-Path $source 'Directory.Packages.props') '<Project />'
        dotnet publish $source -c Release --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o $floor -v quiet --nologo | Out-Host
    }
    Join-Path $floor 'floor'
}

function Measure-Process {
    # Wall time in seconds of one process, from its start to its end.
    param([string] $File, [string[]] $Arguments)
    $start = [Diagnostics.ProcessStartInfo]::new($File)
    foreach ($argument in $Arguments) {
        $start.ArgumentList.Add($argument)
    }
    $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    $seconds = $clock.Elapsed.TotalSeconds
    if ($process.ExitCode -ne 0) {
        throw "$File $Arguments failed: $output $($errors.Result)"
    }
    $seconds
}

function Invoke-Sql {
    param([string] $Sql, [string] $Database = 'postgres')
    $null = psql -X -q -h 127.0.0.1 -p $server.Port -U postgres -d $Database -c $Sql 2>&1
    if ($LASTEXITCODE -ne 0) { throw "psql failed: $Sql" }
}

function New-Database {
    # Answers its name. A new one for each run, and none is dropped: for half a minute a file system passes over the places of
    # files that were deleted, so that a run after a drop would measure how long it looks for others. What the run before
    # has left to be written is written first, with a moment for it to settle: otherwise the next one would be charged for it.
    $script:databases++
    $name = "run$script:databases"
    Invoke-Sql "CREATE DATABASE $name"
    Invoke-Sql 'CHECKPOINT'
    Start-Sleep -Milliseconds 500
    $name
}

function Measure-Pwsh {
    param([string] $Script)
    Measure-Process 'pwsh' '-NoProfile', '-NonInteractive', '-c', $Script
}

function Get-Median {
    param([double[]] $Values)
    $sorted = @($Values | Sort-Object)
    ($sorted[[Math]::Floor(($sorted.Count - 1) / 2)] + $sorted[[Math]::Ceiling(($sorted.Count - 1) / 2)]) / 2
}

function Get-Ratio {
    # Median of the ratios of each round.
    param([double[]] $Values, [double[]] $Bases)
    Get-Median (0..($Values.Count - 1) | ForEach-Object { $Values[$_] / $Bases[$_] })
}

function New-DependentFolder {
    # 2,000 files with random needs, the same ones each time. A need points at a lower rank, so there is no circle.
    $folder = Join-Path $work 'depends'
    if (-not (Test-Path $folder)) {
        $null = New-Item -ItemType Directory $folder
        $random = [Random]::new(20251025)
        $byRank = [int[]](1..2000)
        $random.Shuffle($byRank)
        foreach ($rank in 0..1999) {
            $needs = for ($left = $random.Next(4); $left -gt 0 -and $rank -gt 0; $left--) { $byRank[$random.Next($rank)] }
            $text = "-- Depends: $(($needs | Select-Object -Unique) -join ', ')`nCREATE TABLE t$($byRank[$rank]) (id bigint PRIMARY KEY);`n"
            [IO.File]::WriteAllText((Join-Path $folder ('{0:D4}_create_table.sql' -f $byRank[$rank])), $text)
        }
    }
    $folder
}

function New-BulkFolder {
    # One migration of 50 MB: many rows an INSERT, one row an INSERT, or rows for COPY.
    param([string] $Shape)
    $folder = Join-Path $work $Shape
    if (-not (Test-Path $folder)) {
        if ($Shape -ne 'bulkcopy') {
            python3 (Join-Path $kit 'gen.py') --shape $Shape --megabytes 50 --layout plain --out $folder
        }
        else {
            $null = New-Item -ItemType Directory $folder
            $writer = [IO.StreamWriter]::new((Join-Path $folder '001_rows.sql'))
            $writer.Write("CREATE TABLE bulk_rows (id int PRIMARY KEY, code text NOT NULL, note text, amount numeric(12,2) NOT NULL);`nCOPY bulk_rows FROM STDIN;`n")
            for ($id = 1; $writer.BaseStream.Position -lt 50MB; $id++) {
                $writer.Write("$id`tcode-$($id % 9973)`ta note of some length that is not the same each time $id`t$($id % 1000).25`n")
            }
            $writer.Write("\.`n")
            $writer.Dispose()
        }
    }
    $folder
}

function Measure-Memory {
    # Peak in MB of a pwsh that applies a folder, and of one that has only loaded the module.
    param([string] $Script)
    $peak = '[Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 / 1MB'
    $idle = pwsh -NoProfile -NonInteractive -c "$import $peak"
    $busy = pwsh -NoProfile -NonInteractive -c "$Script; $peak"
    if ($LASTEXITCODE -ne 0) { throw 'The run failed.' }
    [double]$idle, [double]$busy
}

function Measure-Round {
    # Runs each command $Repeats times in each round, and puts the median of each round in $Net, for PgMigrate without the
    # bare pwsh of that round. Answers the bare ones.
    param([Collections.IDictionary] $Commands, [string[]] $Keys, [int] $Repeats, [hashtable] $Net)
    foreach ($key in $Keys) { $Net[$key] = [Collections.Generic.List[double]]::new() }
    foreach ($round in 0..$Rounds) {
        $runs = @{}
        foreach ($key in $Keys) { $runs[$key] = [Collections.Generic.List[double]]::new() }
        # Round 0 warms up.
        foreach ($pass in 1..($round -gt 0 ? $Repeats : 1)) {
            # In random order, so that none always follows the same one.
            foreach ($key in Get-Random -InputObject $Keys -Count $Keys.Count) {
                $runs[$key].Add((& $Commands[$key]))
            }
        }
        $bare = Get-Median $runs['bare']
        foreach ($key in $Keys) {
            $seconds = Get-Median $runs[$key]
            Write-Information ('round {0}  {1,-14} {2,7:F3} s' -f $round, $key, $seconds) -InformationAction Continue
            if ($round -gt 0) { $Net[$key].Add($seconds - ($key -like '*PgMigrate' ? $bare : 0)) }
        }
    }
    $Net['bare']
}

function Measure-StartUp {
    # A row for the module with images and one for the module without: import, first query, methods compiled for it.
    param([string] $ConnectionString)
    $il = Join-Path $work 'PgMigrate'
    Remove-Item $il -Recurse -Force -ErrorAction Ignore
    Copy-Item $Module $il -Recurse
    Get-ChildItem (Join-Path $il 'dependencies') -Directory | Remove-Item -Recurse
    $folder = Join-Path $work 'one'
    $null = New-Item -ItemType Directory -Force $folder
    Set-Content (Join-Path $folder '1_one.sql') 'SELECT 1;'
    foreach ($variant in @('images compiled ahead of time', $Module), @('IL only', $il)) {
        $script = @"
`$env:DATABASE_URL = '$ConnectionString'
`$clock = [Diagnostics.Stopwatch]::StartNew()
Import-Module '$($variant[1])/PgMigrate.psd1'
`$import = `$clock.Elapsed.TotalMilliseconds
`$methods = [Runtime.JitInfo]::GetCompiledMethodCount()
`$null = Get-PgMigrationStatus -History -Last 1 -Path '$folder'
'{0};{1};{2}' -f `$import, (`$clock.Elapsed.TotalMilliseconds - `$import), ([Runtime.JitInfo]::GetCompiledMethodCount() - `$methods)
"@
        $runs = 0..(3 * $Rounds) | ForEach-Object { , ((pwsh -NoProfile -NonInteractive -c $script) -split ';' | ForEach-Object { [double]$_ }) } | Select-Object -Skip 1
        '| {0} | {1:F0} | {2:F0} | {3:F0} |' -f $variant[0], (Get-Median $runs.ForEach({ $_[0] })), (Get-Median $runs.ForEach({ $_[1] })), (Get-Median $runs.ForEach({ $_[2] }))
    }
}

function Measure-Plan {
    # A row for each folder: how long the planner decides. The order must be the same in every process.
    foreach ($folder in (Join-Path $shared 'realdata/harbor'), (Join-Path $shared 'realdata/supabase-auth'), (New-DependentFolder)) {
        $runs = foreach ($round in 0..$Rounds) {
            $text = pwsh -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'plan.ps1') -Module $Module -Folder $folder
            if ($LASTEXITCODE -ne 0) { throw "The plan of $folder failed." }
            $milliseconds, $steps, $order = $text -split ';'
            Write-Information ('round {0}  plan of {1,-14} {2,7:F1} ms' -f $round, (Split-Path $folder -Leaf), [double]$milliseconds) -InformationAction Continue
            [pscustomobject]@{ Milliseconds = [double]$milliseconds; Steps = [int]$steps; Order = $order }
        }
        if (@($runs.Order | Select-Object -Unique).Count -ne 1) { throw "Two plans of $folder have different orders." }
        '| {0} | {1} | {2:F0} | 50 |' -f (Split-Path $folder -Leaf), $runs[0].Steps, (Get-Median $runs[1..$Rounds].Milliseconds)
    }
}

$planRows = if ('plan' -in $wanted) { Measure-Plan }
if (-not ($wanted -ne 'plan')) {
    return $planRows
}
$w1 = New-Workload 'w1' 'table' 500 'plain'
$w3 = New-Workload 'w3' 'table' 520 'plain'
$w4 = New-Workload 'w4' 'small' 5000 'plain'
$session = Join-Path (New-Workload 'w1-psql' 'table' 500 'psql-session') 'driver.sql'
$floor = Get-Floor
$server = Start-TestServer -Durable
try {
    $connection = { param($Database) "Host=127.0.0.1;Port=$($server.Port);Username=postgres;Database=$Database" }
    $import = "`$ErrorActionPreference = 'Stop'; Import-Module '$Module/PgMigrate.psd1'; "
    $apply = { param($Database, $Folder) "$import `$null = Invoke-PgMigration -ConnectionString '$(& $connection $Database)' -Path '$Folder'" }
    $status = { param($Database, $Folder) "$import `$null = Get-PgMigrationStatus -ConnectionString '$(& $connection $Database)' -Path '$Folder'" }
    # What earlier runs left is not to be vacuumed while a later one is measured.
    Invoke-Sql 'ALTER SYSTEM SET autovacuum = off'
    Invoke-Sql 'SELECT pg_reload_conf()'
    foreach ($name in 'noop_floor', 'noop_pgm', 'many_floor', 'many_pgm') { Invoke-Sql "CREATE DATABASE $name" }
    foreach ($pair in @('noop', $w1), @('many', $w4)) {
        $null = Measure-Process $floor 'up', $pair[1], (& $connection "$($pair[0])_floor"), 'text'
        $null = Measure-Pwsh (& $apply "$($pair[0])_pgm" $pair[1])
    }

    $commands = [ordered]@{
        'bare'         = { Measure-Pwsh '1' }
        'W1 psql'      = { $database = New-Database; Measure-Process 'psql' '-X', '-q', '-h', '127.0.0.1', '-p', $server.Port, '-U', 'postgres', '-d', $database, '-f', $session }
        'W1 floor'     = { $database = New-Database; Measure-Process $floor 'up', $w1, (& $connection $database), 'batch' }
        'W1 four'      = { $database = New-Database; Measure-Process $floor 'up', $w1, (& $connection $database), 'per-step' }
        'W1 raw'       = { $database = New-Database; Measure-Process $floor 'raw', $w1, "127.0.0.1:$($server.Port):$database" }
        'W1 PgMigrate' = { $database = New-Database; Measure-Pwsh (& $apply $database $w1) }
        'W2 floor'     = { Measure-Process $floor 'up', $w1, (& $connection noop_floor) }
        'W2 PgMigrate' = { Measure-Pwsh (& $apply noop_pgm $w1) }
        'W3 floor'     = { Measure-Process $floor 'status', $w3, (& $connection noop_floor) }
        'W3 PgMigrate' = { Measure-Pwsh (& $status noop_pgm $w3) }
        'W4 floor'     = { Measure-Process $floor 'up', $w4, (& $connection many_floor) }
        'W4 PgMigrate' = { Measure-Pwsh (& $apply many_pgm $w4) }
    }
    $bulk = [ordered]@{ W5m = 'bulk'; W5s = 'bulk1'; W5c = 'bulkcopy' }
    $load = { param($Shape) $database = New-Database; Measure-Process 'psql' '-X', '-q', '-1', '-h', '127.0.0.1', '-p', $server.Port, '-U', 'postgres', '-d', $database, '-f', (Get-ChildItem (New-BulkFolder $Shape) -Filter *.sql).FullName }
    $stream = { param($Shape) $database = New-Database; Measure-Process $floor 'stream', (New-BulkFolder $Shape), (& $connection $database) }
    $commands['W5m psql'] = { & $load bulk }
    $commands['W5m floor'] = { & $stream bulk }
    $commands['W5m PgMigrate'] = { $database = New-Database; Measure-Pwsh (& $apply $database (New-BulkFolder bulk)) }
    $commands['W5s psql'] = { & $load bulk1 }
    $commands['W5s floor'] = { & $stream bulk1 }
    $commands['W5s PgMigrate'] = { $database = New-Database; Measure-Pwsh (& $apply $database (New-BulkFolder bulk1)) }
    $commands['W5c psql'] = { & $load bulkcopy }
    $commands['W5c PgMigrate'] = { $database = New-Database; Measure-Pwsh (& $apply $database (New-BulkFolder bulkcopy)) }
    # Nothing to do is the base of W3 and W4, so it is always measured with them.
    $keys = @($commands.Keys | Where-Object { $key = $_; $wanted.Where({ $key.StartsWith($_) }) -or ($key -like 'W2*' -and ($wanted -match 'W[34]')) })
    $startRows = if ('start-up' -in $wanted) { Measure-StartUp (& $connection noop_pgm) }
    # Only what is compared runs in turn, the small ones first: after a large load everybody pays for its disk.
    $net = @{}
    $bare = @(foreach ($group in @('W[234]', 5), @('W1', 3), @('W5c', 3), @('W5m', 3), @('W5s', 1)) {
        $members = @($keys -match "^$($group[0])")
        if ($members) { Measure-Round $commands (@('bare') + $members) $group[1] $net }
    })
    $rows = [Collections.Generic.List[string]]::new()
    $add = {
        param($Name, $Key, $Base, $BaseName, $Goal)
        if ($net.ContainsKey($Key) -and $net.ContainsKey($Base)) {
            $rows.Add(('| {0} | {1:F3} | {2:F2} × {3} | {4} |' -f $Name, (Get-Median $net[$Key]), (Get-Ratio $net[$Key] $net[$Base]), $BaseName, $Goal))
        }
    }
    & $add 'W1 apply 500 to an empty database: psql, one session' 'W1 psql' 'W1 psql' 'psql' ''
    & $add 'W1 Npgsql floor, four round trips a file' 'W1 four' 'W1 psql' 'psql' ''
    & $add 'W1 Npgsql floor, one round trip a file' 'W1 floor' 'W1 psql' 'psql' ''
    & $add 'W1 no driver: a socket, one message a file' 'W1 raw' 'W1 psql' 'psql' ''
    & $add '**W1 PgMigrate**' 'W1 PgMigrate' 'W1 psql' 'psql' '0.95'
    & $add '**W1 PgMigrate**' 'W1 PgMigrate' 'W1 floor' 'the floor with one round trip' ''
    & $add 'W2 nothing to do, 500 applied: Npgsql floor' 'W2 floor' 'W2 floor' 'floor' ''
    & $add '**W2 PgMigrate**' 'W2 PgMigrate' 'W2 floor' 'floor' '1.15'
    & $add 'W3 status, 500 applied and 20 pending: Npgsql floor' 'W3 floor' 'W2 floor' 'W2 floor' ''
    & $add '**W3 PgMigrate**' 'W3 PgMigrate' 'W2 PgMigrate' 'W2 PgMigrate' '1.00'
    & $add 'W4 nothing to do, 5,000 applied: Npgsql floor' 'W4 floor' 'W2 floor' 'W2 floor' ''
    & $add '**W4 PgMigrate**' 'W4 PgMigrate' 'W2 PgMigrate' 'W2 PgMigrate' '1.40'

    & $add 'W5 50 MB of INSERTs with 1,000 rows each: psql' 'W5m psql' 'W5m psql' 'psql' ''
    & $add 'W5 Npgsql floor' 'W5m floor' 'W5m psql' 'psql' ''
    & $add '**W5 PgMigrate**' 'W5m PgMigrate' 'W5m psql' 'psql' '1.00'
    & $add 'W5 50 MB of INSERTs with one row each: psql' 'W5s psql' 'W5s psql' 'psql' ''
    & $add 'W5 Npgsql floor' 'W5s floor' 'W5s psql' 'psql' ''
    & $add '**W5 PgMigrate**' 'W5s PgMigrate' 'W5s psql' 'psql' '0.25'
    & $add 'W5 50 MB of rows for COPY: psql' 'W5c psql' 'W5c psql' 'psql' ''
    & $add '**W5 PgMigrate**' 'W5c PgMigrate' 'W5c psql' 'psql' '1.10'
    $memoryRows = if ('W5' -in $wanted) {
        foreach ($name in $bulk.Keys) {
            $database = New-Database
            $idle, $busy = Measure-Memory (& $apply $database (New-BulkFolder $bulk[$name]))
            '| {0} | {1:F0} | {2:F0} | {3:F0} | 100 |' -f $bulk[$name], $idle, $busy, ($busy - $idle)
        }
    }

    $size = { param($Path) '{0:N1} MB' -f ((Get-ChildItem $Path -Recurse -File | Measure-Object Length -Sum).Sum / 1MB) }
    $platforms = @(Get-ChildItem (Join-Path $Module 'dependencies') -Directory)
    $version = psql -X -h 127.0.0.1 -p $server.Port -U postgres -Atc 'SHOW server_version'
    $page = @"
# Performance

Written by ``./build.ps1 Bench``; do not edit. PostgreSQL $version, PowerShell $($PSVersionTable.PSVersion), .NET $([Environment]::Version),
$([Environment]::ProcessorCount) processors, $Rounds rounds on $([DateTime]::UtcNow.ToString('yyyy-MM-dd')).

Times are whole processes on loopback, fsync on; for PgMigrate the time of a bare ``pwsh -NoProfile -c 1`` of the same
round ($($bare ? '{0:F3} s' -f (Get-Median $bare) : 'not measured')) is taken off. All but the longest run several times in each round, of which
the median counts. A ratio is the median of the ratios of each round; take differences under 15 % as equal. The floors are
the least a correct runner does over Npgsql, compiled ahead of time.

| workload | seconds (median) | ratio | at most |
| --- | --- | --- | --- |
$($rows -join "`n")

The socket of W1 is the least that any client could take. The floors keep no log and leave the session as the file left it;
PgMigrate writes a line of the log and makes the session new, and has a second round trip for its COMMIT, so that a client
that is killed commits nothing.

## Memory

Peak of the whole process in MB: one that only imports the module, and one that applies a file of 50 MB.

| file | module loaded | applied | more | at most |
| --- | --- | --- | --- | --- |
$($memoryRows -join "`n")

## Planner

Milliseconds to decide on a folder of which nothing is applied: parse, check, order; median of fresh processes. "depends"
is generated, with random dependencies. The order is the same in every process, or this page is not written.

| folder | files | milliseconds | at most |
| --- | --- | --- | --- |
$($planRows -join "`n")

## Round trips

Round trips are counted on the wire by tests, not timed: two per plain migration, and at most eight for a run that finds
nothing to do, whatever the number of files.

## Start-up inside PowerShell

Milliseconds, median; the first query is one ``Get-PgMigrationStatus -History``: load the engine, connect, read.

| variant | Import-Module | first query | methods compiled at run time |
| --- | --- | --- | --- |
$($startRows -join "`n")

To reach: import at most 60, first query at most 100. The images cost size: the IL of the engine and its dependencies is
$('{0:N1} MB' -f ((Get-ChildItem (Join-Path $Module 'dependencies') -File | Measure-Object Length -Sum).Sum / 1MB)), and each platform adds its own ($(($platforms | ForEach-Object { "$($_.Name): $(& $size $_.FullName)" }) -join ', ')).
"@
    if (-not $Workload) {
        Set-Content (Join-Path $root 'docs/performance.md') $page
    }
    $page
}
finally {
    Stop-TestServer $server
}
