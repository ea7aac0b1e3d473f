# Imported before the assemblies of the module. .NET loads an assembly of a name once and never unloads it, so that a
# session can work with one build of PgMigrate. PowerShell alone would say only that an assembly is already loaded.

function Get-BuildId {
    # What the compiler stamped into the file; the same for the same source.
    param([string] $File)
    $reader = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead($File))
    try {
        $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($reader)
        $metadata.GetGuid($metadata.GetModuleDefinition().Mvid)
    }
    finally {
        $reader.Dispose()
    }
}

function Assert-SameBuild {
    # Fails when one of these assemblies of ours was not loaded from what is in this folder.
    [CmdletBinding()]
    param([Reflection.Assembly[]] $Loaded, [string] $Folder)
    foreach ($assembly in $Loaded) {
        $name = $assembly.GetName()
        $file = "$Folder/$($name.Name).dll", "$Folder/dependencies/$($name.Name).dll" | Where-Object { Test-Path -LiteralPath $_ } | Select-Object -First 1
        if (-not $file -or (Get-BuildId $file) -eq $assembly.ManifestModule.ModuleVersionId) {
            continue
        }
        $ours = [Reflection.AssemblyName]::GetAssemblyName($file).Version.ToString(3)
        $theirs = $name.Version.ToString(3)
        $message = if ($assembly.Location.StartsWith($Folder + [IO.Path]::DirectorySeparatorChar)) {
            "PgMigrate $ours cannot be imported: the files in $Folder were replaced after this session had loaded PgMigrate $theirs from there."
        }
        else {
            "PgMigrate $ours in $Folder cannot be imported: this session has loaded $($ours -eq $theirs ? 'another build of ' : '')PgMigrate $theirs from $(Split-Path $assembly.Location)."
        }
        $message += ' An assembly stays loaded until the process ends, after Remove-Module too. Start a new PowerShell session and import the version that you want.'
        $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new(
                [InvalidOperationException]::new($message), 'PgMigrateVersionLoaded', 'ResourceExists', $Folder))
    }
}

function Assert-NotImported {
    # Fails when the module is imported from another folder: its views would be added a second time.
    [CmdletBinding()]
    param([string] $Folder)
    $other = Get-Module PgMigrate | Where-Object ModuleBase -NE $Folder | Select-Object -First 1
    if ($other) {
        $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new(
                [InvalidOperationException]::new("PgMigrate in $Folder cannot be imported: PgMigrate $($other.Version) is imported from $($other.ModuleBase). Run Remove-Module PgMigrate first."),
                'PgMigrateImported', 'ResourceExists', $Folder))
    }
}

# An error ends this file, and the import with it.
$ErrorActionPreference = 'Stop'
$loaded = foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
    if ($assembly.FullName.StartsWith('PgMigrate.')) {
        $assembly
    }
}
if ($loaded) {
    Assert-SameBuild $loaded $PSScriptRoot
    Assert-NotImported $PSScriptRoot
}
Export-ModuleMember
