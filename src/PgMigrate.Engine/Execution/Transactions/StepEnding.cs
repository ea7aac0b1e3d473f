using PgMigrate.Execution.Failures;
using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Transactions;

/// <summary>Ends the steps of a transaction: commits or refuses them, and makes their outcome.</summary>
internal sealed class StepEnding(RunContext context, StepCommit commit, FailureReport failures)
{
    /// <summary>The second round trip.</summary>
    public StepCommit Commit => commit;

    /// <summary>Reports what a committed step left in its session, and to other owners.</summary>
    public static void ReportLeftovers(StepAttempt attempt, CommitOutcome outcome, StepCallbacks callbacks)
    {
        if (outcome.IsCommitted && outcome.LeftBehind.Count > 0)
        {
            callbacks.Report(new LeftBehind(attempt.Step, outcome.LeftBehind));
        }

        if (outcome.IsCommitted && attempt.ForeignOwners.Count > 0)
        {
            callbacks.Report(new OwnedByOthers(attempt.Step, attempt.ForeignOwners));
        }
    }

    /// <summary>The attempt with what a failed lock adds to its error.</summary>
    public static StepAttempt Add(StepAttempt attempt, RetryVerdict verdict) => verdict == RetryVerdict.NotALock
        ? attempt
        : attempt with { Blockers = verdict.Blockers, RetryEnd = verdict.Reason };

    /// <summary>True for an attempt that the server accepted and that must not be committed.</summary>
    public bool MustRefuse(StepAttempt attempt) =>
        attempt.Failure is null && (attempt.Receipt is null || !context.Session.IsUtf8);

    /// <summary>Rolls such an attempt back.</summary>
    public async Task<StepOutcome> RefuseAsync(StepAttempt attempt, int order)
    {
        await context.Session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
        return await failures.RefuseAsync(attempt, order).ConfigureAwait(false);
    }

    /// <summary>The outcome of an attempt whose record was not written, and that cannot be rolled back.</summary>
    public Task<StepOutcome> ReportUnrecordedAsync(StepAttempt attempt, int order) =>
        failures.RefuseAsync(attempt, order);

    /// <summary>Commits these steps, the last of which is that of the attempt, unless the attempt has failed.</summary>
    public Task<CommitOutcome> CommitAsync(IReadOnlyList<PlannedStep> steps, StepAttempt last) =>
        last.Failure is { } failure ? Task.FromResult(CommitOutcome.None(failure)) : commit.CommitAsync(steps);

    /// <summary>The outcome of a step after COMMIT, or after the rollback that took its place.</summary>
    public Task<StepOutcome> EndAsync(StepAttempt attempt, int order, CommitOutcome outcome) => outcome switch
    {
        { IsCommitted: true } => Task.FromResult(new StepOutcome(Done(attempt, order), outcome.Problem)),
        { IsUnknown: true } => Task.FromResult(failures.Unknown(attempt, order, outcome.Problem!)),
        _ => failures.FailAsync(
            attempt.Failure is null ? attempt.FailedAtCommit(outcome.Problem!) : attempt, order),
    };

    /// <summary>The result of a committed step.</summary>
    public MigrationResult Done(StepAttempt attempt, int order) =>
        context.Results.Done(attempt.Step, order) with
        {
            AppliedAt = attempt.Receipt?.At ?? default,
            DurationMs = attempt.Receipt?.DurationMs ?? 0,
            RowsAffected = attempt.RowsAffected,
            Attempts = attempt.Number,
        };
}
