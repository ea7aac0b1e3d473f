# A test server in a container, for PGMIGRATE_TEST_SERVER=container. Dot-sourced by TestServer.ps1.

function Start-ContainerServer {
    # docker, or podman under that name. The image of a major is the official one.
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Start-TestServer asks.')]
    param([string] $Major, [int] $MaxConnections, [switch] $Keep)
    if (-not (Get-Command docker -CommandType Application -ErrorAction Ignore)) {
        throw "PGMIGRATE_TEST_SERVER is 'container', and there is no docker command: install Docker, or set the variable to auto, local or npm."
    }
    $image = $Major ? "postgres:$Major-alpine" : ($env:PGMIGRATE_TEST_IMAGE ? $env:PGMIGRATE_TEST_IMAGE : 'postgres:17-alpine')
    $id = docker run --detach --publish 127.0.0.1::5432 --env POSTGRES_HOST_AUTH_METHOD=trust $image `
        -c fsync=off -c timezone=UTC -c "max_connections=$MaxConnections"
    if ($LASTEXITCODE -ne 0) {
        throw "docker could not run $image."
    }
    if (-not $Keep) {
        Start-Guard ($script:OnWindows ? 'docker rm --force --volumes $env:PGM_CONTAINER' : 'docker rm --force --volumes "$PGM_CONTAINER"') @{ PGM_CONTAINER = $id }
    }
    $port = [int](@(docker port $id 5432/tcp)[0] -split ':')[-1]
    # The image starts the server twice, first for its own set-up, and then on a port of the network.
    $clock = [Diagnostics.Stopwatch]::StartNew()
    do {
        if ($clock.Elapsed.TotalSeconds -gt 60) {
            throw "The server in the container did not answer within 60 s: $(docker logs --tail 20 $id 2>&1 | Out-String)"
        }
        [Threading.Thread]::Sleep(200)
        $null = docker exec $id pg_isready --host 127.0.0.1 --username postgres
    } while ($LASTEXITCODE -ne 0)
    [pscustomobject]@{
        ConnectionString = "Host=127.0.0.1;Port=$port;Username=postgres;Database=postgres"
        Folder           = $null
        Bin              = $null
        Port             = $port
        Owner            = $null
        Container        = $id
    }
}
