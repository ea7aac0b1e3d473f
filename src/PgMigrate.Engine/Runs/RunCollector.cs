using PgMigrate.Errors;
using PgMigrate.Planning;

namespace PgMigrate.Runs;

/// <summary>Collects the summary of a run. An error can carry the summary whenever it ends the run.</summary>
public sealed class RunCollector(RunOrigin origin)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly StepResults _results = new(origin);

    /// <summary>The plan; null before there is one.</summary>
    public MigrationPlan? Plan { get; set; }

    /// <summary>Number of steps that were confirmed, and so passed to the runner.</summary>
    public int Accepted { get; set; }

    /// <summary>True when the run only shows what it would do.</summary>
    public bool IsPreview { get; set; }

    /// <summary>True when a step was declined.</summary>
    public bool IsDeclined { get; set; }

    /// <summary>The result of a step that is only shown.</summary>
    public MigrationResult Preview(PlannedStep step, int order)
    {
        ArgumentNullException.ThrowIfNull(step);
        return _results.Preview(step, order);
    }

    /// <summary>File names of the steps of the plan that have no result.</summary>
    public IReadOnlyList<string> NotReached(IReadOnlyList<MigrationResult> results)
    {
        var reached = results.Select(result => result.FileName).ToHashSet(StringComparer.Ordinal);
        return [.. (Plan?.Steps ?? []).Select(step => step.FileName).Where(name => !reached.Contains(name))];
    }

    /// <summary>The summary of these results, and of the exception that ended the run, if there was one.</summary>
    public MigrationRunSummary ToSummary(IReadOnlyList<MigrationResult> results, Exception? exception = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var failed = results.LastOrDefault(result => result.Error is not null);
        var done = results.Count(result => result.Outcome is nameof(MigrationOutcome.Applied)
            or nameof(MigrationOutcome.Undone) or nameof(MigrationOutcome.Recorded));
        // Steps that were confirmed and not run, without a failure, were run by another run in the meantime.
        var byOthers = exception is null ? Accepted - done : 0;
        var unknown = results.Count(result => result.Is(MigrationOutcome.Unknown));
        var pending = (Plan?.Pending ?? 0) - done - byOthers - unknown;
        return Empty(origin, StatusOf(exception, done + pending)) with
        {
            // An array: PowerShell cannot index the type that a collection expression creates for an interface.
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
            Problems = Plan?.Problems ?? ProblemsOf(exception),
        };
    }

    /// <summary>The summary of a failure before the database was known.</summary>
    public static MigrationRunSummary OfFailure(Exception exception, RunOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return Empty(origin, RunStatus.Error) with
        {
            Error = KnownErrors.Of(exception).Error,
            Problems = ProblemsOf(exception),
        };
    }

    private RunStatus StatusOf(Exception? exception, int doneOrPending) =>
        exception is not null ? RunStatus.Error
        : IsPreview ? RunStatus.DryRun
        : IsDeclined ? RunStatus.Declined
        : doneOrPending == 0 ? RunStatus.UpToDate
        : RunStatus.Success;

    private static IReadOnlyList<MigrationProblem> ProblemsOf(Exception? exception) =>
        (exception as PlanBlockedException)?.Problems ?? [];

    private static MigrationRunSummary Empty(RunOrigin origin, RunStatus status) => new()
    {
        Status = status.ToString(),
        Results = Array.Empty<MigrationResult>(),
        Module = origin.Module,
        Schema = origin.Schema,
        HistoryTable = origin.HistoryTable,
        Connection = origin.Connection,
    };
}
