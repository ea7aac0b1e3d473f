using System.Management.Automation;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Base;

/// <summary>The folder parameters of cmdlets that use no database.</summary>
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

    /// <summary>Also accepts files without a version, after all others.</summary>
    [Parameter]
    public SwitchParameter AllowUnversioned { get; set; }

    /// <summary>
    /// At this point only the command line is bound: a piped object names existing folders, not wildcards.
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

    /// <summary>Does the work of the cmdlet with a set of folders.</summary>
    private protected abstract void Process(MigrationFolderContent folder);
}
