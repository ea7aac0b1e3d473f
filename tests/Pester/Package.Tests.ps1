BeforeAll {
    . $PSScriptRoot/common.ps1
    $package = Get-ChildItem (Join-Path $root 'out') -Filter '*.nupkg' | Select-Object -First 1
    if (-not $package) {
        throw 'There is no package. Run ./build.ps1 Package first.'
    }
    $version = (Import-PowerShellDataFile (Join-Path $root 'PgMigrate.psd1')).ModuleVersion
    $modules = Join-Path $TestDrive 'modules'
    $unpacked = Join-Path $modules "PgMigrate/$version"
    [IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $unpacked)
}

AfterAll {
    Remove-TestDatabase
}

Describe 'The package' {
    It 'is found by name on a module path, imported from exactly there, and applies a migration' {
        $database = New-TestDatabase
        $folder = New-MigrationFolder $sampleFiles
        $run = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
`$env:PSModulePath = '$modules' + [IO.Path]::PathSeparator + `$env:PSModulePath
(Invoke-PgMigration -Path '$folder').Outcome -join ','
(Get-Module PgMigrate).ModuleBase
[Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ 'PgMigrate' | ForEach-Object { `$_.Assemblies.Location } | ForEach-Object { if (-not `$_.StartsWith('$modules')) { "elsewhere: `$_" } }
(Get-Help Invoke-PgMigration).Synopsis
"@ -Environment @{ DATABASE_URL = $database.Uri }
        $run.Error | Should -BeNullOrEmpty
        $lines = $run.Output -split "`n"
        $lines[0] | Should -Be 'Applied,Applied,Applied'
        $lines[1] | Should -Be $unpacked
        $lines[2] | Should -Match '^Applies ' -Because 'the help is in the package, and nothing was loaded from elsewhere'
    }

    It 'has the tags by which the gallery finds a module and its cmdlets' {
        $nuspec = [xml](Get-Content (Join-Path $unpacked 'PgMigrate.nuspec') -Raw)
        $tags = $nuspec.package.metadata.tags -split ' '
        foreach ($tag in 'PSModule', 'PSEdition_Core', 'PSIncludes_Cmdlet') {
            $tags | Should -Contain $tag
        }
        foreach ($command in (Get-Command -Module PgMigrate).Name) {
            $tags | Should -Contain "PSCmdlet_$command"
            $tags | Should -Contain "PSCommand_$command"
        }
        $nuspec.package.metadata.id | Should -BeExactly 'PgMigrate'
        $nuspec.package.metadata.version | Should -Be $version
        $nuspec.package.metadata.license.'#text' | Should -Be 'MIT'
    }

    It 'says where it comes from, with an icon and a link to what is new' {
        $data = (Import-PowerShellDataFile (Join-Path $unpacked 'PgMigrate.psd1')).PrivateData.PSData
        $nuspec = ([xml](Get-Content (Join-Path $unpacked 'PgMigrate.nuspec') -Raw)).package.metadata
        foreach ($key in 'ProjectUri', 'LicenseUri', 'IconUri', 'ReleaseNotes') {
            $data[$key] | Should -Match '^https://' -Because $key
        }
        $nuspec.projectUrl | Should -Be $data.ProjectUri
        $nuspec.releaseNotes | Should -Be $data.ReleaseNotes
        Join-Path $unpacked $nuspec.icon | Should -Exist
        $data.ContainsKey('Prerelease') | Should -BeTrue
    }

    It 'has a version with the label of a pre-release: <Label>' -ForEach @(
        @{ Label = ''; Expected = '1.2.3' }, @{ Label = 'preview1'; Expected = '1.2.3-preview1' }
    ) {
        . (Join-Path $root 'build/Package.ps1')
        Get-PackageVersion @{ ModuleVersion = '1.2.3'; PrivateData = @{ PSData = @{ Prerelease = $Label } } } | Should -Be $Expected
        Get-PackageVersion @{ ModuleVersion = '1.2.3'; PrivateData = @{ PSData = @{} } } | Should -Be '1.2.3'
    }

    It 'names what it ships of others, in the notices and in the bill of materials, with the versions that it ships' {
        $shipped = Get-ChildItem (Join-Path $unpacked 'dependencies') -Filter '*.dll' -File | Where-Object Name -NotLike 'PgMigrate.*' | ForEach-Object BaseName | Sort-Object
        $shipped | Should -HaveCount 4
        $restored = (Get-Content (Join-Path $root 'src/PgMigrate.Engine/obj/project.assets.json') -Raw | ConvertFrom-Json -AsHashtable).libraries
        $versions = $shipped | ForEach-Object { $name = $_; @($restored.Keys -like "$name/*")[0] -replace '/', ' ' }
        $notices = [IO.File]::ReadAllText((Join-Path $unpacked 'THIRD-PARTY-NOTICES.txt'))
        $listed = [regex]::Matches($notices, '(?m)^  dependencies/(\S+)\.dll +(\S+ \S+) ')
        $listed | ForEach-Object { $_.Groups[1].Value } | Sort-Object | Should -Be $shipped
        $listed | ForEach-Object { $_.Groups[2].Value } | Sort-Object | Should -Be ($versions | Sort-Object)

        $sbom = Join-Path $unpacked 'PgMigrate.cdx.json'
        if (Test-Path $sbom) {
            $bill = Get-Content $sbom -Raw | ConvertFrom-Json
            $bill.bomFormat | Should -Be 'CycloneDX'
            $bill.metadata.component.name | Should -Be 'PgMigrate'
            $bill.components | ForEach-Object { "$($_.name) $($_.version)" } | Sort-Object | Should -Be ($versions | Sort-Object)
        }
    }

    It 'contains the module as it was built, with licence and help, and nothing else' {
        $built = Get-ChildItem $modulePath -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($modulePath, $_.FullName) } | Sort-Object
        $packed = Get-ChildItem $unpacked -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($unpacked, $_.FullName) } |
            Where-Object { $_ -notmatch '^(_rels|package)[\\/]|^\[Content_Types\]\.xml$|^PgMigrate\.nuspec$' } | Sort-Object
        $packed | Should -Be $built
        $packed | Should -Contain 'LICENSE'
        $packed | Should -Contain 'THIRD-PARTY-NOTICES.txt'
        $packed | Should -Contain (Join-Path 'en-US' 'PgMigrate.PowerShell.dll-Help.xml')
        foreach ($file in $built) {
            (Get-FileHash (Join-Path $unpacked $file)).Hash | Should -Be (Get-FileHash (Join-Path $modulePath $file)).Hash -Because $file
        }
    }

    It 'can be published to a repository and installed from it by name' {
        if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet)) {
            Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PSResourceGet is not installed'
            return
        }
        $database = New-TestDatabase
        $folder = New-MigrationFolder $sampleFiles
        $feed = New-Item -ItemType Directory (Join-Path $TestDrive 'feed')
        $saved = New-Item -ItemType Directory (Join-Path $TestDrive 'saved')
        $settings = New-Item -ItemType Directory (Join-Path $TestDrive 'home')
        # A home folder of its own: the list of repositories of the user stays as it is.
        $run = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository -Name PgMigrateTest -Uri '$feed' -Trusted
Publish-PSResource -NupkgPath '$($package.FullName)' -Repository PgMigrateTest
`$found = Find-PSResource PgMigrate -Repository PgMigrateTest
"`$(`$found.Name) `$(`$found.Version)"
Save-PSResource PgMigrate -Repository PgMigrateTest -Path '$saved' -TrustRepository
Import-Module '$saved/PgMigrate/$version/PgMigrate.psd1'
(Invoke-PgMigration -Path '$folder').Count
"@ -Environment @{ DATABASE_URL = $database.Uri; HOME = "$settings"; XDG_DATA_HOME = "$settings"; LOCALAPPDATA = "$settings" }
        $run.Error | Should -BeNullOrEmpty
        $run.Output -split "`n" | Should -Be "PgMigrate $version", '3'
    }
}
