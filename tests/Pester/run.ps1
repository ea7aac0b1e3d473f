<#
.SYNOPSIS
Runs the Pester suite against the built module and a test server, and writes the counts as JSON.
.DESCRIPTION
Build and package first, and set PGMIGRATE_TEST_CONNECTION to a superuser connection (Npgsql keywords). The suite makes
its own databases and roles there and removes them. ./build.ps1 Test does all of this.
.EXAMPLE
./tests/Pester/run.ps1 -Results out/pester.json
.EXAMPLE
./tests/Pester/run.ps1 -Only Pipeline, Stop
.EXAMPLE
./tests/Pester/run.ps1 -Only ManyRunners -Soak
#>
[CmdletBinding()]
param(
    # File for {"Passed":n,"Failed":n,"Skipped":n,"FailedTests":[{"Name":"…","Message":"…"}]}.
    [string] $Results,

    # Only the files of these names, without .Tests.ps1.
    [string[]] $Only,

    # Also the tests that take minutes (tag Soak).
    [switch] $Soak,

    # Modules that are not to be had: tests with the tag "Needs <module>" do not run.
    [string[]] $Without
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if (-not $env:PGMIGRATE_TEST_CONNECTION) {
    throw 'PGMIGRATE_TEST_CONNECTION is not set. Run ./build.ps1 Test, or set it to a superuser connection of a test server.'
}

# The suite ends with the build that started it.
if ($env:PGMIGRATE_TEST_OWNER) {
    $watch = [powershell]::Create().AddScript({
            param($Owner)
            while (-not $Owner.HasExited) { [Threading.Thread]::Sleep(500) }
            [Environment]::Exit(143)
        }).AddArgument((Get-Process -Id $env:PGMIGRATE_TEST_OWNER))
    $null = $watch.BeginInvoke()
}

# The caller's own database must not be what a test connects to.
Get-ChildItem env: | Where-Object { $_.Name -like 'DATABASE_URL*' -or ($_.Name -cmatch '^PG[A-Z_]+$' -and $_.Name -notlike 'PGMIGRATE*') } |
    ForEach-Object { Remove-Item "env:$($_.Name)" }

# Nor may the CI system it runs in: annotations of tests that provoke errors are no errors of the job.
'GITHUB_ACTIONS', 'TF_BUILD', 'GITHUB_STEP_SUMMARY' | ForEach-Object { Remove-Item "env:$_" -ErrorAction Ignore }

Import-Module Pester -MinimumVersion 5.5
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Only ? @($Only -split ',' | ForEach-Object { Join-Path $PSScriptRoot "$_.Tests.ps1" }) : $PSScriptRoot
$configuration.Filter.ExcludeTag = @($Soak ? @() : 'Soak') + @($Without -split ',' | Where-Object { $_ } | ForEach-Object { "Needs $_" })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.StackTraceVerbosity = 'FirstLine'
$run = Invoke-Pester -Configuration $configuration

foreach ($skipped in $run.Skipped) {
    Write-Output "Skipped: $($skipped.ExpandedPath) - $($skipped.ErrorRecord[0].Exception.Message)"
}

# A file or a block that breaks down counts as a failure: its tests would be missing silently.
$failed = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
if ($Results) {
    $named = @(@($run.Failed) + @($run.FailedBlocks) + @($run.FailedContainers) | Where-Object { $_ } | ForEach-Object {
            $name = $_.PSObject.Properties['ExpandedPath'] ? $_.ExpandedPath : "$_"
            @{ Name = $name; Message = "$($_.ErrorRecord | Select-Object -First 1)" }
        })
    @{ Passed = $run.PassedCount; Failed = $failed; Skipped = $run.SkippedCount; FailedTests = $named } |
        ConvertTo-Json -Compress -Depth 3 | Set-Content -LiteralPath $Results
}

if ($failed -gt 0 -or $run.PassedCount -eq 0) {
    exit 1
}
exit 0
