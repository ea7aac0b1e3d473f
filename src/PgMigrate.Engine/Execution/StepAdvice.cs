using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution;

/// <summary>Says after an error of the server what to do next; pure.</summary>
internal static class StepAdvice
{
    // The routine of the server that refuses a row for row-level security.
    private const string RowSecurity = "ExecWithCheckOptions";

    /// <summary>Where the failure leaves the step, and what to do; ours is a command that is none of the file's.</summary>
    public static string For(PlannedStep step, PostgresException e, StepTrip trip, bool isOurs, HistoryTable history)
    {
        var statement = trip.Phase == StepPhase.Script ? StepFailure.StatementOf(step, trip) : null;
        var next = (statement is null ? null : ForStatement(step, e, statement, history)) ?? ForError(step, e, trip, isOurs);
        // A session that was ended while it committed may have done one statement more than it has answered.
        return e.InvariantSeverity is "FATAL" or "PANIC" && step.Script.Transaction == ScriptTransaction.None
            ? $"Its record says how far it came. {next}"
            : $"{StepFailure.State(step, trip)} {OwnCommits(step, trip)}{next}";
    }

    // What the transaction, or one of our own tables, has to do with it.
    private static string? ForStatement(
        PlannedStep step, PostgresException e, SqlStatement statement, HistoryTable history) =>
        history.IsMetBy(e, statement.Text)
            ? $"{history.QualifiedName} is the tracking table of this run, and {history.QualifiedLog} its log. Delete from the "
                + $"file what creates or fills them; or {history.WayOut(exists: true, isEmpty: false)}"
            : TransactionAdvice.For(TransactionFailure.Of(step, statement, e));

    private static string ForError(PlannedStep step, PostgresException e, StepTrip trip, bool isOurs) =>
        trip.Timeout is { } timeout ? TimeoutAdvice.For(timeout) : e.SqlState switch
        {
            PostgresErrorCodes.InsufficientPrivilege when trip.Phase == StepPhase.Record && e.Routine == RowSecurity =>
                "The file, or an event trigger, has turned row-level security of the tracking table or its log on: take that "
                    + "back, and run again.",
            PostgresErrorCodes.InsufficientPrivilege when isOurs || trip.Phase == StepPhase.Record =>
                "Grant the login INSERT, SELECT and DELETE on the tracking table and INSERT on its log.",
            PostgresErrorCodes.InsufficientPrivilege => "Grant the login the missing right, or log in as the owner.",
            PostgresErrorCodes.ReadOnlySqlTransaction when trip is { Phase: StepPhase.Record, StatementIndex: >= 0 } =>
                "The file made the transaction read-only: take that out of it and run again.",
            PostgresErrorCodes.ReadOnlySqlTransaction => "The server or the login is read-only: connect to the primary "
                + "with a login that may write.",
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected =>
                "Another session was in the way. Run again when it has ended"
                    + (trip.Blockers.Any(blocker => blocker.ProcessId != 0)
                        ? $", or end it: SELECT pg_terminate_backend({trip.Blockers.First(blocker => blocker.ProcessId != 0).ProcessId});"
                        : trip.Blockers.Count > 0 ? ", or end it: COMMIT PREPARED or ROLLBACK PREPARED." : "."),
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server ended the session. Run again.",
            PostgresErrorCodes.DiskFull => "Free disk space on the server and run again.",
            _ when trip.Phase == StepPhase.Record => RecordAdvice(step, trip),
            _ when isOurs && step.SharesTransaction => "When a deferred constraint is what failed, any file of the run may "
                + "be the cause. Fix it and run again.",
            _ => "Fix the file and run again.",
        };

    // Nobody but the statement itself knows.
    private static string OwnCommits(PlannedStep step, StepTrip trip) =>
        step.Script.Transaction == ScriptTransaction.None
        && trip.Phase == StepPhase.Script
        && trip.StatementIndex == trip.StatementsDone
        && StatementClassifier.MayCommit(step.Script.Statements[trip.StatementIndex].Text)
            ? "This statement can have committed part of its work by itself before it failed: look before the next run, "
                + "which begins with it. "
            : "";

    private static string RecordAdvice(PlannedStep step, StepTrip trip)
    {
        if (trip.StatementIndex < 0)
        {
            return "Somebody has changed the tracking table: take that back and run again.";
        }

        // What a DO has committed by itself is not taken back with the statement.
        var isTakenBack = step.Script.Transaction == ScriptTransaction.Wrapped
            || !step.Script.Statements.Any(statement => StatementClassifier.MayCommit(statement.Text));
        return "Most likely the file, or one before it, dropped, renamed or changed the tracking table or its log"
            + (isTakenBack ? "; nothing in them is lost. " : ". ")
            + "Take that out of the file and run again.";
    }
}
