# Two builds of the module in one session: .NET loads an assembly once, so the second import has to fail, and say why.
BeforeAll {
    . $PSScriptRoot/common.ps1

    function Edit-Metadata {
        # Gives an assembly another build id, and another minor version where one is given: as if it were compiled anew.
        param([string] $File, [int] $Minor = -1)
        $bytes = [IO.File]::ReadAllBytes($File)
        $reader = [Reflection.PortableExecutable.PEReader]::new([Collections.Immutable.ImmutableArray]::Create($bytes))
        $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($reader)
        $start = $reader.PEHeaders.MetadataStartOffset
        $guids = $start + [Reflection.Metadata.Ecma335.MetadataReaderExtensions]::GetHeapMetadataOffset($metadata, 'Guid')
        $bytes[$guids] = $bytes[$guids] -bxor 0xFF
        if ($Minor -ge 0) {
            # A row of this table begins with four bytes for the hash and two for the major version.
            $row = $start + [Reflection.Metadata.Ecma335.MetadataReaderExtensions]::GetTableMetadataOffset($metadata, 'Assembly')
            [BitConverter]::GetBytes([uint16]$Minor).CopyTo($bytes, $row + 6)
        }
        $reader.Dispose()
        [IO.File]::WriteAllBytes($File, $bytes)
    }

    function New-ModuleCopy {
        # The module in a folder of its own; as another build, or as another version.
        param([string] $Folder, [switch] $Rebuilt, [int] $Minor = -1, [string[]] $Only = @('Loader', 'Model', 'PowerShell', 'Engine'))
        $copy = Join-Path $TestDrive $Folder
        Copy-Item $modulePath $copy -Recurse
        if ($Rebuilt -or $Minor -ge 0) {
            Get-ChildItem $copy -Recurse -Filter 'PgMigrate.*.dll' | Where-Object { ($_.BaseName -split '\.')[1] -in $Only } | ForEach-Object { Edit-Metadata $_.FullName $Minor }
        }
        if ($Minor -ge 0) {
            $manifest = Join-Path $copy 'PgMigrate.psd1'
            Set-Content $manifest ((Get-Content $manifest -Raw) -replace "(ModuleVersion\s*= ')(\d+)\.\d+\.", "`${1}`${2}.$Minor.")
        }
        $copy
    }

    $version = [version](Import-PowerShellDataFile $manifestPath).ModuleVersion
    $first = New-ModuleCopy 'first'
    $same = New-ModuleCopy 'same'
    $next = New-ModuleCopy 'next' -Minor ($version.Minor + 1)
    $nextVersion = "$($version.Major).$($version.Minor + 1).$($version.Build)"
    $rebuilt = New-ModuleCopy 'rebuilt' -Rebuilt
    $engineOnly = New-ModuleCopy 'engine-only' -Rebuilt -Only Engine
    $migrations = New-MigrationFolder $sampleFiles
    $at = @{ FIRST = $first; SAME = $same; NEXT = $next; REBUILT = $rebuilt; ENGINEONLY = $engineOnly; FOLDER = $migrations }
    $advice = 'An assembly stays loaded until the process ends, after Remove-Module too. Start a new PowerShell session and import the version that you want.'

    function Invoke-Import {
        # Runs it after the first version was imported. Each line of the output is an error, or what was written.
        param([string] $Script, [Collections.IDictionary] $Environment = $at)
        $run = Invoke-Pwsh -Bare @"
`$ErrorActionPreference = 'Stop'
Import-Module "`$env:FIRST/PgMigrate.psd1"
try { $Script } catch { "`$(`$_.FullyQualifiedErrorId): `$(`$_.Exception.Message)" }
"@ -Environment $Environment
        $run.Error | Should -BeNullOrEmpty
        $run.Output
    }
}

Describe 'A second version in one session' {
    It 'is refused with both versions, both folders and what to do: <Name>' -ForEach @(
        @{ Name = 'beside the first'; Script = 'Import-Module "$env:NEXT/PgMigrate.psd1"' }
        @{ Name = 'after Remove-Module'; Script = 'Remove-Module PgMigrate; Import-Module "$env:NEXT/PgMigrate.psd1"' }
        @{ Name = 'with -Force'; Script = 'Import-Module "$env:NEXT/PgMigrate.psd1" -Force' }
        @{ Name = 'in another runspace'; Script = '$shell = [powershell]::Create(); try { $shell.AddScript(''Import-Module "$env:NEXT/PgMigrate.psd1" -ErrorAction Stop'').Invoke() } catch { throw $_.Exception.InnerException.ErrorRecord }' }
    ) {
        Invoke-Import $Script | Should -BeLike ("PgMigrateVersionLoaded,*: PgMigrate $nextVersion in $next cannot be imported: this session has loaded PgMigrate $version from $first. $advice" -replace '[\[\]]', '`$0')
    }

    It 'is not imported for a command that is called: PowerShell names the import, which says why' {
        $modules = Join-Path $TestDrive 'modules/PgMigrate'
        $null = New-Item -ItemType Directory $modules
        Copy-Item $next (Join-Path $modules $nextVersion) -Recurse
        $said = Invoke-Import "Remove-Module PgMigrate; `$env:PSModulePath = '$(Split-Path $modules)'; try { Get-PgMigration -Path `$env:FOLDER } catch { `$_.Exception.Message }; Import-Module PgMigrate"
        $said | Should -BeLike "*run 'Import-Module PgMigrate'*PgMigrateVersionLoaded,*: PgMigrate $nextVersion in * cannot be imported: this session has loaded PgMigrate $version from $first*"
    }

    It 'is the first error also where errors do not stop the script' {
        $run = Invoke-Pwsh -Bare 'Import-Module "$env:FIRST/PgMigrate.psd1"; Import-Module "$env:NEXT/PgMigrate.psd1" 2>&1 | Select-Object -First 1 | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }' -Environment $at
        $run.Output | Should -BeLike "PgMigrateVersionLoaded,*: PgMigrate $nextVersion in $next cannot be imported: *$advice"
    }

    It 'leaves the first one as it was' {
        Invoke-Import 'try { Import-Module "$env:NEXT/PgMigrate.psd1" } catch { "refused" }; @(Get-PgMigration -Path $env:FOLDER).Count; (Get-Module PgMigrate).Version.ToString()' |
            Should -Be "refused`n3`n$version"
    }
}

Describe 'Another build of the same version' {
    It 'is refused, from another folder' {
        Invoke-Import 'Import-Module "$env:REBUILT/PgMigrate.psd1"' |
            Should -BeLike "PgMigrateVersionLoaded,*: PgMigrate $version in $rebuilt cannot be imported: this session has loaded another build of PgMigrate $version from $first. $advice"
    }

    It 'is refused when only the engine differs and is in use' {
        Invoke-Import '$null = Get-PgMigration -Path $env:FOLDER; Import-Module "$env:ENGINEONLY/PgMigrate.psd1"' |
            Should -BeLike "PgMigrateVersionLoaded,*: PgMigrate $version in $engineOnly cannot be imported: this session has loaded another build of PgMigrate $version from *"
    }

    It 'is refused in the folder that the session has loaded from' {
        $replaced = New-ModuleCopy 'replaced'
        $said = Invoke-Import "Get-ChildItem '$rebuilt' -Filter *.dll | ForEach-Object { Remove-Item ('$replaced/' + `$_.Name); Copy-Item `$_.FullName '$replaced' }; Import-Module '$replaced/PgMigrate.psd1' -Force" @{ FIRST = $replaced }
        $said | Should -BeLike "PgMigrateVersionLoaded,*: PgMigrate $version cannot be imported: the files in $replaced were replaced after this session had loaded PgMigrate $version from there. $advice"
    }
}

Describe 'The same build' {
    It 'can be imported again: <Name>' -ForEach @(
        @{ Name = 'from a copy'; Script = 'Remove-Module PgMigrate; Import-Module "$env:SAME/PgMigrate.psd1"' }
        @{ Name = 'with -Force'; Script = 'Import-Module "$env:FIRST/PgMigrate.psd1" -Force' }
        @{ Name = 'after Remove-Module'; Script = 'Remove-Module PgMigrate; Import-Module "$env:FIRST/PgMigrate.psd1"' }
        @{ Name = 'when its engine is in use'; Script = '$null = Get-PgMigration -Path $env:FOLDER; Import-Module "$env:FIRST/PgMigrate.psd1" -Force; Remove-Module PgMigrate; Import-Module "$env:SAME/PgMigrate.psd1" -Force' }
    ) {
        Invoke-Import "$Script; @(Get-PgMigration -Path `$env:FOLDER).Count" | Should -Be '3'
    }

    It 'is refused from a second folder while the first is imported, and PowerShell can go on with the first' {
        Invoke-Import 'try { Import-Module "$env:SAME/PgMigrate.psd1" } catch { "$($_.FullyQualifiedErrorId): $($_.Exception.Message)" }; @(Get-PgMigration -Path $env:FOLDER).Count' |
            Should -BeLike "PgMigrateImported,*: PgMigrate in $same cannot be imported: PgMigrate $version is imported from $first. Run Remove-Module PgMigrate first.`n3"
    }

    It 'has its views after each import, and takes them away with Remove-Module' {
        Invoke-Import 'Remove-Module PgMigrate; Import-Module "$env:SAME/PgMigrate.psd1"; @(Get-TypeData PgMigrate.*).Count -gt 5; @(Get-FormatData PgMigrate.*).Count -gt 5; Remove-Module PgMigrate; @(Get-TypeData PgMigrate.*).Count; @(Get-FormatData PgMigrate.*).Count' |
            Should -Be "True`nTrue`n0`n0"
    }

    It 'leaves nothing in the session but the module' {
        $run = Invoke-Pwsh -Bare @'
$before = @(Get-Variable).Count + @(Get-Command -CommandType Function).Count
Import-Module "$env:FIRST/PgMigrate.psd1"
@(Get-Module).Name -like 'PgMigrate*'
@(Get-Variable).Count + @(Get-Command -CommandType Function).Count - $before
'@ -Environment $at
        $run.Error | Should -BeNullOrEmpty
        $run.Output | Should -Be "PgMigrate`n1" -Because '$before is the one new variable'
    }
}
