# What the tests need beside the SDK and a server: modules are fetched, and what is not to be had is named. Dot-sourced
# by build.ps1.

$script:FromNuGet = @{ Pester = '5.9.1' }

function Save-ModuleFromNuGet {
    # Pester is on NuGet, too: its package is fetched by a restore, and its tools folder is the module.
    param([string] $Name, [string] $Version, [string] $Folder)
    $work = New-Item -ItemType Directory -Force (Join-Path $Folder ".nuget/$Name")
    Set-Content (Join-Path $work 'Directory.Packages.props') '<Project />'
    Set-Content (Join-Path $work 'Directory.Build.props') '<Project />'
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

function Save-ModuleFromGallery {
    param([string] $Name, [string] $Folder)
    if (-not (Get-Command Save-PSResource -ErrorAction Ignore)) {
        return
    }
    try {
        Save-PSResource $Name -Path $Folder -TrustRepository -ErrorAction Stop -WarningAction Ignore
    }
    catch {
        Write-Verbose "The PowerShell Gallery has no $Name for us: $($_.Exception.Message)"
    }
}

function Find-Program {
    # A program on PATH, or where Debian puts daemons.
    param([string] $Name)
    [bool]((Get-Command $Name -CommandType Application -ErrorAction Ignore) -or (Test-Path "/usr/sbin/$Name"))
}

function Get-MissingNeed {
    # Fetches the modules into this folder, and returns what is not to be had, with what goes without it and the remedy.
    param([string] $Folder)
    $null = New-Item -ItemType Directory -Force $Folder
    $env:PSModulePath = $Folder + [IO.Path]::PathSeparator + $env:PSModulePath
    $groups = [ordered]@{
        'Pester'                       = 'The tests of the cmdlets'
        'PSScriptAnalyzer'             = 'The analysis of the scripts'
        'Microsoft.PowerShell.PlatyPS' = 'The comparison of help and pages by content'
    }
    foreach ($name in $groups.Keys) {
        if (-not (Get-Module -ListAvailable $name)) {
            Save-ModuleFromGallery $name $Folder
        }
        if (-not (Get-Module -ListAvailable $name) -and $script:FromNuGet[$name]) {
            Save-ModuleFromNuGet $name $script:FromNuGet[$name] $Folder
        }
        if (-not (Get-Module -ListAvailable $name)) {
            [pscustomobject]@{ Name = $name; Kind = 'Module'; Without = $groups[$name]; Remedy = "Install-PSResource $name" }
        }
    }
    if (-not (Find-Program pgbouncer)) {
        [pscustomobject]@{ Name = 'pgbouncer'; Kind = 'Program'; Without = 'The tests with PgBouncer'; Remedy = 'install the package pgbouncer' }
    }
    if (-not (Find-Program psql)) {
        [pscustomobject]@{ Name = 'psql'; Kind = 'Program'; Without = 'The comparisons with psql'; Remedy = 'install the PostgreSQL client' }
    }
}

function Write-MissingNeed {
    # One loud line for each group of tests that does not run.
    param([object[]] $Missing)
    foreach ($need in $Missing) {
        Write-Information "######## NOT RUN: $($need.Without), because $($need.Name) is not here. Remedy: $($need.Remedy)." -InformationAction Continue
    }
}
