using System.Management.Automation;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Base;

/// <summary>The folder parameters of cmdlets that ask no database.</summary>
public abstract class PgFolderCommand : PgMigrateCommand
{
    private bool _isPathTyped;

    /// <summary>Migrations folders, read as one set.</summary>
    [Parameter(Position = 0, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public virtual string[]? Path { get; set; }

    /// <summary>Migrations folders, without wildcards.</summary>
    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Takes files without a version as well, after all others.</summary>
    [Parameter]
    public SwitchParameter AllowUnversioned { get; set; }

    /// <summary>
    /// Only what the user wrote is bound by now: what a piped object names is there, and no wildcard.
    /// </summary>
    protected override void BeginProcessing()
    {
        _isPathTyped = Path is not null;
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            ApplySettings();
            var paths = FolderPath.Resolve(this, Path, _isPathTyped ? LiteralPath : LiteralPath ?? Path, null);
            Process(Wait(token => MigrationFolder.ReadAsync(paths, AllowUnversioned, token)));
        }
        catch (Exception e) when (IsExpected(e))
        {
            Fail(e, null);
        }
    }

    /// <summary>Does what the cmdlet is for with a set of folders.</summary>
    private protected abstract void Process(MigrationFolderContent folder);
}
