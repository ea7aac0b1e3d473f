using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Output;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Base;

/// <summary>Gathers what a summary says, so that an error can carry it whatever it interrupts.</summary>
internal sealed class RunReport(DatabaseTarget target, MigratorOptions options)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private string _module = options.Module ?? options.Schema ?? "default";
    private string _schema = options.Schema ?? "public";

    public MigrationPlan? Plan { get; set; }

    /// <summary>Steps that were agreed to, and so handed to the runner.</summary>
    public int Accepted { get; set; }

    /// <summary>What patterns of -Version mean; null when there was none.</summary>
    public string? Choice { get; set; }

    /// <summary>The title of a question.</summary>
    public string Caption => $"PgMigrate on {target.Connection}{(Choice is null ? "" : $": {Choice}")}";

    public bool IsPreview { get; set; }

    public bool IsDeclined { get; set; }

    public void Describe(Migrator migrator)
    {
        _module = migrator.Module;
        _schema = migrator.Schema;
    }

    /// <summary>What a step would do.</summary>
    public MigrationResult Preview(PlannedStep step, int order) => new()
    {
        Order = order,
        Version = step.Version.Text,
        VersionKey = step.Version.Key,
        Name = step.Name,
        FileName = step.FileName,
        Folder = step.Folder,
        Folders = step.Folders,
        Format = step.Migration?.Format,
        Module = _module,
        Schema = _schema,
        HistoryTable = options.HistoryTable,
        Connection = target.Connection,
        Direction = step.Direction.ToString(),
        Outcome = (step.Direction, step.IsRecordOnly) switch
        {
            (MigrationDirection.Undo, _) => nameof(MigrationOutcome.WouldUndo),
            (_, true) => nameof(MigrationOutcome.WouldRecord),
            _ => nameof(MigrationOutcome.WouldApply),
        },
        StatementCount = step.Script.Count,
        Checksum = step.Migration?.Checksum ?? step.Entry?.Checksum,
    };

    /// <summary>File names of the steps of the plan that have no result.</summary>
    public IReadOnlyList<string> NotReached(IReadOnlyList<MigrationResult> results)
    {
        var reached = results.Select(result => result.FileName).ToHashSet(StringComparer.Ordinal);
        return [.. (Plan?.Steps ?? []).Select(step => step.FileName).Where(name => !reached.Contains(name))];
    }

    public MigrationRunSummary ToSummary(IReadOnlyList<MigrationResult> results, Exception? exception = null)
    {
        var failed = results.LastOrDefault(result => result.Error is not null);
        var done = results.Count(result => result.Outcome is nameof(MigrationOutcome.Applied)
            or nameof(MigrationOutcome.Undone) or nameof(MigrationOutcome.Recorded));
        // What was agreed to and not done although nothing failed, another run did meanwhile.
        var byOthers = exception is null ? Accepted - done : 0;
        var unknown = results.Count(result => result.Is(MigrationOutcome.Unknown));
        var pending = (Plan?.Pending ?? 0) - done - byOthers - unknown;
        return new MigrationRunSummary
        {
            Status = exception is not null ? nameof(RunStatus.Error)
                : IsPreview ? nameof(RunStatus.DryRun)
                : IsDeclined ? nameof(RunStatus.Declined)
                : done == 0 && pending == 0 ? nameof(RunStatus.UpToDate)
                : nameof(RunStatus.Success),
            // An array: PowerShell cannot index what a collection expression makes of an interface.
            Results = results.ToArray(),
            Applied = results.Count(result => result.Is(MigrationOutcome.Applied)),
            Undone = results.Count(result => result.Is(MigrationOutcome.Undone)),
            Recorded = results.Count(result => result.Is(MigrationOutcome.Recorded)),
            Pending = pending,
            Unknown = unknown,
            Skipped = (Plan?.Total ?? 0) - (Plan?.Pending ?? 0) + byOthers,
            Total = Plan?.Total ?? 0,
            TotalMs = TimeProvider.System.GetElapsedTime(_started).TotalMilliseconds,
            FailedMigration = failed?.FileName,
            Error = failed?.Error ?? (exception is null ? null : KnownErrors.Of(exception).Error),
            Problems = Plan?.Problems ?? (exception as PlanBlockedException)?.Problems ?? [],
            Module = _module,
            Schema = _schema,
            HistoryTable = options.HistoryTable,
            Connection = target.Connection,
        };
    }

    /// <summary>A failure before there was a database to speak of.</summary>
    public static MigrationRunSummary OfFailure(
        Exception exception, string? module, string? schema, string? historyTable, Connection? connection) => new()
        {
            Status = nameof(RunStatus.Error),
            Results = Array.Empty<MigrationResult>(),
            Error = KnownErrors.Of(exception).Error,
            Problems = (exception as PlanBlockedException)?.Problems ?? [],
            Module = module ?? schema ?? "default",
            Schema = schema ?? "public",
            HistoryTable = historyTable ?? new MigratorOptions().HistoryTable,
            Connection = connection,
        };
}
