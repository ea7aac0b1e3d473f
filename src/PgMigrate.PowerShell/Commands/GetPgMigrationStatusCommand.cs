using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Joins folder and history; writes nothing.</summary>
[Cmdlet(VerbsCommon.Get, "PgMigrationStatus", DefaultParameterSetName = PathSet)]
[OutputType(typeof(MigrationStatus), typeof(MigrationStatusSummary), typeof(MigrationLogEntry))]
public sealed class GetPgMigrationStatusCommand : PgDatabaseCommand
{
    /// <summary>Only these, by version or name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Reads the recorded DOWN texts as well.</summary>
    [Parameter]
    public SwitchParameter IncludeUndo { get; set; }

    /// <summary>Counts instead of rows: the gate of a CI step.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>The log instead of the state, newest line first.</summary>
    [Parameter]
    public SwitchParameter History { get; set; }

    /// <summary>At most so many lines of the log.</summary>
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
                    "ParametersContradict",
                    "-Summary and -History contradict each other, and -Last goes with -History."),
                null);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var scope = ReadScope();
            var migrator = Wait(token => Migrator.OpenAsync(scope.Target, scope.Options, token));
            try
            {
                Write(migrator);
            }
            finally
            {
                Wait(_ => migrator.DisposeAsync().AsTask());
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, null);
        }
    }

    private void Write(Migrator migrator)
    {
        if (History)
        {
            // With -Version the limit counts the wanted lines, so it cannot be left to the server.
            var lines = Wait(token => migrator.GetLogAsync(Version is null ? Last : null, token)).Where(IsWanted);
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
            foreach (var problem in report.Problems)
            {
                WriteWarning(problem.ToString());
            }

            WriteEach(Select(report.Migrations, migrator));
        }
    }

    private static InitializationException NothingThere(Migrator migrator) => new(
        "FolderEmpty",
        $"The migrations folder '{migrator.Folder.FolderPath}' holds no *.sql file that can be read, and nothing is "
            + "applied. Name another folder with -Path, or write the first file with New-PgMigration.");

    private bool IsWanted(MigrationLogEntry entry) =>
        Version is null || Version.Any(version => Migrator.IsNamed(version, entry.Version, entry.FileName));

    private IEnumerable<MigrationStatus> Select(IReadOnlyList<MigrationStatus> rows, Migrator migrator)
    {
        if (rows.Count == 0)
        {
            throw NothingThere(migrator);
        }

        if (Version is null)
        {
            return rows;
        }

        var found = new List<MigrationStatus>();
        foreach (var version in Version)
        {
            var row = rows.FirstOrDefault(candidate =>
                Migrator.IsNamed(version, candidate.Version, candidate.FileName));
            found.Add(row ?? throw new MigrationNotFoundException(
                $"'{version}' is neither a version nor a name in the folder or the history."));
        }

        return found.DistinctBy(row => row.Version).OrderBy(row => row.Order);
    }
}
