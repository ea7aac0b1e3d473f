using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>Says after an error of the server what to do next; pure.</summary>
internal static class StepAdvice
{
    // 55P04 has no constant in the driver.
    private const string UnsafeNewEnumValue = "55P04";

    /// <summary>Where the failure leaves the step, and what to do; ours is a command that is none of the file's.</summary>
    public static string For(PlannedStep step, PostgresException e, StepTrip trip, bool isOurs)
    {
        var next = e.SqlState switch
        {
            UnsafeNewEnumValue or PostgresErrorCodes.InvalidTransactionTermination
                or PostgresErrorCodes.ActiveSqlTransaction when step.Script.Transaction == ScriptTransaction.Wrapped =>
                "PostgreSQL does not run this inside a transaction: put the statement into a migration of its own, or write "
                    + "'-- pgmigrate: no-transaction' at the top of this one.",
            PostgresErrorCodes.InsufficientPrivilege when isOurs || trip.Phase == StepPhase.Record =>
                "Grant the login INSERT, SELECT and DELETE on the tracking table and INSERT on its log.",
            PostgresErrorCodes.InsufficientPrivilege => "Grant the login the missing right, or log in as the owner.",
            PostgresErrorCodes.ReadOnlySqlTransaction when trip is { Phase: StepPhase.Record, StatementIndex: >= 0 } =>
                "The file made the transaction read-only: take that out of it and run again.",
            PostgresErrorCodes.ReadOnlySqlTransaction => "The server or the login is read-only: connect to the primary "
                + "with a login that may write.",
            PostgresErrorCodes.QueryCanceled => "The statement was cancelled: by statement_timeout, or by an operator.",
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected =>
                "Another session was in the way. Run again when it has ended"
                    + (trip.Blockers.Any(blocker => blocker.ProcessId != 0)
                        ? $", or end it: SELECT pg_terminate_backend({trip.Blockers.First(blocker => blocker.ProcessId != 0).ProcessId});"
                        : trip.Blockers.Count > 0 ? ", or end it: COMMIT PREPARED or ROLLBACK PREPARED." : "."),
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server ended the session. Run again.",
            PostgresErrorCodes.DiskFull => "Free disk space on the server and run again.",
            _ when trip.Phase == StepPhase.Record => RecordAdvice(step, trip),
            _ when isOurs && step.SharesTransaction => "When a deferred constraint is what failed, any file of the run may "
                + "be the cause. Mend it and run again.",
            _ => "Mend the file and run again.",
        };
        // A session that was ended while it committed may have done one statement more than it has answered.
        return e.InvariantSeverity is "FATAL" or "PANIC" && step.Script.Transaction == ScriptTransaction.None
            ? $"Its record says how far it came. {next}"
            : $"{StepFailure.State(step, trip)} {OwnCommits(step, trip)}{next}";
    }

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
