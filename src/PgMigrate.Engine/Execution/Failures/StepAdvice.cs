using Npgsql;
using PgMigrate.Execution.Steps;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Failures;

/// <summary>The next step to advise after an error of the server; pure.</summary>
internal static class StepAdvice
{
    // The routine of the server that rejects a row because of row-level security.
    private const string RowSecurity = "ExecWithCheckOptions";

    /// <summary>
    /// The state of the step after the failure, and what to do. <paramref name="isOurs"/>: a command of PgMigrate
    /// failed.
    /// </summary>
    public static string For(
        StepAttempt attempt, PostgresException e, TimeoutOrigin? timeout, bool isOurs, HistoryTable history)
    {
        var step = attempt.Step;
        var statement = attempt.Position.Phase == StepPhase.Script ? StepFailure.StatementOf(attempt) : null;
        var next = (statement is null ? null : ForStatement(step, e, statement, history))
            ?? ForError(attempt, e, timeout, isOurs);
        // A session that was terminated during a commit may have done one statement more than it has confirmed.
        return e.InvariantSeverity is "FATAL" or "PANIC" && step.Script.Transaction == ScriptTransaction.None
            ? $"Its record shows how far it got. {next}"
            : $"{StepFailure.State(attempt)} {OwnCommits(attempt)}{next}";
    }

    // Advice for an error whose cause is the transaction, or the tracking table.
    private static string? ForStatement(
        PlannedStep step, PostgresException e, SqlStatement statement, HistoryTable history) =>
        history.IsMetBy(e, statement.Reading)
            ? $"{history.QualifiedName} is the tracking table of this run, and {history.QualifiedLog} its log. Delete "
                + $"from the file what creates or fills them; or {history.WayOut(exists: true, isEmpty: false)}"
            : TransactionAdvice.For(TransactionFailure.Of(step, statement, e));

    private static string ForError(
        StepAttempt attempt, PostgresException e, TimeoutOrigin? timeout, bool isOurs) =>
        timeout is not null ? TimeoutAdvice.For(timeout) : e.SqlState switch
        {
            PostgresErrorCodes.InsufficientPrivilege when IsAtRecord(attempt) && e.Routine == RowSecurity =>
                "The file, or an event trigger, has enabled row-level security on the tracking table or its log. "
                    + "Disable it and run again.",
            PostgresErrorCodes.InsufficientPrivilege when isOurs || IsAtRecord(attempt) =>
                "Grant the login INSERT, SELECT and DELETE on the tracking table and INSERT on its log.",
            PostgresErrorCodes.InsufficientPrivilege => "Grant the login the missing privilege, or log in as the "
                + "owner.",
            PostgresErrorCodes.ReadOnlySqlTransaction when IsAtRecord(attempt) && attempt.Position.Index >= 0 =>
                "The file made the transaction read-only. Remove that from the file and run again.",
            PostgresErrorCodes.ReadOnlySqlTransaction => "The server or the login is read-only: connect to the primary "
                + "with a login that may write.",
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected => ForLock(attempt.Blockers),
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server ended the session. Run "
                + "again.",
            PostgresErrorCodes.DiskFull => "Free disk space on the server and run again.",
            _ when IsAtRecord(attempt) => ForRecord(attempt),
            _ when isOurs && attempt.Step.SharesTransaction => "If a deferred constraint failed, any file of the run "
                + "can be the cause. Fix it and run again.",
            _ => "Fix the file and run again.",
        };

    private static string ForLock(IReadOnlyList<MigrationBlocker> blockers) =>
        "Another session held the lock. Run again when it has ended"
        + (blockers.FirstOrDefault(blocker => blocker.ProcessId != 0) is { } session
            ? $", or end it: SELECT pg_terminate_backend({session.ProcessId});"
            : blockers.Count > 0 ? ", or end it: COMMIT PREPARED or ROLLBACK PREPARED." : ".");

    private static bool IsAtRecord(StepAttempt attempt) => attempt.Position.Phase == StepPhase.Record;

    private static string OwnCommits(StepAttempt attempt) =>
        attempt.Step.Script.Transaction == ScriptTransaction.None
        && attempt.Position.Phase == StepPhase.Script
        && attempt.Position.Index == attempt.Script.StatementsDone
        && attempt.Step.Script.Held is { } statements
        && statements[attempt.Position.Index].Reading.MayCommit
            ? "This statement can have committed part of its work itself before it failed. Check what it did before "
                + "the next run, which begins with it. "
            : "";

    private static string ForRecord(StepAttempt attempt)
    {
        if (attempt.Position.Index < 0)
        {
            return "Another session has changed the tracking table. Undo that change and run again.";
        }

        // A rollback does not undo what a DO has committed itself.
        var script = attempt.Step.Script;
        var isRolledBack = script.Transaction == ScriptTransaction.Wrapped
            || !script.Facts.MayCommit;
        return "Most likely the file, or one before it, dropped, renamed or changed the tracking table or its log"
            + (isRolledBack ? "; nothing in them is lost. " : ". ")
            + "Remove that from the file and run again.";
    }
}
