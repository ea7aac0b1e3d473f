# Packs the module as a .nupkg. Dot-sourced by build.ps1.

function Assert-HelpIsCurrent {
    $made = [IO.File]::ReadAllText((Join-Path $root 'docs/help/en-US/pages.sha256')).Trim()
    if ($made -ne (Get-PageHash (Join-Path $root 'docs/cmdlets'))) {
        throw "The pages in docs/cmdlets have changed since the help was made from them. Run './build.ps1 Docs', which needs the module Microsoft.PowerShell.PlatyPS, and commit docs/help."
    }
}

function Export-Sbom {
    # What the module ships, as a CycloneDX bill of materials, made from the restored packages. The tool is pinned in the
    # tool manifest; where NuGet does not give it out, the package is made without, and a line says so.
    param([string] $Version, [string] $Folder)
    $file = Join-Path $Folder 'PgMigrate.cdx.json'
    # The manifest is looked for in the current folder.
    Push-Location $root
    $said = dotnet dnx -y cyclonedx -- (Join-Path $root 'src/PgMigrate.Engine/PgMigrate.Engine.csproj') --output $Folder --filename 'PgMigrate.cdx.json' `
        --output-format Json --disable-package-restore --set-name PgMigrate --set-version $Version --set-type Library 2>&1
    Pop-Location
    if ($LASTEXITCODE -ne 0 -or -not (Test-Path $file)) {
        Remove-Item $file -ErrorAction Ignore
        Write-Information "######## The package has no bill of materials: the tool cyclonedx did not run. $($said | Select-Object -Last 1)" -InformationAction Continue
    }
}

function Add-ModuleSignature {
    # Signs what Windows would otherwise not trust, and a catalogue of all files. Without a certificate nothing is signed.
    param([string] $Thumbprint)
    if (-not $Thumbprint) {
        return
    }
    if (-not [OperatingSystem]::IsWindows()) {
        throw 'Signing needs Windows: Authenticode and catalogues are its own.'
    }
    $certificate = Get-Item "Cert:/CurrentUser/My/$Thumbprint"
    $signed = Get-ChildItem $module -Recurse -Include 'PgMigrate.*.dll', '*.psd1', '*.ps1xml' |
        Set-AuthenticodeSignature -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer 'http://timestamp.digicert.com'
    $catalogue = New-FileCatalog -Path $module -CatalogFilePath (Join-Path $module 'PgMigrate.cat') -CatalogVersion 2.0
    $signed = @($signed) + @($catalogue | Set-AuthenticodeSignature -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer 'http://timestamp.digicert.com')
    $wrong = @($signed | Where-Object Status -NE 'Valid')
    if ($wrong) {
        throw "Not signed: $(($wrong | ForEach-Object { "$($_.Path) ($($_.StatusMessage))" }) -join ', ')."
    }
}

function Get-PackageVersion {
    # The version with its pre-release label, as the gallery knows it.
    param($Manifest)
    $label = $Manifest.PrivateData.PSData['Prerelease']
    $label ? "$($Manifest.ModuleVersion)-$label" : $Manifest.ModuleVersion
}

function Get-Nuspec {
    param($Manifest)
    $data = $Manifest.PrivateData.PSData
    $tags = @($data.Tags) + 'PSModule', 'PSEdition_Core', 'PSIncludes_Cmdlet' +
        ($Manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_" }) + ($Manifest.CmdletsToExport | ForEach-Object { "PSCommand_$_" })
    @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>PgMigrate</id>
    <version>$(Get-PackageVersion $Manifest)</version>
    <authors>$($Manifest.Author)</authors>
    <description>$([Security.SecurityElement]::Escape($Manifest.Description))</description>
    <releaseNotes>$([Security.SecurityElement]::Escape($data.ReleaseNotes))</releaseNotes>
    <copyright>$([Security.SecurityElement]::Escape($Manifest.Copyright))</copyright>
    <license type="expression">MIT</license>
    <icon>icon.png</icon>
    <iconUrl>$($data.IconUri)</iconUrl>
    <projectUrl>$($data.ProjectUri)</projectUrl>
    <tags>$($tags -join ' ')</tags>
  </metadata>
  <files>
    <file src="PgMigrate/**" target="" />
  </files>
</package>
"@
}

function Invoke-Package {
    Invoke-Build
    Assert-HelpIsCurrent
    $manifest = Import-PowerShellDataFile (Join-Path $module 'PgMigrate.psd1')
    Export-Sbom (Get-PackageVersion $manifest) $module
    Add-ModuleSignature $Certificate
    $nuspec = Join-Path $out 'PgMigrate.nuspec'
    Set-Content $nuspec (Get-Nuspec $manifest)
    Get-ChildItem $out -Filter '*.nupkg' | Remove-Item
    Invoke-Dotnet pack (Join-Path $root 'src/PgMigrate.Loader') -c Release --no-build --nologo -v quiet -o $out `
        "-p:NuspecFile=$nuspec" "-p:NuspecBasePath=$out" '-p:NoDefaultExcludes=true' '-p:NoWarn=NU5100%3BNU5110%3BNU5111%3BNU5128'
    $package = Get-ChildItem $out -Filter '*.nupkg'
    Write-Information ("Packed {0} ({1:N1} MB)" -f $package.Name, ($package.Length / 1MB)) -InformationAction Continue
}

function Invoke-Publish {
    # To a repository that is registered, or to a folder.
    Invoke-Package
    $package = (Get-ChildItem $out -Filter '*.nupkg').FullName
    $name = $Repository
    if (Test-Path -LiteralPath $Repository -PathType Container) {
        $name = "PgMigrate-$PID"
        Register-PSResourceRepository -Name $name -Uri (Convert-Path -LiteralPath $Repository) -Trusted
    }
    try {
        $key = $env:PGMIGRATE_API_KEY ? @{ ApiKey = $env:PGMIGRATE_API_KEY } : @{}
        Publish-PSResource -NupkgPath $package -Repository $name @key
        Write-Information "Published $(Split-Path $package -Leaf) to $Repository" -InformationAction Continue
    }
    finally {
        if ($name -ne $Repository) {
            Unregister-PSResourceRepository -Name $name
        }
    }
}
