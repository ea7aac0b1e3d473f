using PgMigrate.Planning;

namespace PgMigrate.Runs;

/// <summary>Something that happened during a run. The set is closed: a switch over it can be complete.</summary>
public abstract record MigrationEvent
{
    private protected MigrationEvent()
    {
    }
}

/// <summary>Another run holds the lock.</summary>
/// <param name="Holder">Who holds it: PID, user, application; empty when it is not visible.</param>
/// <param name="Waited">How long the run has waited.</param>
/// <param name="Limit">How long the run will wait at most.</param>
public sealed record LockWaiting(string Holder, TimeSpan Waited, TimeSpan Limit) : MigrationEvent;

/// <summary>
/// A step is about to run. Only later steps of a shared transaction may have started when this is read.
/// </summary>
/// <param name="Step">The step.</param>
/// <param name="Position">Its position in the run, from 1.</param>
/// <param name="Count">Number of steps of the run.</param>
public sealed record StepStarting(PlannedStep Step, int Position, int Count) : MigrationEvent;

/// <summary>The step has been running for more than a second; seen by a second connection.</summary>
/// <param name="Step">The step.</param>
/// <param name="Statement">Start of the statement that runs.</param>
/// <param name="Elapsed">How long the step has been running.</param>
/// <param name="Blockers">The sessions that it waits for; empty when there are none.</param>
public sealed record StatementRunning(
    PlannedStep Step, string Statement, TimeSpan Elapsed, IReadOnlyList<MigrationBlocker> Blockers) : MigrationEvent
{
    /// <summary>The sessions that it waits for, as text; empty when there are none.</summary>
    public string BlockedBy => string.Join("; ", Blockers);

    /// <summary>True while its COMMIT is done locally and waits for a synchronous standby to confirm it.</summary>
    public bool AwaitsStandby { get; init; }
}

/// <summary>
/// A lock was not acquired: everything in the attempt is rolled back, and after a pause there is another.
/// </summary>
/// <param name="Step">The step; of a shared transaction the one that failed, though all are run again.</param>
/// <param name="Attempt">Which attempt failed, from 1.</param>
/// <param name="Attempts">Maximum number of attempts.</param>
/// <param name="Pause">Time until the next attempt.</param>
/// <param name="SqlState">55P03 for a lock timeout, 40P01 for a deadlock.</param>
/// <param name="Blockers">The blocking sessions that were seen.</param>
public sealed record RetryScheduled(
    PlannedStep Step,
    int Attempt,
    int Attempts,
    TimeSpan Pause,
    string SqlState,
    IReadOnlyList<MigrationBlocker> Blockers)
    : MigrationEvent;

/// <summary>Sessions that blocked the step were signalled.</summary>
/// <param name="Step">The step.</param>
/// <param name="Action">Cancel or Terminate.</param>
/// <param name="Ended">Those that were signalled; empty when none may be.</param>
/// <param name="Problem">Why some or all were skipped; empty when none were.</param>
public sealed record BlockersEnded(
    PlannedStep Step, BlockerAction Action, IReadOnlyList<MigrationBlocker> Ended, string Problem) : MigrationEvent;

/// <summary>
/// A committed file left something in its session that was reset after it: the next file, and the next session, do
/// not have it.
/// </summary>
/// <param name="Step">The step.</param>
/// <param name="What">Each with its kind: <c>setting work_mem</c>, <c>role app</c>, <c>temporary table x</c>.</param>
public sealed record LeftBehind(PlannedStep Step, IReadOnlyList<string> What) : MigrationEvent;

/// <summary>A committed file created or changed objects that belong to another role than that of the run.</summary>
/// <param name="Step">The step.</param>
/// <param name="Objects">Each with its kind and owner: <c>table t (app)</c>.</param>
public sealed record OwnedByOthers(PlannedStep Step, IReadOnlyList<string> Objects) : MigrationEvent;

/// <summary>A warning about this run that stops nothing.</summary>
/// <param name="Message">The text.</param>
public sealed record RunWarning(string Message) : MigrationEvent;

/// <summary>A message of the server.</summary>
/// <param name="Severity">WARNING, NOTICE, INFO, LOG or DEBUG.</param>
/// <param name="Message">Its text.</param>
/// <param name="Detail">Its detail, or null.</param>
/// <param name="Hint">Its hint, or null.</param>
public sealed record NoticeRaised(string Severity, string Message, string? Detail, string? Hint) : MigrationEvent
{
    /// <summary>True for a message that a DBA should see without -Verbose.</summary>
    public bool IsWarning => Severity == "WARNING";
}

/// <summary>More notices arrived than were read; the oldest were dropped.</summary>
/// <param name="Count">How many were dropped.</param>
public sealed record NoticesDropped(long Count) : MigrationEvent;

/// <summary>
/// A step ended: committed, or failed and rolled back. In a shared transaction it comes after COMMIT.
/// </summary>
/// <param name="Result">Its result.</param>
public sealed record StepFinished(MigrationResult Result) : MigrationEvent;
