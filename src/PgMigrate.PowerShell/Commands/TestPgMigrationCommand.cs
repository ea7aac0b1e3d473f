using System.Collections;
using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;
using PgMigrate.Scripts;

namespace PgMigrate.PowerShell.Commands;

/// <summary>
/// Checks a folder for pull requests: its files without a database, and with -RoundTrip each UP and DOWN on a scratch
/// database. Emits each problem, and nothing when there is none.
/// </summary>
[Cmdlet(
    VerbsDiagnostic.Test,
    "PgMigration",
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Test-PgMigration.md")]
[OutputType(typeof(MigrationProblem))]
public sealed class TestPgMigrationCommand : PgScratchCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[]? Path { get; set; }

    /// <summary>Values of {{vars.name}}.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Variable { get; set; }

    /// <summary>Applies, undoes and applies again on a scratch database.</summary>
    [Parameter]
    public SwitchParameter RoundTrip { get; set; }

    /// <summary>With -RoundTrip: these migrations, by version, name or wildcard.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            ApplySettings();
            if (Version is not null && !RoundTrip)
            {
                throw new InitializationException(
                    ErrorCodes.ParametersContradict,
                    "-Version chooses what -RoundTrip tries; without it the whole folder is checked. Add -RoundTrip, "
                        + "or leave -Version out.");
            }

            var paths = ReadFolders();
            var folder = Wait(token => MigrationFolder.ReadAsync(paths, AllowUnversioned, token));
            var values = PlaceholderVariables.Read(Variable, Schema);
            var problems = FolderCheck.Check(folder, values).ToList();
            if (RoundTrip && !problems.Exists(problem => problem.Is(ProblemSeverity.Error)))
            {
                TryEach(folder, values, problems);
            }

            CI.Annotate(problems.Select(CIAnnotation.Of));
            CI.Summarise(problems);
            WriteEach(problems);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Fail(e, null);
        }
    }

    private void TryEach(MigrationFolderContent folder, PlaceholderValues values, List<MigrationProblem> problems)
    {
        var scope = ReadScope();
        // A pull request often has a scratch server and no database.
        var connection = NamesDatabase || !NamesScratchServer ? scope.Target : null;
        var request = new RoundTripRequest
        {
            Options = scope.Options,
            Scratch = ReadScratch(connection),
            Placeholders = values,
            Database = NamesDatabase ? scope.Target : null,
            Versions = Expand(folder),
        };
        var progress = new ProgressRecord(0, MyInvocation.MyCommand.Name, "Starting");
        Pump(
            token => Autogenerate.RoundTrip.CheckAsync(request, token),
            happened =>
            {
                if (happened is RoundTripStage stage)
                {
                    progress.StatusDescription = $"{stage.Name}: UP, DOWN, UP";
                    progress.PercentComplete = (stage.Number - 1) * 100 / stage.Count;
                    WriteProgress(progress);
                    WriteVerbose($"{stage.Name}: UP, DOWN and UP again on a scratch database.");
                }
                else if (happened is RoundTripFinding finding)
                {
                    problems.Add(finding.Problem);
                }
            });
        progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
    }

    private List<string>? Expand(MigrationFolderContent folder)
    {
        if (Version is null)
        {
            return null;
        }

        var names = new List<string>();
        foreach (var reference in Version)
        {
            var found = VersionPattern.Find(reference, folder.Migrations, one => (one.Version.Text, one.FileName));
            names.AddRange(found.Count > 0
                ? found.Select(one => one.FileName)
                : throw VersionPattern.NotFound(reference, "in the folder"));
        }

        return names;
    }
}
