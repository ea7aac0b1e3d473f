# Packs the module as a .nupkg. Dot-sourced by build.ps1.

function Assert-HelpIsCurrent {
    $made = [IO.File]::ReadAllText((Join-Path $root 'docs/help/en-US/pages.sha256')).Trim()
    if ($made -ne (Get-PageHash (Join-Path $root 'docs/cmdlets'))) {
        throw "The pages in docs/cmdlets have changed since the help was made from them. Run './build.ps1 Docs', which needs the module Microsoft.PowerShell.PlatyPS, and commit docs/help."
    }
}

function Invoke-Package {
    Invoke-Build
    Assert-HelpIsCurrent
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
