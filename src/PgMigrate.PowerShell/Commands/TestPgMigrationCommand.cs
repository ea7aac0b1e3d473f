using System.Collections;
using System.Management.Automation;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;

namespace PgMigrate.PowerShell.Commands;

/// <summary>
/// Checks a folder without a database, for pull requests; emits each problem, and nothing when there is none.
/// </summary>
[Cmdlet(
    VerbsDiagnostic.Test,
    "PgMigration",
    DefaultParameterSetName = "Path",
    HelpUri = HelpPages.Root + "Test-PgMigration.md")]
[OutputType(typeof(MigrationProblem))]
public sealed class TestPgMigrationCommand : PgFolderCommand
{
    /// <summary>Schema for placeholders.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Schema { get; set; }

    /// <summary>Values of {{vars.name}}.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Variable { get; set; }

    private protected override void Process(MigrationFolderContent folder)
    {
        var problems = FolderCheck.Check(folder, PlaceholderVariables.Read(Variable, Schema));
        CI.Annotate(problems.Select(CIAnnotation.Of));
        CI.Summarise(problems);
        WriteEach(problems);
    }
}
