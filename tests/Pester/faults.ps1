# The boundaries and faults of Faults.Tests.ps1, and what it needs to bring a run there. Dot-source it after common.ps1;
# the lists alone are needed while Pester looks for tests.

# Three migrations in transactions; and the same with a second one that runs outside. Each statement leaves one row.
$faultFiles = @{
    inside  = [ordered]@{
        '000_audit.sql' = 'CREATE TABLE audit (file text, statement int);'
        '001_a.sql'     = "CREATE TABLE a (i int);`nINSERT INTO audit VALUES ('001', 1);"
        '002_b.sql'     = "CREATE TABLE b (i int);`nINSERT INTO audit VALUES ('002', 1);"
        '003_c.sql'     = "CREATE TABLE c (i int);`nINSERT INTO audit VALUES ('003', 1);"
    }
    outside = [ordered]@{
        '000_audit.sql' = 'CREATE TABLE audit (file text, statement int);'
        '001_a.sql'     = "CREATE TABLE a (i int);`nINSERT INTO audit VALUES ('001', 1);"
        '002_b.sql'     = "-- pgmigrate: no-transaction`nCREATE TABLE b (i int);`nINSERT INTO audit VALUES ('002', 1);`n" +
            "CREATE INDEX CONCURRENTLY b_i ON b (i);`nINSERT INTO audit VALUES ('002', 2);"
        '003_c.sql'     = "CREATE TABLE c (i int);`nINSERT INTO audit VALUES ('003', 1);"
    }
}

# Path: the statements that come by until the run is held, by their first words. Answer: the server has done the last of
# them, and the client does not know. Left: what the database holds then, as "version:state:statements done".
$record = 'INSERT INTO "public"."schema_migrations" ('
$first = "INSERT INTO audit VALUES ('002', 1)"
$second = "INSERT INTO audit VALUES ('002', 2)"
$two = '0:applied:0 1:applied:0'
$faultBoundaries = @(
    @{ Name = 'before the tracking table is committed'; Files = 'inside'; Path = , 'COMMIT'; Left = 'no table'; Shown = 'nothing' }
    @{ Name = 'while the tracking table is committed'; Files = 'inside'; Path = , 'COMMIT'; Answer = $true; Left = ''; Shown = 'an empty tracking table' }
    @{ Name = 'before BEGIN'; Files = 'inside'; Path = 'SET lock_timeout', 'BEGIN'; Left = ''; Shown = 'not applied' }
    @{ Name = 'between two statements'; Files = 'inside'; Path = 'CREATE TABLE b', $first; Left = $two; Shown = 'not applied' }
    @{ Name = 'before the record'; Files = 'inside'; Path = 'CREATE TABLE b', 'WITH recorded'; Left = $two; Shown = 'not applied' }
    @{ Name = 'before COMMIT'; Files = 'inside'; Path = 'CREATE TABLE b', 'COMMIT'; Left = $two; Shown = 'not applied' }
    @{ Name = 'during COMMIT'; Files = 'inside'; Path = 'CREATE TABLE b', 'COMMIT'; Answer = $true; Left = "$two 2:applied:0"; Shown = 'applied' }
    @{ Name = 'between two migrations'; Files = 'inside'; Path = 'CREATE TABLE b', 'COMMIT', 'BEGIN'; Left = "$two 2:applied:0"; Shown = 'applied' }
    @{ Name = 'outside a transaction: before its row'; Files = 'outside'; Path = 'CREATE TABLE a', $record; Left = $two; Shown = 'not applied' }
    @{ Name = 'outside: between two statements'; Files = 'outside'; Path = 'CREATE TABLE b', 'COMMIT', 'BEGIN'; Left = "$two 2:interrupted:1"; Shown = '1 of 4 done' }
    @{ Name = 'outside: before the COMMIT of the second'; Files = 'outside'; Path = $first, 'COMMIT'; Left = "$two 2:interrupted:1"; Shown = '1 of 4 done' }
    @{ Name = 'outside: during the COMMIT of the second'; Files = 'outside'; Path = $first, 'COMMIT'; Answer = $true; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done' }
    @{ Name = 'outside: before CREATE INDEX CONCURRENTLY'; Files = 'outside'; Path = , 'CREATE INDEX'; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: the index is there, unanswered'; Files = 'outside'; Path = , 'CREATE INDEX'; Answer = $true; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: before the mark behind the index'; Files = 'outside'; Path = 'CREATE INDEX', 'BEGIN READ WRITE'; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: before the record is completed'; Files = 'outside'; Path = $second, 'COMMIT', 'BEGIN READ WRITE'; Left = "$two 2:interrupted:4"; Shown = '4 of 4 done' }
    @{ Name = 'outside: before the last COMMIT'; Files = 'outside'; Path = $second, 'COMMIT', 'COMMIT'; Left = "$two 2:interrupted:4"; Shown = '4 of 4 done' }
    @{ Name = 'outside: during the last COMMIT'; Files = 'outside'; Path = $second, 'COMMIT', 'COMMIT'; Answer = $true; Left = "$two 2:applied:4"; Shown = 'applied' }
)

# Head: of its column on the page. Survives: the client lives on and says how it ended.
$faultKinds = @(
    @{ Fault = 'SIGKILL of the client'; Head = 'SIGKILL'; Survives = $false }
    @{ Fault = 'pg_terminate_backend'; Head = '`pg_terminate_backend`'; Survives = $true }
    @{ Fault = 'a crash of the server'; Head = 'Server crash'; Survives = $true }
    @{ Fault = 'a network that is cut'; Head = 'Network cut'; Survives = $true }
    @{ Fault = 'a network that stalls and heals'; Head = 'Stall that heals'; Survives = $true }
    if (-not $IsWindows) {
        @{ Fault = 'a network that stalls, then Ctrl+C'; Head = 'Stall, Ctrl+C'; Survives = $false }
    }
)

function Start-FaultServer {
    # A server of its own, of the same major as the common one: it crashes.
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    $major = [Math]::Floor([int](Invoke-Sql 'SHOW server_version_num;') / 10000)
    $installed = & (Join-Path (Find-PostgresBin) "postgres$($IsWindows ? '.exe' : '')") --version
    Use-Environment @{ PGMIGRATE_TEST_CONNECTION = $null } {
        Start-TestServer -Major ($installed -match "\) $major(\D|$)" ? '' : $major)
    }
}

function Start-FaultCell {
    # A database, a relay that holds at the boundary, and a pwsh that runs into it.
    param($Boundary, [switch] $Interactive)
    $database = New-TestDatabase
    $relay = [PgMigrate.Faults.FaultRelay]::new($server.Port)
    $relay.HoldAt($Boundary.Path, [bool]$Boundary['Answer'])
    $folder = New-MigrationFolder $faultFiles[$Boundary.Files]
    $through = "Host=127.0.0.1;Port=$($relay.Port);Username=$($server.UserName);Database=$($database.Name);SSL Mode=Disable"
    $process = Start-Pwsh -Interactive:$Interactive @"
try {
    Invoke-PgMigration -ConnectionString '$through' -Path '$folder' | ForEach-Object { "`$(`$_.Outcome) `$(`$_.FileName)" }
}
catch {
    "Error `$(`$_.FullyQualifiedErrorId -replace ',.*')"
    `$_.TargetObject.Results | Where-Object Outcome -ne 'Applied' | ForEach-Object { "`$(`$_.Outcome) `$(`$_.FileName)" }
    "Message `$(`$_.Exception.Message)"
}
"@
    [pscustomobject]@{ Boundary = $Boundary; Database = $database; Relay = $relay; Folder = $folder; Process = $process; Run = $null; Seconds = $null }
}

function Invoke-Fault {
    # Does to all cells, which are held, what the fault says, and sees their processes to their end.
    param([string] $Fault, $Cells)
    switch -Wildcard ($Fault) {
        'SIGKILL*' { $Cells | ForEach-Object { $_.Process.Kill(); $_.Process.WaitForExit(); $_.Relay.Cut() } }
        'pg_terminate*' { $Cells | ForEach-Object { Invoke-Sql "SELECT pg_terminate_backend($($_.Relay.HeldBackend), 5000);" | Should -Be 't'; $_.Relay.ReleaseWithoutIt() } }
        '*crash*' { Restart-TestServer $ownServer; $Cells | ForEach-Object { $_.Relay.ReleaseWithoutIt() } }
        '*is cut' { $Cells.Relay.Cut() }
        '*heals' { $Cells.Relay.Stall(); $Cells.Relay.Release(); [Threading.Thread]::Sleep(2500); $Cells.Relay.Heal() }
        '*Ctrl+C' { $Cells.Relay.Stall(); $Cells | ForEach-Object { kill -s INT $_.Process.Id } }
    }
    # All of them end within half a minute, whatever the network does.
    $clock = [Diagnostics.Stopwatch]::StartNew()
    foreach ($cell in $Cells) {
        $cell.Run = try { Wait-Pwsh $cell.Process ([Math]::Max(1, 30 - [int]$clock.Elapsed.TotalSeconds)) } catch { $_ }
        $cell.Seconds = $clock.Elapsed.TotalSeconds
    }
    $Cells.Relay.Dispose()
}

function Get-FaultState {
    # The records of a cell as "version:state:statements done", after it has been compared with the tables and the log.
    param($Cell)
    $name = $Cell.Database.Name
    if ((Invoke-Sql -Database $name "SELECT to_regclass('schema_migrations') IS NULL;") -eq 't') {
        Invoke-Sql -Database $name "SELECT to_regclass('audit') IS NULL;" | Should -Be 't'
        return 'no table'
    }
    $records = @(Invoke-Sql -Database $name "SELECT version || ':' || state || ':' || statements_done FROM schema_migrations ORDER BY id;")
    foreach ($one in @{ Version = 0; Table = 'audit' }, @{ Version = 1; Table = 'a' }, @{ Version = 2; Table = 'b' }, @{ Version = 3; Table = 'c' }) {
        $isThere = (Invoke-Sql -Database $name "SELECT to_regclass('$($one.Table)') IS NOT NULL;") -eq 't'
        $isThere | Should -Be (($records -match "^$($one.Version):") -notmatch ':interrupted:0$').Where({ $_ }, 'First').Count -Because "table $($one.Table) and its record belong together"
        $logged = Invoke-Sql -Database $name "SELECT count(*) FROM schema_migrations_log WHERE version = '$($one.Version)' AND event = 'applied';"
        $logged | Should -Be @($records -match "^$($one.Version):applied").Count -Because 'the log says what the table says'
    }
    $records -join ' '
}
