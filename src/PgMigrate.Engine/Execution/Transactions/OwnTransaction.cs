using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Transactions;

/// <summary>A transaction for each file, in two round trips: its statements with the record, then COMMIT.</summary>
internal sealed class OwnTransaction(
    StepSender sender, StepEnding ending, SessionLeftovers leftovers, RunOptions options, StatementWatcher watcher)
    : ITransactionPolicy
{
    /// <inheritdoc/>
    public async Task<TransactionOutcome> RunAsync(
        StepGroup group, StepCallbacks callbacks, CancellationToken cancellationToken)
    {
        var step = group.Steps[0];
        var order = group.OrderOf(0);
        await leftovers.PrepareAsync(step, cancellationToken).ConfigureAwait(false);
        var retry = new LockRetry(options, watcher, callbacks.Report);
        var asText = false;
        while (true)
        {
            callbacks.Begin(0);
            retry.Begin();
            var attempt = await sender
                .SendAsync(new StepAttempt(step, retry.Attempt), null, asText, cancellationToken)
                .ConfigureAwait(false);
            if (!asText && StepSender.NeedsTextResults(attempt.Failure))
            {
                asText = true;
                continue;
            }

            if (ending.MustRefuse(attempt))
            {
                return TransactionOutcome.Of(await ending.RefuseAsync(attempt, order).ConfigureAwait(false));
            }

            var commit = await ending.CommitAsync(group.Steps, attempt).ConfigureAwait(false);
            var verdict = await retry.RetryAsync(step, commit.Failure, cancellationToken).ConfigureAwait(false);
            if (!verdict.IsRetried)
            {
                StepEnding.ReportLeftovers(attempt, commit, callbacks);
                return TransactionOutcome.Of(
                    await ending.EndAsync(StepEnding.Add(attempt, verdict), order, commit).ConfigureAwait(false));
            }
        }
    }
}
