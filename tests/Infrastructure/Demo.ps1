# The main job in a minute: create, preview, apply, see, undo, and a mistake. Run by ./build.ps1 Demo.
param([string] $Module, [string] $Connection)
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $Module 'PgMigrate.psd1')
$work = Join-Path ([IO.Path]::GetTempPath()) "pgmigrate-demo-$PID"
$null = New-Item -ItemType Directory $work

function Show {
    param([string] $Title, [scriptblock] $Script)
    "`n=== $Title"
    "PS> $("$Script".Trim())"
    & $Script | Out-String -Width 100 | ForEach-Object TrimEnd
}

Push-Location $work
try {
    $env:DATABASE_URL = $Connection
    Show 'Two files are written' {
        New-PgMigration 'create customers' -Content "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);`nINSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');" -Down 'DROP TABLE customers;'
        New-PgMigration 'add email' -Content 'ALTER TABLE customers ADD email text;' -Down 'ALTER TABLE customers DROP email;'
    }
    Show 'What would happen (nothing is written)' { Invoke-PgMigration -WhatIf }
    Show 'Apply them' { Invoke-PgMigration }
    Show 'The state of the database' { Get-PgMigrationStatus }
    Show 'Take the last one back' { Undo-PgMigration -Confirm:$false }
    Show 'What was done, newest first' { Get-PgMigrationStatus -History | Select-Object Event, FileName, DurationMs }
    Set-Content "$work/migrations/003_mistake.sql" "CREATE TABLE orders (id int PRIMARY KEY);`nINSERT INTO orders VALUES (1, 'too many');"
    "`n=== A mistake: the error names file, line and column, and nothing of the file remains"
    'PS> Invoke-PgMigration'
    try {
        Invoke-PgMigration | Out-String -Width 100 | ForEach-Object TrimEnd
        throw 'The demo expected an error.'
    }
    catch [System.Management.Automation.RuntimeException] {
        if ($_.FullyQualifiedErrorId -notlike 'MigrationFailed*') { throw }
        $_.Exception.Message
    }
    Show 'The gate of a CI step' { Get-PgMigrationStatus -Summary }
}
finally {
    Pop-Location
    Remove-Item -LiteralPath $work -Recurse -Force
}
