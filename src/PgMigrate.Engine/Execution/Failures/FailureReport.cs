using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Execution.Steps;
using PgMigrate.Messages;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Failures;

/// <summary>Makes the error of a failed step, logs it, and makes its result and its exception.</summary>
internal sealed class FailureReport(RunContext context, RunOptions options)
{
    /// <summary>The outcome of an attempt that has failed and is rolled back.</summary>
    public async Task<StepOutcome> FailAsync(StepAttempt attempt, int order)
    {
        var failure = attempt.Failure!;
        var timeout = await TimeoutOrigin.FindAsync(context.Session, attempt.Step, failure, options)
            .ConfigureAwait(false);
        var error = await LogAsync(attempt, StepFailure.Describe(attempt, timeout, context.History))
            .ConfigureAwait(false);
        return Failed(attempt, order, error, StepFailure.Cause(attempt.Step, failure));
    }

    /// <summary>The outcome of an attempt that the server accepted and PgMigrate has rolled back.</summary>
    public async Task<StepOutcome> RefuseAsync(StepAttempt attempt, int order) => Failed(
        attempt,
        order,
        await LogAsync(attempt, attempt.Receipt is null
            ? StepFailure.RecordNotWritten(attempt, context.History.QualifiedName)
            : StepFailure.EncodingChanged(attempt)).ConfigureAwait(false),
        null);

    /// <summary>The outcome of an attempt whose COMMIT has an unknown outcome.</summary>
    public StepOutcome Unknown(StepAttempt attempt, int order, Exception problem) => Failed(
        attempt, order, StepFailure.CommitUnknown(attempt.Step, problem), problem, MigrationOutcome.Unknown);

    // Returns the error, which says so when it could not be logged.
    private async Task<MigrationError> LogAsync(StepAttempt attempt, MigrationError error)
    {
        if (!context.Session.IsOpen)
        {
            return error;
        }

        var step = attempt.Step;
        try
        {
            await context.History.LogFailureAsync(
                context.Session.Connection,
                context.Module,
                step.Version,
                (step.FileName, step.Migration?.Checksum ?? step.Entry?.Checksum),
                error,
                CancellationToken.None,
                attempt.Script.IsInterrupted ? "interrupted" : "failed").ConfigureAwait(false);
            return error;
        }
        catch (NpgsqlException e)
        {
            return error with
            {
                Message = error.Message + Environment.NewLine + "(The failure could not be logged: "
                    + $"{ServerText.Of(e)})",
            };
        }
    }

    private StepOutcome Failed(
        StepAttempt attempt,
        int order,
        MigrationError error,
        Exception? cause,
        MigrationOutcome outcome = MigrationOutcome.Failed)
    {
        var result = context.Results.Failed(attempt.Step, order, error, outcome) with
        {
            Attempts = attempt.Number,
            // The server measures what it records; a failure is measured here.
            DurationMs = TimeProvider.System.GetElapsedTime(attempt.Started).TotalMilliseconds,
        };
        return new StepOutcome(result, attempt.Step.Direction == MigrationDirection.Apply
            ? new MigrationApplyException(error.Code, result, cause)
            : new MigrationUndoException(error.Code, result, cause));
    }
}
