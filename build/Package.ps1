# Packs the module and the engine, each as a .nupkg, and publishes them. Dot-sourced by build.ps1.

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
        --output-format Json --disable-package-restore --exclude-dev --set-name PgMigrate --set-version $Version --set-type Library 2>&1
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
    if (-not (Get-Command New-FileCatalog, Set-AuthenticodeSignature -ErrorAction Ignore)) {
        throw 'Signing needs Windows: only there PowerShell has Set-AuthenticodeSignature and New-FileCatalog.'
    }
    $certificate = Get-Item "Cert:/CurrentUser/My/$Thumbprint"
    $signed = Get-ChildItem $module -Recurse -Include 'PgMigrate.*.dll', '*.psd1', '*.psm1', '*.ps1xml' |
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

function Export-EnginePackage {
    # The NuGet package for .NET programs: the engine and the model, the very files that the module holds.
    param([string] $Version, [string] $Folder)
    Remove-Item -LiteralPath $Folder -Recurse -Force -ErrorAction Ignore
    Invoke-Dotnet pack (Join-Path $root 'src/PgMigrate.Engine/PgMigrate.Engine.csproj') -c Release --no-build --nologo -v quiet -o $Folder "-p:PackageVersion=$Version"
}

function Write-Packed {
    param([IO.FileInfo] $Package)
    Write-Information ("Packed {0} ({1:N0} KB)" -f $Package.Name, ($Package.Length / 1KB)) -InformationAction Continue
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
    Export-EnginePackage (Get-PackageVersion $manifest) $engineFeed
    Write-Packed (Get-ChildItem $out -Filter '*.nupkg')
    Write-Packed (Get-ChildItem $engineFeed -Filter '*.nupkg')
}

function Publish-Module {
    # To a repository that is registered, or to a folder.
    param([string] $Repository)
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

function Publish-EnginePackage {
    # To a NuGet source: its name, its address, or a folder. The key must not reach a message.
    param([string] $Source)
    $package = (Get-ChildItem $engineFeed -Filter '*.nupkg').FullName
    $key = $env:PGMIGRATE_NUGET_KEY ? @('--api-key', $env:PGMIGRATE_NUGET_KEY) : @()
    $place = (Test-Path -LiteralPath $Source -PathType Container) ? (Convert-Path -LiteralPath $Source) : $Source
    dotnet nuget push $package --source $place @key
    if ($LASTEXITCODE -ne 0) {
        throw "$(Split-Path $package -Leaf) was not pushed to $Source."
    }
    Write-Information "Published $(Split-Path $package -Leaf) to $Source" -InformationAction Continue
}

function Invoke-Publish {
    Invoke-Package
    if ($Repository) {
        Publish-Module $Repository
    }
    if ($NuGetSource) {
        Publish-EnginePackage $NuGetSource
    }
}
