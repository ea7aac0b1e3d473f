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

function Get-TestPart {
    # What Test runs: on each major the engine on both runtimes and the cmdlets, and on others the engine alone.
    param([string[]] $Majors, [string[]] $EngineMajors, [object[]] $PesterGroups)
    foreach ($major in $Majors ? $Majors : '') {
        $on = $major ? " on PostgreSQL $major" : ''
        $engine = 'newest', 'net8' | ForEach-Object {
            [pscustomobject]@{ Name = "engine, $($_ -eq 'net8' ? '.NET 8' : 'newest .NET')$on"; Major = $major; Runtime = $_; Files = $null }
        }
        $number = 0
        $cmdlets = foreach ($group in $PesterGroups) {
            $number++
            [pscustomobject]@{ Name = "cmdlets $number$on"; Major = $major; Runtime = $null; Files = @($group.Names) }
        }
        # In turns: the one kind waits while the other works.
        for ($index = 0; $index -lt [Math]::Max(2, $number); $index++) {
            $engine | Select-Object -Skip $index -First 1
            $cmdlets | Select-Object -Skip $index -First 1
        }
    }
    foreach ($major in $EngineMajors) {
        [pscustomobject]@{ Name = "engine on PostgreSQL $major"; Major = $major; Runtime = 'newest'; Files = $null }
    }
}

function Get-TestWeight {
    # About how many seconds a file of tests runs: some wait, or start many processes, and are short.
    param([IO.FileInfo] $File)
    $seconds = @{
        'Faults' = 400; 'Secrets' = 200; 'Undo-PgMigration' = 80; 'Build' = 80; 'Docs' = 70; 'CI.Steps' = 70; 'BadInput' = 60; 'CI' = 60
    }
    $seconds[$File.BaseName -replace '\.Tests$'] ?? ($File.Length / 600)
}

function Split-TestFile {
    # Deals files out into this many groups that run for about the same time.
    param([IO.FileInfo[]] $Files, [int] $Count)
    $groups = foreach ($number in 1..$Count) { [pscustomobject]@{ Seconds = 0.0; Names = [Collections.Generic.List[string]]::new() } }
    foreach ($file in $Files | Sort-Object { Get-TestWeight $_ } -Descending) {
        $least = $groups | Sort-Object Seconds | Select-Object -First 1
        $least.Names.Add($file.BaseName -replace '\.Tests$')
        $least.Seconds += Get-TestWeight $file
    }
    # The short ones first, to show a general failure early.
    $groups | ForEach-Object { $_.Names.Reverse() }
    $groups | Where-Object { $_.Names.Count }
}

function Start-TestPart {
    # Starts a server for the part, and the tests on it as a process.
    [Diagnostics.CodeAnalysis.SuppressMessage('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Test is what was asked for.')]
    param($Part, [string[]] $Without)
    $inContainer = $Part.Runtime -and $env:PGMIGRATE_TEST_SERVER -eq 'container' -and -not $env:PGMIGRATE_TEST_CONNECTION
    # Testcontainers starts the one of the engine tests.
    $server = $inContainer ? $null : (Start-TestServer -Major $Part.Major)
    $file = Join-Path $out "parts/$($Part.Name -replace '\W+', '-')"
    # A fresh process for each: an assembly that is loaded once cannot be replaced.
    $start = $Part.Runtime ? (Get-EngineStart $Part.Runtime "$file.trx") : (Get-PesterStart $Part.Files "$file.json" $Without)
    $start.Environment['PGMIGRATE_TEST_CONNECTION'] = ${server}?.ConnectionString
    if ($inContainer -and $Part.Major) {
        $start.Environment['PGMIGRATE_TEST_IMAGE'] = "postgres:$($Part.Major)-alpine"
    }
    # The other servers that tests start are of the same major.
    if (${server}?.Bin) { $start.Environment['PGMIGRATE_POSTGRES_BIN'] = $server.Bin }
    $Part | Add-Member -NotePropertyMembers @{ Server = $server; Results = $Part.Runtime ? "$file.trx" : "$file.json" }
    $start
}

function Get-EngineStart {
    # The engine is built for .NET 8 and tested there, and on the newest runtime that is installed.
    param([ValidateSet('newest', 'net8')] [string] $Runtime, [string] $Results)
    $dotnet = $Runtime -eq 'net8' ? (Get-DotnetForNet8) : (Get-Command dotnet -CommandType Application | Select-Object -First 1).Source
    $start = [Diagnostics.ProcessStartInfo]::new($dotnet)
    # The console says why a test failed only when it is asked for by name.
    'test', (Join-Path $root 'tests/Engine'), '-c', 'Release', '--no-build', '--nologo', '-v', 'quiet', '--logger',
    "trx;LogFileName=$Results", '--logger', 'console;verbosity=minimal' | ForEach-Object { $start.ArgumentList.Add($_) }
    if ($Runtime -eq 'net8') {
        $start.Environment['DOTNET_ROOT'] = Split-Path $dotnet
        $start.Environment['PGMIGRATE_TEST_RUNTIME'] = '8'
    }
    else {
        $start.Environment['DOTNET_ROLL_FORWARD'] = 'LatestMajor'
        $start.Environment['PGMIGRATE_TEST_RUNTIME'] = ''
    }
    # The test of generated files takes as many as take minutes.
    $start.Environment['PGMIGRATE_SOAK'] = $Soak ? '1' : ''
    $start
}

function Get-PesterStart {
    param([string[]] $Files, [string] $Results, [string[]] $Without)
    $start = [Diagnostics.ProcessStartInfo]::new($testPwsh)
    @('-NoProfile', '-NonInteractive', '-File', (Join-Path $root 'tests/Pester/run.ps1'), '-Results', $Results, '-Only', ($Files -join ',')) +
        @($Soak ? '-Soak' : @()) + @($Without ? @('-Without', ($Without -join ',')) : @()) | ForEach-Object { $start.ArgumentList.Add($_) }
    $start
}

function Read-TestResult {
    # How many of a part passed and failed, and which failed. A part that left no result has failed.
    param($Part)
    $count = @{ Name = $Part.Name; Passed = 0; Failed = 1; FailedTests = @() }
    if (Test-Path $Part.Results) {
        $text = Get-Content -LiteralPath $Part.Results -Raw
        if ($Part.Runtime) {
            $run = ([xml]$text).TestRun
            $counters = $run.ResultSummary.Counters
            $count.Passed = [int]$counters.passed
            $count.Failed = [int]$counters.failed + [int]$counters.error + [int]$counters.timeout
            $count.FailedTests = @($run.SelectNodes("//*[local-name() = 'UnitTestResult'][@outcome = 'Failed']") | ForEach-Object {
                    [pscustomobject]@{ Name = $_.testName; Message = "$($_.Output.ErrorInfo.Message)" }
                })
        }
        else {
            $found = $text | ConvertFrom-Json
            $count.Passed, $count.Failed, $count.FailedTests = $found.Passed, $found.Failed, @($found.FailedTests)
        }
    }
    # Tests can pass and their process break down after them.
    if ($Part.ExitCode -ne 0 -and $count.Failed -eq 0) {
        $count.Failed = 1
    }
    [pscustomobject]$count
}
