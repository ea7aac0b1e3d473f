<#
.SYNOPSIS
Gets the PowerShell modules that the tests need, and prints the names of those that are not to be had.
.DESCRIPTION
They come from the PowerShell Gallery, and where that is out of reach from NuGet, which has one of them. Those go into a
folder whose modules the caller's PSModulePath names.
#>
param([Parameter(Mandatory)] [string] $Folder)

$ErrorActionPreference = 'Stop'
$onNuGet = @{ Pester = '5.9.1' }

function Save-FromNuGet {
    param([string] $Name, [string] $Version)
    $work = New-Item -ItemType Directory -Force (Join-Path $Folder ".nuget/$Name")
    Set-Content (Join-Path $work 'Directory.Packages.props') '<Project />'
    Set-Content (Join-Path $work 'get.csproj') @"
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><RestorePackagesPath>packages</RestorePackagesPath></PropertyGroup>
  <ItemGroup><PackageDownload Include="$Name" Version="[$Version]" /></ItemGroup>
</Project>
"@
    dotnet restore (Join-Path $work 'get.csproj') -v quiet | Out-Null
    $tools = Join-Path $work "packages/$($Name.ToLowerInvariant())/$Version/tools"
    if (Test-Path $tools) {
        $target = New-Item -ItemType Directory -Force (Join-Path $Folder "$Name/$Version")
        Copy-Item (Join-Path $tools '*') $target -Recurse -Force
    }
}

foreach ($name in 'Pester', 'PSScriptAnalyzer', 'Microsoft.PowerShell.PlatyPS') {
    if (-not (Get-Module -ListAvailable $name) -and (Get-Command Install-PSResource -ErrorAction Ignore)) {
        Install-PSResource $name -TrustRepository -ErrorAction Ignore
    }
    if (-not (Get-Module -ListAvailable $name) -and $onNuGet[$name]) {
        Save-FromNuGet $name $onNuGet[$name]
    }
    if (-not (Get-Module -ListAvailable $name)) {
        $name
    }
}
