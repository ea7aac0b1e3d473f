using PgMigrate.Planning;

namespace PgMigrate.Execution;

/// <summary>Something that happened during a run. The set is closed: a switch over it can be complete.</summary>
public abstract record MigrationEvent
{
    private protected MigrationEvent()
    {
    }
}

/// <summary>Another run holds the lock.</summary>
/// <param name="Holder">Who holds it: process id, user, application; empty when it cannot be seen.</param>
/// <param name="Waited">How long it has been waited for.</param>
/// <param name="Limit">How long it will be waited for at most.</param>
public sealed record LockWaiting(string Holder, TimeSpan Waited, TimeSpan Limit) : MigrationEvent;

/// <summary>A step is about to run. Only the later steps of a shared transaction may have begun when it is read.</summary>
/// <param name="Step">The step.</param>
/// <param name="Position">Its position in the run, from 1.</param>
/// <param name="Count">Number of steps of the run.</param>
public sealed record StepStarting(PlannedStep Step, int Position, int Count) : MigrationEvent;

/// <summary>The step has been running for more than a second; seen by a second connection.</summary>
/// <param name="Step">The step.</param>
/// <param name="Statement">Start of the statement that runs.</param>
/// <param name="Elapsed">How long the step has been running.</param>
/// <param name="BlockedBy">Who it waits for; empty when for nobody.</param>
public sealed record StatementRunning(PlannedStep Step, string Statement, TimeSpan Elapsed, string BlockedBy)
    : MigrationEvent;

/// <summary>The server said something.</summary>
/// <param name="Severity">WARNING, NOTICE, INFO, LOG or DEBUG.</param>
/// <param name="Message">Its words.</param>
/// <param name="Detail">Its detail, or null.</param>
/// <param name="Hint">Its hint, or null.</param>
public sealed record NoticeRaised(string Severity, string Message, string? Detail, string? Hint) : MigrationEvent
{
    /// <summary>True for what a DBA should see without asking.</summary>
    public bool IsWarning => Severity == "WARNING";
}

/// <summary>More notices came than anybody read; the oldest were dropped.</summary>
/// <param name="Count">How many.</param>
public sealed record NoticesDropped(long Count) : MigrationEvent;

/// <summary>A step ended: committed, or failed and rolled back. In a shared transaction it comes after COMMIT.</summary>
/// <param name="Result">How.</param>
public sealed record StepFinished(MigrationResult Result) : MigrationEvent;
