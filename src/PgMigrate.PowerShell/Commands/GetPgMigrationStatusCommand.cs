using System.Management.Automation;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Joins folder and history; writes nothing.</summary>
[Cmdlet(
    VerbsCommon.Get,
    "PgMigrationStatus",
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Get-PgMigrationStatus.md")]
[OutputType(typeof(MigrationStatus), typeof(MigrationStatusSummary), typeof(MigrationLogEntry))]
public sealed class GetPgMigrationStatusCommand : PgDatabaseCommand
{
    private readonly PipedSelection _selection = new();

    /// <summary>Only these, by version or name.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <summary>The first version of a range, which is included; it need not exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? From { get; set; }

    /// <summary>The last version of a range, which is included; it need not exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? To { get; set; }

    /// <summary>Also reads the recorded DOWN texts.</summary>
    [Parameter]
    public SwitchParameter IncludeUndo { get; set; }

    /// <summary>Counts instead of rows: the gate of a CI step.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>The log instead of the state, newest line first.</summary>
    [Parameter]
    public SwitchParameter History { get; set; }

    /// <summary>Maximum number of log lines.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if ((Summary && History) || (Last is not null && !History))
        {
            Fail(
                new InitializationException(
                    ErrorCodes.ParametersContradict,
                    "-Summary and -History contradict each other, and -Last needs -History."),
                null);
        }

        if (Bounds is not null && (Summary || IsOnCommandLine(nameof(Version))))
        {
            Fail(
                new InitializationException(
                    ErrorCodes.ParametersContradict,
                    $"{Bounds} and {(Summary ? "-Summary, which counts everything," : "-Version")} contradict each "
                        + "other."),
                null);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var scope = ReadScope();
            if (MyInvocation.ExpectingInput && Version is not null && !IsOnCommandLine(nameof(Version)))
            {
                // One query of the database for all files or statuses that are piped in.
                _selection.Add(scope.Target, scope.Options, Version);
                return;
            }

            Look(scope.Target, scope.Options, Version);
        }
        catch (PgMigrateException e)
        {
            ReportOnce(e);
        }
    }

    /// <summary>Reads what was collected, one target after the other.</summary>
    protected override void EndProcessing()
    {
        foreach (var (target, options, versions) in _selection.Groups)
        {
            Look(target, options, versions);
        }
    }

    private VersionBounds? Bounds => From is null && To is null ? null : new VersionBounds(From, To);

    private void Look(DatabaseTarget target, MigratorOptions options, IReadOnlyList<string>? versions)
    {
        try
        {
            var migrator = Wait(token => Migrator.OpenAsync(target, options, token));
            try
            {
                Write(migrator, versions);
            }
            finally
            {
                Wait(_ => migrator.DisposeAsync().AsTask());
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, new RunCollector(RunOrigin.Of(options, target.Connection)).ToSummary([], e));
        }
    }

    private void Write(Migrator migrator, IReadOnlyList<string>? versions)
    {
        var range = Bounds is { } bounds ? VersionRange.Of(bounds, migrator.Folder) : null;
        if (History)
        {
            // With a choice the limit counts the chosen lines, so the server cannot apply it.
            var isAll = versions is null && range is null;
            var log = Wait(token => migrator.GetLogAsync(isAll ? Last : null, token));
            var wanted = versions?.SelectMany(version => FindInLog(log, version)).ToHashSet();
            var lines = log
                .Where(entry => wanted?.Contains(entry) != false)
                .Where(entry => range?.Holds(migrator.Folder.VersionOf(entry.Version)) != false);
            WriteEach(Last is { } last ? lines.Take(last) : lines);
        }
        else if (Summary)
        {
            var summary = Wait(migrator.GetSummaryAsync);
            if (summary.Total == 0)
            {
                throw NothingThere(migrator);
            }

            WriteObject(summary);
        }
        else
        {
            var report = Wait(token => migrator.GetStatusAsync(IncludeUndo, token));
            CI.Annotate(report.Problems.Select(CIAnnotation.Of));
            foreach (var problem in report.Problems)
            {
                WriteWarning(problem.ToString());
            }

            var rows = Select(report.Migrations, migrator, versions)
                .Where(row => range?.Holds(migrator.Folder.VersionOf(row.Version)) != false).ToList();
            CI.Summarise(rows);
            WriteEach(rows);
        }
    }

    // A folder with only rejected files is not empty: the error says what is wrong with them.
    private static PgMigrateException NothingThere(Migrator migrator) =>
        migrator.Folder.Problems.Where(problem => problem.Is(ProblemSeverity.Error)).ToList() is [_, ..] problems
            ? PlanBlockedException.For(problems)
            : new InitializationException(
                ErrorCodes.FolderEmpty,
                $"The migrations folder '{migrator.Folder.FolderPath}' contains no *.sql file, and nothing is applied. "
                    + "Name another folder with -Path, or write the first file with New-PgMigration.");

    // The log of a migration that never ran is empty; a pattern without a match is a mistake.
    private static IReadOnlyList<MigrationLogEntry> FindInLog(IReadOnlyList<MigrationLogEntry> log, string version)
    {
        var found = VersionPattern.Find(version, log, entry => (entry.Version, entry.FileName));
        return found.Count > 0 || !WildcardPattern.ContainsWildcardCharacters(version)
            ? found
            : throw VersionPattern.NotFound(version, "in the log");
    }

    private IEnumerable<MigrationStatus> Select(
        IReadOnlyList<MigrationStatus> rows, Migrator migrator, IReadOnlyList<string>? versions)
    {
        if (rows.Count == 0)
        {
            throw NothingThere(migrator);
        }

        if (versions is null)
        {
            return rows;
        }

        var found = new List<MigrationStatus>();
        foreach (var version in versions)
        {
            var meant = VersionPattern.Find(version, rows, row => (row.Version, row.FileName));
            if (meant.Count == 0)
            {
                RefuseUnknown(version);
            }

            found.AddRange(meant);
        }

        return found.DistinctBy(row => row.Version).OrderBy(row => row.Order);
    }

    // With many piped in, a missing one does not stop the others.
    private void RefuseUnknown(string version)
    {
        var exception = VersionPattern.NotFound(version, "in the folder or the history");
        if (!MyInvocation.ExpectingInput)
        {
            throw exception;
        }

        ReportOnce(exception);
    }
}
