# The boundaries and faults of Faults.Tests.ps1, and what it needs to bring a run there. Dot-source it after common.ps1;
# the lists alone are needed while Pester looks for tests.

# Three migrations in transactions, and three of which the second runs outside. Each INSERT leaves one row.
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
# them, and the client does not know. Standby: nothing is held, the server waits for a synchronous standby that is not
# there, with the COMMIT of the second file's row of which this is true; Inside: with the next one, inside this statement.
# Left: what the database holds then, as "version:state:statements done".
$record = 'INSERT INTO "public"."schema_migrations" ('
$first = "INSERT INTO audit VALUES ('002', 1)"
$second = "INSERT INTO audit VALUES ('002', 2)"
$two = '0:applied:0 1:applied:0'
$begun = "NEW.progress_checksum LIKE 'apply?:%'"
$faultBoundaries = @(
    @{ Name = 'before the tracking table is committed'; Files = 'inside'; Path = , 'COMMIT'; Left = 'no table'; Shown = 'nothing' }
    @{ Name = 'while the tracking table is committed'; Files = 'inside'; Path = , 'COMMIT'; Answer = $true; Left = ''; Shown = 'an empty tracking table' }
    @{ Name = 'before BEGIN'; Files = 'inside'; Path = 'SET lock_timeout', 'BEGIN'; Left = ''; Shown = 'not applied' }
    @{ Name = 'between two statements'; Files = 'inside'; Path = 'CREATE TABLE b', $first; Left = $two; Shown = 'not applied' }
    @{ Name = 'before the record'; Files = 'inside'; Path = 'CREATE TABLE b', 'WITH recorded'; Left = $two; Shown = 'not applied' }
    @{ Name = 'before COMMIT'; Files = 'inside'; Path = 'CREATE TABLE b', 'COMMIT'; Left = $two; Shown = 'not applied' }
    @{ Name = 'during COMMIT'; Files = 'inside'; Path = 'CREATE TABLE b', 'COMMIT'; Answer = $true; Left = "$two 2:applied:0"; Shown = 'applied' }
    @{ Name = 'in a COMMIT that waits for a synchronous standby'; Files = 'inside'; Standby = "NEW.state = 'applied'"; Left = "$two 2:applied:0"; Shown = 'applied' }
    @{ Name = 'between two migrations'; Files = 'inside'; Path = 'CREATE TABLE b', 'COMMIT', 'BEGIN'; Left = "$two 2:applied:0"; Shown = 'applied' }
    @{ Name = 'outside a transaction: before its row'; Files = 'outside'; Path = 'CREATE TABLE a', $record; Left = $two; Shown = 'not applied' }
    @{ Name = 'outside: between two statements'; Files = 'outside'; Path = 'CREATE TABLE b', 'COMMIT', 'BEGIN'; Left = "$two 2:interrupted:1"; Shown = '1 of 4 done' }
    @{ Name = 'outside: before the COMMIT of the second'; Files = 'outside'; Path = $first, 'COMMIT'; Left = "$two 2:interrupted:1"; Shown = '1 of 4 done' }
    @{ Name = 'outside: during the COMMIT of the second'; Files = 'outside'; Path = $first, 'COMMIT'; Answer = $true; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done' }
    @{ Name = 'outside: before CREATE INDEX CONCURRENTLY'; Files = 'outside'; Path = , 'CREATE INDEX'; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: the index is there, unanswered'; Files = 'outside'; Path = , 'CREATE INDEX'; Answer = $true; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: before the mark after the index'; Files = 'outside'; Path = 'CREATE INDEX', 'BEGIN READ WRITE'; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: before the record is completed'; Files = 'outside'; Path = $second, 'COMMIT', 'BEGIN READ WRITE'; Left = "$two 2:interrupted:4"; Shown = '4 of 4 done' }
    @{ Name = 'outside: before the last COMMIT'; Files = 'outside'; Path = $second, 'COMMIT', 'COMMIT'; Left = "$two 2:interrupted:4"; Shown = '4 of 4 done' }
    @{ Name = 'outside: during the last COMMIT'; Files = 'outside'; Path = $second, 'COMMIT', 'COMMIT'; Answer = $true; Left = "$two 2:applied:4"; Shown = 'applied' }
    @{ Name = 'outside: in the COMMIT of its row that waits for a standby'; Files = 'outside'; Standby = 'NEW.statements_done = 0'; Left = "$two 2:interrupted:0"; Shown = '0 of 4 done' }
    @{ Name = 'outside: in the COMMIT of the second that waits for a standby'; Files = 'outside'; Standby = "NEW.statements_done = 2 AND NOT $begun"; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done' }
    @{ Name = 'outside: in the COMMIT of the mark before the index that waits for a standby'; Files = 'outside'; Standby = $begun; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: in CREATE INDEX CONCURRENTLY that waits for a standby'; Files = 'outside'; Standby = $begun; Inside = 'CREATE INDEX'; Left = "$two 2:interrupted:2"; Shown = '2 of 4 done, the third in doubt' }
    @{ Name = 'outside: in the COMMIT of the mark after the index that waits for a standby'; Files = 'outside'; Standby = 'NEW.statements_done = 3'; Left = "$two 2:interrupted:3"; Shown = '3 of 4 done' }
    @{ Name = 'outside: in the last COMMIT that waits for a standby'; Files = 'outside'; Standby = "NEW.state = 'applied'"; Left = "$two 2:applied:4"; Shown = 'applied' }
)

# Head: of its column on the page.
$faultKinds = @(
    @{ Fault = 'SIGKILL of the client'; Head = 'SIGKILL' }
    @{ Fault = 'pg_terminate_backend'; Head = '`pg_terminate_backend`' }
    @{ Fault = 'a crash of the server'; Head = 'Server crash' }
    @{ Fault = 'a network that is cut'; Head = 'Network cut' }
    @{ Fault = 'a network that stalls and heals'; Head = 'Stall that heals' }
    if (-not $IsWindows) {
        @{ Fault = 'a network that stalls, then Ctrl+C'; Head = 'Stall, Ctrl+C' }
    }
)

function Get-FaultCode {
    # The error id that the interrupted run ends with; none when it is killed, stopped, or continues.
    param($Boundary, [string] $Fault)
    switch -Wildcard ($Fault) {
        # The server's word, 57P01, reaches the client as the answer to a statement. Where that is the COMMIT, and where
        # the tracking table is created, only the session is lost, and the record tells.
        'pg_terminate*' {
            $Boundary.Name -match 'tracking table|^during COMMIT|during the last COMMIT' -or $Boundary['Standby'] ? 'ConnectionLost' : 'MigrationFailed'
        }
        '*crash*' { 'ConnectionLost' }
        # The server still waits for the standby, and its session holds the lock: the outcome is not known yet. A row that is under
        # way need not be known: it tells the next run, which gets the lock only then.
        '*is cut' { $Boundary['Standby'] -and $Boundary.Left -like '*2:applied*' ? 'CommitOutcomeUnknown' : 'ConnectionLost' }
    }
}

function Set-MissingStandby {
    # From now on COMMITs with the setting wait for a standby that does not exist; without -Wanted they no longer wait.
    param([switch] $Wanted)
    Invoke-Sql "ALTER SYSTEM SET synchronous_standby_names = '$($Wanted ? 'nobody' : '')'; SELECT pg_reload_conf();" | Should -Be 't'
}

function Get-StandbyTrigger {
    # What makes one COMMIT wait and none before it, as a standby does that fails right then.
    param($Boundary)
    $asks = $Boundary['Inside'] ?
        "set_config('synchronous_commit', 'on', false), set_config('synchronous_commit', 'local', true)" :
        "set_config('synchronous_commit', 'on', true)"
    @"

CREATE FUNCTION ask_standby() RETURNS trigger LANGUAGE plpgsql AS `$`$ BEGIN PERFORM $asks; RETURN NEW; END `$`$;
CREATE TRIGGER ask_standby BEFORE INSERT OR UPDATE ON schema_migrations FOR EACH ROW
    WHEN (NEW.version = '2' AND $($Boundary.Standby)) EXECUTE FUNCTION ask_standby();
"@
}

function Start-FaultCell {
    # A database, a relay that holds at the boundary, and a pwsh that runs into it; or the call alone.
    param($Boundary, [switch] $Interactive, [switch] $NoProcess)
    $database = New-TestDatabase
    $relay = [PgMigrate.Faults.FaultRelay]::new($server.Port)
    if ($Boundary['Path']) {
        $relay.HoldAt($Boundary.Path, [bool]$Boundary['Answer'])
    }
    $folder = New-MigrationFolder $faultFiles[$Boundary.Files]
    if ($Boundary['Standby']) {
        Set-MigrationFile $folder '001_a.sql' ($faultFiles[$Boundary.Files]['001_a.sql'] + (Get-StandbyTrigger $Boundary))
    }
    $through = "Host=127.0.0.1;Port=$($relay.Port);Username=$($server.UserName);Database=$($database.Name);SSL Mode=Disable"
    $call = "Invoke-PgMigration -ConnectionString '$through' -Path '$folder'"
    $process = $NoProcess ? $null : (Start-Pwsh -Interactive:$Interactive @"
try {
    $call 3>&1 | ForEach-Object { `$_ -is [Management.Automation.WarningRecord] ? "Warning `$_" : "`$(`$_.Outcome) `$(`$_.FileName)" }
}
catch {
    "Error `$(`$_.FullyQualifiedErrorId -replace ',.*')"
    `$_.TargetObject.Results | Where-Object Outcome -ne 'Applied' | ForEach-Object { "`$(`$_.Outcome) `$(`$_.FileName)" }
    "Counts `$(`$_.TargetObject.Applied) applied, `$(`$_.TargetObject.Unknown) unknown, `$(`$_.TargetObject.Pending) pending"
    "Message `$(`$_.Exception.Message)"
}
"@)
    [pscustomobject]@{
        Boundary = $Boundary; Database = $database; Relay = $relay; Folder = $folder; Call = $call; Process = $process
        Backend = $null; Run = $null; Seconds = $null
    }
}

function Wait-FaultCell {
    # Waits until the run has come to its boundary.
    param($Cell)
    if ($Cell.Boundary['Standby']) {
        $waiting = "SELECT pid FROM pg_stat_activity WHERE datname = '$($Cell.Database.Name)' AND wait_event = 'SyncRep' AND query LIKE '$($Cell.Boundary['Inside'])%';"
        Wait-Until 'COMMIT waits for a standby' { Invoke-Sql $waiting } 60
        $Cell.Backend = Invoke-Sql $waiting
    }
    elseif ($Cell.Relay.WaitHeld(60000)) {
        $Cell.Backend = $Cell.Relay.HeldBackend
    }
    else {
        throw "Never came to '$($Cell.Boundary.Name)': $((Wait-Pwsh $Cell.Process 5).Output)"
    }
}

function Stop-Backend {
    param([string] $Backend)
    Invoke-Sql "SELECT pg_terminate_backend($Backend);" | Should -Be 't'
    Wait-Until 'the session has ended' { (Invoke-Sql "SELECT count(*) FROM pg_stat_activity WHERE pid = $Backend;") -eq '0' } 5
}

function Invoke-Fault {
    # Does to all cells, which are held, what the fault says, and sees their processes to their end.
    param([string] $Fault, $Cells)
    switch -Wildcard ($Fault) {
        'SIGKILL*' { $Cells | ForEach-Object { $_.Process.Kill(); $_.Process.WaitForExit(); $_.Relay.Cut() } }
        'pg_terminate*' { $Cells | ForEach-Object { Stop-Backend $_.Backend; $_.Relay.ReleaseWithoutIt() } }
        '*crash*' { Restart-TestServer $ownServer; $Cells | ForEach-Object { $_.Relay.ReleaseWithoutIt() } }
        '*is cut' { $Cells.Relay.Cut() }
        '*heals' { $Cells.Relay.Stall(); $Cells.Relay.Release(); [Threading.Thread]::Sleep(2500); $Cells.Relay.Heal(); Set-MissingStandby }
        'Ctrl+C' { $Cells | ForEach-Object { kill -s INT $_.Process.Id } }
        '*stalls, then Ctrl+C' { $Cells.Relay.Stall(); $Cells | ForEach-Object { kill -s INT $_.Process.Id } }
        '*SIGTERM' { $Cells.Relay.Stall(); $Cells | ForEach-Object { kill -s TERM $_.Process.Id } }
    }
    # All of them end within half a minute, whatever the network does; who asks after a COMMIT does so for as long.
    $clock = [Diagnostics.Stopwatch]::StartNew()
    foreach ($cell in $Cells) {
        $limit = $cell.Boundary['Standby'] ? 45 : 30
        $cell.Run = try { Wait-Pwsh $cell.Process ([Math]::Max(1, $limit - [int]$clock.Elapsed.TotalSeconds)) } catch { $_ }
        $cell.Seconds = $clock.Elapsed.TotalSeconds
    }
    Set-MissingStandby
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

function Test-NextRun {
    # The run after the fault finishes what is left, and every statement has run once.
    param($Cell)
    $connection = @{ ConnectionString = $Cell.Database.ConnectionString }
    (Invoke-PgMigration @connection -Path $Cell.Folder -Summary).Status | Should -BeIn 'Success', 'UpToDate'
    $null = Get-FaultState $Cell
    Invoke-Sql -Database $Cell.Database.Name "SELECT file || ' ' || statement || ' ' || count(*) FROM audit GROUP BY file, statement ORDER BY 1;" |
        Should -Be @('001 1 1'; '002 1 1'; if ($Cell.Boundary.Files -eq 'outside') { '002 2 1' }; '003 1 1') -Because 'each statement has run once'
    (Get-PgMigrationStatus @connection -Path $Cell.Folder -Summary).IsUpToDate | Should -BeTrue
}
