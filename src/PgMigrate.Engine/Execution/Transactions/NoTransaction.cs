using Npgsql;
using PgMigrate.Execution.Failures;
using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Transactions;

/// <summary>
/// No transaction around the file: each statement is committed separately, and a row says how far it got.
/// </summary>
internal sealed class NoTransaction(
    RunContext context, StepEnding ending, SessionLeftovers leftovers, RunOptions options, StatementWatcher watcher)
    : ITransactionPolicy
{
    private readonly NoTransactionRunner _runner = new(context);

    /// <inheritdoc/>
    public async Task<TransactionOutcome> RunAsync(
        StepGroup group, StepCallbacks callbacks, CancellationToken cancellationToken)
    {
        var step = group.Steps[0];
        await leftovers.PrepareAsync(step, cancellationToken).ConfigureAwait(false);
        callbacks.Begin(0);
        var run = new NoTransactionRun(step, new LockRetry(options, watcher, callbacks.Report));
        try
        {
            await _runner.RunAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException
            or StepFaultException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return TransactionOutcome.Of(await FailAsync(run, e, group.OrderOf(0)).ConfigureAwait(false));
        }

        var attempt = run.ToAttempt(null);
        if (attempt.Receipt is null)
        {
            return TransactionOutcome.Of(
                await ending.ReportUnrecordedAsync(attempt, group.OrderOf(0)).ConfigureAwait(false));
        }

        var reset = await ending.Commit.ResetAsync(step).ConfigureAwait(false);
        StepEnding.ReportLeftovers(attempt, reset, callbacks);
        return TransactionOutcome.Of(await ending.EndAsync(attempt, group.OrderOf(0), reset).ConfigureAwait(false));
    }

    private async Task<StepOutcome> FailAsync(NoTransactionRun run, Exception failure, int order)
    {
        var attempt = run.ToAttempt(failure);
        if (context.Session.IsOpen)
        {
            // The failure must not be logged with the role and the settings of the script.
            await ending.Commit.ResetAsync(run.Step).ConfigureAwait(false);
        }

        if (context.Session.IsOpen || attempt.Position.Index < run.Statements.Count)
        {
            return await ending.EndAsync(attempt, order, CommitOutcome.None(failure)).ConfigureAwait(false);
        }

        // All statements are done, and the connection was lost while the record was completed.
        var commit = await ending.Commit.AskAgainAsync(run.Step, run.Step.FileName, failure).ConfigureAwait(false);
        return await ending.EndAsync(
            commit.Entry is { } entry
                ? attempt with { Receipt = new RecordReceipt(entry.AppliedAt, entry.DurationMs) }
                : attempt,
            order,
            commit).ConfigureAwait(false);
    }
}
