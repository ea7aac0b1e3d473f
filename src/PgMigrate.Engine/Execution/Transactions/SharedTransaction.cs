using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.Planning;
using PgMigrate.Runs;

namespace PgMigrate.Execution.Transactions;

/// <summary>
/// One transaction for all steps of a run: a round trip for each, then one COMMIT. What a file leaves in its session
/// does not reach the next, except what PostgreSQL keeps for a transaction: deferred constraints, advisory locks.
/// </summary>
internal sealed class SharedTransaction(
    StepSender sender, StepEnding ending, RunOptions options, StatementWatcher watcher) : ITransactionPolicy
{
    /// <summary>Runs the steps. All of them are retried when one did not get a lock.</summary>
    public async Task<TransactionOutcome> RunAsync(
        StepGroup group, StepCallbacks callbacks, CancellationToken cancellationToken)
    {
        var retry = new LockRetry(options, watcher, callbacks.Report);
        var asText = new HashSet<int>();
        while (true)
        {
            var attempts = await SendAsync(group.Steps, asText, retry, callbacks, cancellationToken)
                .ConfigureAwait(false);

            // Everything is rolled back, so everything is sent again, this step with results as text.
            var last = attempts.Count - 1;
            var attempt = attempts[last];
            if (StepSender.NeedsTextResults(attempt.Failure) && asText.Add(last))
            {
                continue;
            }

            if (ending.MustRefuse(attempt))
            {
                return TransactionOutcome.Of(
                    await ending.RefuseAsync(attempt, group.OrderOf(last)).ConfigureAwait(false));
            }

            var commit = await ending.CommitAsync(group.Steps, attempt).ConfigureAwait(false);
            var verdict = await retry.RetryAsync(attempt.Step, commit.Failure, cancellationToken)
                .ConfigureAwait(false);
            if (!verdict.IsRetried)
            {
                attempts.ForEach(done => StepEnding.ReportLeftovers(done, commit, callbacks));
                attempts[last] = StepEnding.Add(attempt, verdict);
                return await EndAsync(group, attempts, commit).ConfigureAwait(false);
            }
        }
    }

    // The attempts of all steps, or of those up to the one that failed or must be refused.
    private async Task<List<StepAttempt>> SendAsync(
        IReadOnlyList<PlannedStep> steps,
        HashSet<int> asText,
        LockRetry retry,
        StepCallbacks callbacks,
        CancellationToken cancellationToken)
    {
        var attempts = new List<StepAttempt>(steps.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            callbacks.Begin(i);
            if (i == 0)
            {
                retry.Begin();
            }

            var attempt = await sender.SendAsync(
                new StepAttempt(steps[i], retry.Attempt),
                i == 0 ? null : steps[i - 1],
                asText.Contains(i),
                cancellationToken).ConfigureAwait(false);
            attempts.Add(attempt);
            if (attempt.Failure is not null || ending.MustRefuse(attempt))
            {
                break;
            }
        }

        return attempts;
    }

    private async Task<TransactionOutcome> EndAsync(
        StepGroup group, List<StepAttempt> attempts, CommitOutcome commit)
    {
        var last = attempts.Count - 1;
        var outcome = await ending.EndAsync(attempts[last], group.OrderOf(last), commit).ConfigureAwait(false);
        var results = new List<MigrationResult>(attempts.Count);
        for (var i = 0; i < last && (commit.IsCommitted || commit.IsUnknown); i++)
        {
            // One COMMIT for all: when its outcome is unknown, it is so for each of them.
            results.Add(commit.IsCommitted
                ? ending.Done(attempts[i], group.OrderOf(i))
                : (await ending.EndAsync(attempts[i], group.OrderOf(i), commit).ConfigureAwait(false)).Result);
        }

        results.Add(outcome.Result);
        return new TransactionOutcome(results, outcome.Exception);
    }
}
