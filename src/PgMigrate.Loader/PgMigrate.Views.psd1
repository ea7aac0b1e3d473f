# How objects are shown: a nested module, so that it is processed after PgMigrate.Session.psm1.
@{
    ModuleVersion     = '1.0'
    TypesToProcess    = @('PgMigrate.Types.ps1xml')
    FormatsToProcess  = @('PgMigrate.Format.ps1xml')
    FunctionsToExport = @()
    CmdletsToExport   = @()
    AliasesToExport   = @()
}
