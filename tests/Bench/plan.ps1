# How long the planner decides on a folder of which nothing is applied, in this fresh process: milliseconds, number of
# steps and a hash of their order, one line. Reading the folder is not part of it, parsing its files is.
param([string] $Module, [string] $Folder)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Add-Type -Path (Join-Path $Module 'PgMigrate.Model.dll')
# The image that the module itself would load on this platform.
Add-Type -Path (Get-ChildItem (Join-Path $Module 'dependencies/*-*/PgMigrate.Engine.dll') | Select-Object -First 1).FullName
$content = [PgMigrate.Folders.MigrationFolder]::ReadAsync($Folder, $false, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
# The planner is an internal of the engine.
$engine = [PgMigrate.Migrator].Assembly
$history = [Activator]::CreateInstance($engine.GetType('PgMigrate.History.HistorySnapshot'))
$known = @{ Entries = [PgMigrate.History.HistoryEntry[]]@(); TableExists = $false; SchemaExists = $true; IsEmpty = $true }
$known.Keys | ForEach-Object { $history.GetType().GetProperty($_).SetValue($history, $known[$_]) }
$planner = $engine.GetType('PgMigrate.Planning.MigrationPlanner').GetMethod('Plan')
$request = [PgMigrate.Planning.PlanRequest]@{ Direction = 'Apply' }
$clock = [Diagnostics.Stopwatch]::StartNew()
$plan = $planner.Invoke($null, @($content, $history, $request))
$milliseconds = $clock.Elapsed.TotalMilliseconds
if ($plan.Errors.Count -gt 0) {
    throw "The plan is blocked: $($plan.Errors[0])"
}
$order = [Text.Encoding]::UTF8.GetBytes($plan.Steps.FileName -join "`n")
"$($milliseconds.ToString([cultureinfo]::InvariantCulture));$($plan.Steps.Count);$([Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($order)))"
