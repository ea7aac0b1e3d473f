@{
    RootModule           = 'PgMigrate.PowerShell.dll'
    # In this order: the first ends the import when this session has loaded another build; then how objects are shown;
    # the model, whose types scripts can name after the import; what loads the engine. PowerShell would process
    # RequiredAssemblies, TypesToProcess and FormatsToProcess before all of them, and fail without saying why.
    NestedModules        = @('PgMigrate.Session.psm1', 'PgMigrate.Views.psd1', 'PgMigrate.Model.dll', 'PgMigrate.Loader.dll')
    ModuleVersion        = '0.1.0'
    GUID                 = '5d1f3c1e-6f0b-4f57-9a5c-2f0b1c6f7a41'
    Author               = 'PgMigrate contributors'
    CompanyName          = 'PgMigrate contributors'
    Copyright            = '(c) PgMigrate contributors. MIT licence.'
    Description          = 'PostgreSQL schema migrations from plain SQL files: applied one transaction each, previewed by -WhatIf, undone, and recorded so that nothing runs twice.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Compare-PgSchema'
        'Export-PgSchema'
        'Get-PgMigration'
        'Get-PgMigrationStatus'
        'Get-PgSchema'
        'Initialize-PgMigration'
        'Invoke-PgMigration'
        'New-PgMigration'
        'Remove-PgMigrationRecord'
        'Test-PgMigration'
        'Undo-PgMigration'
    )
    PrivateData          = @{
        PSData = @{
            Tags         = @('PostgreSQL', 'Postgres', 'Database', 'Migration', 'Schema', 'SQL', 'DevOps', 'CI', 'Linux', 'Windows', 'MacOS')
            LicenseUri   = 'https://github.com/pgmigrate/pgmigrate/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/pgmigrate/pgmigrate'
            IconUri      = 'https://raw.githubusercontent.com/pgmigrate/pgmigrate/main/docs/icon.png'
            # A label like preview1 makes the package one that is installed with -Prerelease only.
            Prerelease   = ''
            ReleaseNotes = 'https://github.com/pgmigrate/pgmigrate/blob/main/CHANGELOG.md'
        }
    }
}
