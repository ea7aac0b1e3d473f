# Runs the tests. Dot-sourced by build.ps1.

function Get-DotnetForNet8 {
    # A dotnet command that runs .NET 8 programs on .NET 8: the installed one, or one put together from the runtime's pack.
    if (@(dotnet --list-runtimes) -match '^Microsoft\.NETCore\.App 8\.') {
        return (Get-Command dotnet -CommandType Application | Select-Object -First 1).Source
    }
    $folder = New-Item -ItemType Directory -Force (Join-Path $out 'net8')
    $project = Join-Path $folder 'runtime.csproj'
    Set-Content $project @"
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <RuntimeIdentifier>$(Get-HostPlatform)</RuntimeIdentifier>
    <SelfContained>true</SelfContained>
    <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
  </PropertyGroup>
</Project>
"@
    Invoke-Dotnet restore $project -v quiet --nologo | Out-Null
    $pack = (dotnet build $project -t:ResolveFrameworkReferences -getItem:ResolvedRuntimePack | ConvertFrom-Json).Items.ResolvedRuntimePack |
        Where-Object FrameworkName -EQ 'Microsoft.NETCore.App'
    $native = Join-Path $pack.PackageDirectory "runtimes/$(Get-HostPlatform)"
    $command = (Get-Command dotnet -CommandType Application | Select-Object -First 1).Source
    $installed = Split-Path ([IO.File]::ResolveLinkTarget($command, $true)?.FullName ?? $command)
    $dotnetRoot = Join-Path $folder 'dotnet'
    if (-not (Test-Path $dotnetRoot)) {
        $shared = New-Item -ItemType Directory (Join-Path $dotnetRoot 'shared/Microsoft.NETCore.App')
        Copy-Item (Join-Path $installed (Split-Path $command -Leaf)) $dotnetRoot
        foreach ($part in 'host', 'sdk') {
            $null = New-Item -ItemType SymbolicLink (Join-Path $dotnetRoot $part) -Target (Join-Path $installed $part)
        }
        Get-ChildItem (Join-Path $installed 'shared/Microsoft.NETCore.App') -Directory |
            ForEach-Object { $null = New-Item -ItemType SymbolicLink (Join-Path $shared $_.Name) -Target $_.FullName }
        $runtime = New-Item -ItemType Directory (Join-Path $shared $pack.NuGetPackageVersion)
        Copy-Item (Join-Path $native 'lib/net8.0/*'), (Join-Path $native 'native/*') $runtime
    }
    Join-Path $dotnetRoot (Split-Path $command -Leaf)
}

function Invoke-EngineTest {
    # The engine is built for .NET 8 and tested there, and on the newest runtime that is installed.
    param([ValidateSet('newest', 'net8')] [string] $Runtime, [string] $Connection, [string] $Name)
    $results = Join-Path $out "engine-$Name.trx"
    $kept = $env:DOTNET_ROLL_FORWARD, $env:DOTNET_ROOT
    try {
        $dotnet = 'dotnet'
        # The MSBuild switch, set as a variable: then the tests start a container of their own.
        $env:PGMIGRATE_TEST_CONNECTION = $env:UseTestcontainers -eq 'true' ? '' : $Connection
        if ($Runtime -eq 'net8') {
            $dotnet = Get-DotnetForNet8
            $env:DOTNET_ROOT = Split-Path $dotnet
            $env:PGMIGRATE_TEST_RUNTIME = '8'
        }
        else {
            $env:DOTNET_ROLL_FORWARD = 'LatestMajor'
            $env:PGMIGRATE_TEST_RUNTIME = ''
        }
        # The test of generated files takes as many as take minutes.
        $env:PGMIGRATE_SOAK = $Soak ? '1' : ''
        # The console says why a test failed only when it is asked for by name.
        & $dotnet test (Join-Path $root 'tests/Engine') -c Release --no-build --nologo -v quiet `
            --logger "trx;LogFileName=$results" --logger 'console;verbosity=minimal' | Out-Host
    }
    finally {
        $env:DOTNET_ROLL_FORWARD, $env:DOTNET_ROOT = $kept
    }
    if (-not (Test-Path $results)) {
        throw "The engine tests did not run on $Runtime."
    }
    ([xml](Get-Content $results -Raw)).TestRun.ResultSummary.Counters
}

function Invoke-PesterSuite {
    # A fresh process: an assembly that is loaded once cannot be replaced.
    param([string] $Connection, [string[]] $Without)
    $results = Join-Path $out 'pester.json'
    Remove-Item $results -ErrorAction Ignore
    $env:PGMIGRATE_TEST_CONNECTION = $Connection
    $also = @($Soak ? '-Soak' : @()) + @($Without ? @('-Without', ($Without -join ',')) : @())
    pwsh -NoProfile -NonInteractive -File (Join-Path $root 'tests/Pester/run.ps1') -Results $results @also | Out-Host
    if (-not (Test-Path $results)) {
        throw 'The Pester suite did not run.'
    }
    Get-Content $results -Raw | ConvertFrom-Json
}

function Invoke-TestRun {
    # The tests on one server: a count of passed and failed for each part.
    param([hashtable] $Run, [string[]] $Without)
    $given = $env:PGMIGRATE_TEST_CONNECTION, $env:PGMIGRATE_POSTGRES_BIN
    $server = Start-TestServer -Major $Run.Major
    try {
        # The other servers that tests start are of the same major.
        if ($server.Bin) { $env:PGMIGRATE_POSTGRES_BIN = $server.Bin }
        foreach ($runtime in $Run.Runtimes) {
            Write-Information "Engine tests on $($Run.Major ? "PostgreSQL $($Run.Major)" : 'the default server'), .NET $runtime" -InformationAction Continue
            $engine = Invoke-EngineTest $runtime $server.ConnectionString "$runtime$($Run.Major)"
            [pscustomobject]@{ Passed = [int]$engine.passed; Failed = [int]$engine.failed + [int]$engine.error + [int]$engine.timeout }
        }
        if ($Run.Pester -and 'Pester' -notin $Without) {
            Invoke-PesterSuite $server.ConnectionString $Without
        }
    }
    finally {
        $env:PGMIGRATE_TEST_CONNECTION, $env:PGMIGRATE_POSTGRES_BIN = $given
        Stop-TestServer $server
    }
}
