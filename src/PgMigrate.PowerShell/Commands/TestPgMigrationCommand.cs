using System.Collections;
using System.Management.Automation;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Checks a folder without a database, for pull requests; emits a problem each and nothing when all is well.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PgMigration", DefaultParameterSetName = "Path")]
[OutputType(typeof(MigrationProblem))]
public sealed class TestPgMigrationCommand : PgMigrateCommand
{
    /// <summary>Migrations folders, read as one set.</summary>
    [Parameter(Position = 0, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Migrations folders, without wildcards.</summary>
    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Schema that placeholders stand for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Schema { get; set; }

    /// <summary>Values of {{vars.name}}.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Variable { get; set; }

    /// <summary>Takes files without a version as well.</summary>
    [Parameter]
    public SwitchParameter AllowUnversioned { get; set; }

    private bool _isPathTyped;

    /// <summary>Only what the user wrote is bound by now: what a piped object names is there, and no wildcard.</summary>
    protected override void BeginProcessing() => _isPathTyped = Path is not null;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var paths = FolderPath.Resolve(this, Path, _isPathTyped ? LiteralPath : LiteralPath ?? Path, null);
            var values = PlaceholderVariables.Read(Variable, Schema);
            var folder = Wait(token => MigrationFolder.ReadAsync(paths, AllowUnversioned, token));
            var problems = FolderCheck.Check(folder, values);
            CI.Annotate(problems.Select(CIAnnotation.Of));
            CI.Summarise(problems);
            WriteEach(problems);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Fail(e, null);
        }
    }
}
