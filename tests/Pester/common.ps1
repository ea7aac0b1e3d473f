# What all test files share: the built module, databases on the test server, folders, and fresh pwsh processes.
# Dot-source it in the outermost BeforeAll; call Remove-TestDatabase in its AfterAll.

$root = Split-Path (Split-Path $PSScriptRoot)
$modulePath = $env:PGMIGRATE_MODULE ? $env:PGMIGRATE_MODULE : (Join-Path $root 'out/PgMigrate')
$manifestPath = Join-Path $modulePath 'PgMigrate.psd1'
if (-not (Test-Path $manifestPath)) {
    throw "There is no module in $modulePath. Run ./build.ps1 Package first."
}
if (-not $env:PGMIGRATE_TEST_CONNECTION) {
    throw 'PGMIGRATE_TEST_CONNECTION is not set. Run ./build.ps1 Test, or set it to a superuser connection of a test server.'
}

# Once per process: an assembly that is loaded cannot be replaced.
if (-not (Get-Module PgMigrate)) {
    Import-Module $manifestPath
}

$serverSettings = [Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $env:PGMIGRATE_TEST_CONNECTION }
$server = [pscustomobject]@{
    HostName = [string]($serverSettings.ContainsKey('Host') ? $serverSettings['Host'] : 'localhost')
    Port     = [int]($serverSettings.ContainsKey('Port') ? $serverSettings['Port'] : 5432)
    UserName = [string]($serverSettings.ContainsKey('Username') ? $serverSettings['Username'] : 'postgres')
    Password = [string]($serverSettings.ContainsKey('Password') ? $serverSettings['Password'] : '')
    Database = [string]($serverSettings.ContainsKey('Database') ? $serverSettings['Database'] : 'postgres')
}
. (Join-Path $PSScriptRoot 'sql.ps1')
$testDatabases = [Collections.Generic.List[string]]::new()
$testRoles = [Collections.Generic.List[string]]::new()

function Start-OwnServer {
    # A server that belongs to the caller alone, of the same major as the common one; end it with Stop-TestServer.
    # ConvertTo-ServerAccess makes of it what $server is.
    param([int] $MaxConnections = 100)
    . (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
    $major = Get-ServerMajor
    $installed = & (Join-Path (Find-PostgresBin) "postgres$($IsWindows ? '.exe' : '')") --version
    Use-Environment @{ PGMIGRATE_TEST_CONNECTION = $null } {
        Start-TestServer -Major ($installed -match "\) $major(\D|$)" ? '' : $major) -MaxConnections $MaxConnections
    }
}

function ConvertTo-ServerAccess {
    param($OwnServer)
    [pscustomobject]@{ HostName = '127.0.0.1'; Port = $OwnServer.Port; UserName = 'postgres'; Password = ''; Database = 'postgres' }
}

function Get-ServerMajor {
    [int](Invoke-Sql "SELECT current_setting('server_version_num')::int / 10000;")
}

function New-TestDatabase {
    # A fresh database; its name, connection string, URI and the PG* variables that mean it.
    param([string] $UserName = $server.UserName)
    $name = "pgm_$([Guid]::NewGuid().ToString('n').Substring(0, 12))"
    Invoke-Sql "CREATE DATABASE $name;"
    $testDatabases.Add($name)
    $text = "Host=$($server.HostName);Port=$($server.Port);Username=$UserName;Database=$name"
    if ($server.Password -and $UserName -eq $server.UserName) {
        $text += ";Password=$($server.Password)"
    }
    [pscustomobject]@{
        Name             = $name
        ConnectionString = $text
        Uri              = "postgresql://$($UserName):$($server.Password)@$($server.HostName):$($server.Port)/$name"
        Shown            = "$UserName@$($server.HostName):$($server.Port)/$name"
        Variables        = @{
            PGHOST = $server.HostName; PGPORT = "$($server.Port)"; PGUSER = $UserName; PGDATABASE = $name; PGPASSWORD = $server.Password
        }
    }
}

function Remove-TestDatabase {
    # Drops what New-TestDatabase and New-TestRole made in this file.
    foreach ($name in $testDatabases) {
        Invoke-Sql "DROP DATABASE IF EXISTS $name WITH (FORCE);"
    }
    foreach ($role in $testRoles) {
        Invoke-Sql "DROP ROLE IF EXISTS $role;"
    }
    $testDatabases.Clear()
    $testRoles.Clear()
}

function New-TestRole {
    param([string] $Options = 'LOGIN')
    $name = "pgm_$([Guid]::NewGuid().ToString('n').Substring(0, 12))"
    Invoke-Sql "CREATE ROLE $name $Options;"
    $testRoles.Add($name)
    $name
}

function Get-UserObject {
    # Everything in a database that a run could have left: schemas, tables, sequences, functions, types.
    param([string] $Database)
    Invoke-Sql -Database $Database @'
SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> 'public'
UNION ALL
SELECT c.relkind::text || ' ' || n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL
SELECT 'function ' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY 1;
'@
}

function New-MigrationFolder {
    # A folder with these files, byte for byte: text as UTF-8 without BOM, byte arrays as they are.
    param([Collections.IDictionary] $Files = @{})
    $folder = Join-Path $TestDrive "m$([Guid]::NewGuid().ToString('n').Substring(0, 8))"
    $null = [IO.Directory]::CreateDirectory($folder)
    foreach ($file in $Files.Keys) {
        Set-MigrationFile $folder $file $Files[$file]
    }
    $folder
}

function Set-MigrationFile {
    param([string] $Folder, [string] $File, $Content)
    $path = Join-Path $Folder $File
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
    [IO.File]::WriteAllBytes($path, ($Content -is [byte[]] ? $Content : [Text.UTF8Encoding]::new($false).GetBytes([string]$Content)))
}

# Three migrations with DOWN sections, as most tests need them.
$sampleFiles = [ordered]@{
    '001_create_customers.sql' = "-- Description: Who buys`n-- UP`nCREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);`nINSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');`n`n-- DOWN`nDROP TABLE customers;`n"
    '002_add_email.sql'        = "-- UP`nALTER TABLE customers ADD COLUMN email text;`n`n-- DOWN`nALTER TABLE customers DROP COLUMN email;`n"
    '003_create_orders.sql'    = "-- UP`nCREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers);`n`n-- DOWN`nDROP TABLE orders;`n"
}

function Get-ErrorOf {
    # The error record of a script that must fail.
    param([scriptblock] $Script)
    try {
        $null = & $Script 3>$null 6>$null
    }
    catch {
        return $_
    }
    throw "Nothing failed in { $("$Script".Trim()) }."
}

function Use-Environment {
    # Runs a script with these environment variables; $null removes one.
    param([Collections.IDictionary] $Variables, [scriptblock] $Script)
    $former = @{}
    foreach ($name in $Variables.Keys) {
        $former[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $Variables[$name] ?? [NullString]::Value)
    }
    try {
        & $Script
    }
    finally {
        foreach ($name in $former.Keys) {
            [Environment]::SetEnvironmentVariable($name, $former[$name] ?? [NullString]::Value)
        }
    }
}

function Test-SignalIgnored {
    # True when this process ignores SIGHUP, as under nohup, or SIGINT, as in the background of a shell script.
    $status = '/proc/self/status'
    (Test-Path $status) -and ([Convert]::ToUInt64((Select-String -LiteralPath $status -Pattern '^SigIgn:\s*(\w+)').Matches[0].Groups[1].Value, 16) -band 3)
}

function Add-DefaultSignal {
    # The same start, by way of env, which gives these signals their default effect again.
    param([Diagnostics.ProcessStartInfo] $Start)
    $also = [Diagnostics.ProcessStartInfo]::new('env')
    @('--default-signal=HUP,INT', $Start.FileName) + $Start.ArgumentList | ForEach-Object { $also.ArgumentList.Add($_) }
    $also
}

function Start-Pwsh {
    # A fresh pwsh that runs a script text; the module is imported first, unless -Bare.
    param(
        [string] $Script,
        [Collections.IDictionary] $Environment = @{},
        [string] $WorkingDirectory = $TestDrive,
        [switch] $Bare,
        # As -Command and not as a file.
        [switch] $AsCommand,
        # Standard input stays an open pipe without a writer.
        [switch] $OpenInput,
        [switch] $Interactive
    )
    $text = $Bare ? $Script : "Import-Module '$($manifestPath.Replace("'", "''"))'`n$Script"
    $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
    $start.ArgumentList.Add('-NoProfile')
    if (-not $Interactive) {
        $start.ArgumentList.Add('-NonInteractive')
    }
    if ($AsCommand) {
        $start.ArgumentList.Add('-Command')
        $start.ArgumentList.Add($text)
    }
    else {
        $file = Join-Path $TestDrive "s$([Guid]::NewGuid().ToString('n').Substring(0, 8)).ps1"
        [IO.File]::WriteAllText($file, $text)
        $start.ArgumentList.Add('-File')
        $start.ArgumentList.Add($file)
    }
    if (Test-SignalIgnored) {
        # What ignores a signal hands that on to its children.
        $start = Add-DefaultSignal $start
    }
    $start.WorkingDirectory = $WorkingDirectory
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = $start.StandardErrorEncoding = [Text.UTF8Encoding]::new($false)
    $start.Environment['NO_COLOR'] = '1'
    $start.Environment['POWERSHELL_UPDATECHECK'] = 'Off'
    # What the tests' own process was started with must not decide how the new one finds modules.
    $null = $start.Environment.Remove('PSModulePath')
    foreach ($name in $Environment.Keys) {
        if ($null -eq $Environment[$name]) { $null = $start.Environment.Remove($name) } else { $start.Environment[$name] = [string]$Environment[$name] }
    }
    $process = [Diagnostics.Process]::Start($start)
    $process | Add-Member -NotePropertyMembers @{
        OutputText = $process.StandardOutput.ReadToEndAsync()
        ErrorText  = $process.StandardError.ReadToEndAsync()
    }
    if (-not $OpenInput) {
        $process.StandardInput.Close()
    }
    $process
}

function Wait-Pwsh {
    # Waits for a started pwsh to end; one that does not end in time is killed, and that is an error.
    param([Diagnostics.Process] $Process, [int] $Seconds = 60)
    if (-not $Process.WaitForExit($Seconds * 1000)) {
        $Process.Kill()
        throw "pwsh did not end within $Seconds s. Output: $($Process.OutputText.Result) $($Process.ErrorText.Result)"
    }
    [pscustomobject]@{
        ExitCode = $Process.ExitCode
        Output   = $Process.OutputText.Result.ReplaceLineEndings("`n").Trim()
        Error    = $Process.ErrorText.Result.ReplaceLineEndings("`n").Trim()
    }
}

function Invoke-Pwsh {
    # Runs a script text in a fresh pwsh to its end: ExitCode, Output, Error.
    param(
        [string] $Script,
        [Collections.IDictionary] $Environment = @{},
        [string] $WorkingDirectory = $TestDrive,
        [switch] $Bare,
        [switch] $AsCommand,
        [switch] $OpenInput,
        [int] $Seconds = 60
    )
    $null = $PSBoundParameters.Remove('Seconds')
    Wait-Pwsh (Start-Pwsh @PSBoundParameters) $Seconds
}

function Wait-Until {
    # Polls until the condition holds; an error when it does not in time.
    param([string] $What, [scriptblock] $Condition, [int] $Seconds = 15)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) {
            throw "Not within $Seconds s: $What."
        }
        [Threading.Thread]::Sleep(30)
    }
}

function Get-LockKey {
    # The advisory lock of a tracking table, computed as documented: it must be the same in every release.
    param([string] $Schema = 'public', [string] $Table = 'schema_migrations')
    $hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes("PgMigrate`0$Schema`0$Table"))
    [Buffers.Binary.BinaryPrimitives]::ReadInt64BigEndian($hash)
}

function Get-OurTrace {
    # Sessions and advisory locks of PgMigrate that are still there in a database.
    param([string] $Database)
    Invoke-Sql @"
SELECT 'session ' || pid || ' ' || state || ' ' || application_name FROM pg_stat_activity
 WHERE datname = '$Database' AND application_name LIKE 'PgMigrate%'
UNION ALL
SELECT 'lock ' || l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = '$Database';
"@
}

function ConvertTo-Secure {
    param([string] $Text)
    $secure = [securestring]::new()
    $Text.ToCharArray() | ForEach-Object { $secure.AppendChar($_) }
    $secure.MakeReadOnly()
    $secure
}
