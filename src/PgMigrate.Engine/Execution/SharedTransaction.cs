using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sessions;

namespace PgMigrate.Execution;

/// <summary>What became of a transaction: of one step, or of all steps of a run.</summary>
/// <param name="Results">For the pipeline. Of a shared transaction: all steps, or the failed one alone.</param>
/// <param name="Exception">Why the run ends here; null when it goes on.</param>
internal sealed record TransactionOutcome(IReadOnlyList<MigrationResult> Results, Exception? Exception);

/// <summary>
/// Runs all steps of a run in one transaction: a round trip for each, then one COMMIT. What a file leaves in its session
/// does not reach the next, except what PostgreSQL keeps for a transaction: deferred constraints, advisory locks.
/// </summary>
internal sealed class SharedTransaction(StepRunner runner)
{
    private const string Savepoint = "pgmigrate_step";

    /// <summary>Runs the steps; after a lock that could not be had, all of them again.</summary>
    public async Task<TransactionOutcome> RunAsync(
        IReadOnlyList<PlannedStep> steps, StepVoice voice, CancellationToken cancellationToken)
    {
        var retry = new LockRetry(runner.Options, runner.Watcher, voice.Tell);
        var asText = new HashSet<int>();
        while (true)
        {
            var trips = new List<StepTrip>();
            var failure = await SendAsync(steps, trips, step =>
            {
                voice.Begin(step);
                if (step == 0)
                {
                    retry.Begin();
                }

                return (asText.Contains(step), retry.Attempt);
            }, cancellationToken).ConfigureAwait(false);

            // Everything is rolled back, so everything is sent again, this step in the way it needs.
            var last = trips.Count - 1;
            if (StepRunner.IsTextOnly(failure) && asText.Add(last))
            {
                continue;
            }

            var refusal = failure is null
                ? await runner.RefuseAsync(steps[last], last + 1, trips[last]).ConfigureAwait(false)
                : null;
            if (refusal is not null)
            {
                return new TransactionOutcome([refusal.Result], refusal.Exception);
            }

            var commit = failure is null
                ? await runner.CommitAsync(steps, trips[last]).ConfigureAwait(false)
                : CommitOutcome.None(failure);
            if (!await retry.TryAgainAsync(steps[last], commit.Failure, trips[last], cancellationToken)
                .ConfigureAwait(false))
            {
                trips.Select((trip, i) => (Step: steps[i], Trip: trip)).ToList()
                    .ForEach(done => StepRunner.TellOfRemains(done.Step, done.Trip, commit, voice));
                return await EndAsync(steps, trips, commit).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes away what the step before left behind; part of the batch of the next one.</summary>
    public static void AddReset(DatabaseSession session, PlannedStep previous, NpgsqlBatch batch)
    {
        if (SetsSavepoint(previous))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"RELEASE SAVEPOINT {Savepoint}"));
        }

        StepCommit.AddReset(session, batch);
    }

    /// <summary>Marks where a step begins: in time, and for its savepoints, which no later file may go back to.</summary>
    public static void AddMarks(PlannedStep step, NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HistoryTable.MarkStart));
        if (SetsSavepoint(step))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"SAVEPOINT {Savepoint}"));
        }
    }

    // Only for those: a savepoint costs a transaction id.
    private static bool SetsSavepoint(PlannedStep step) => step.Script.Facts.SetsSavepoint;

    private async Task<Exception?> SendAsync(
        IReadOnlyList<PlannedStep> steps, List<StepTrip> trips, Func<int, (bool AsText, int Attempt)> begin,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var (asText, attempt) = begin(i);
            var trip = new StepTrip { After = i == 0 ? null : steps[i - 1], Attempt = attempt };
            trips.Add(trip);
            var failure = await runner.TrySendAsync(steps[i], trip, asText, cancellationToken).ConfigureAwait(false);
            if (failure is not null || !runner.IsAcceptable(trip))
            {
                return failure;
            }
        }

        return null;
    }

    private async Task<TransactionOutcome> EndAsync(
        IReadOnlyList<PlannedStep> steps, List<StepTrip> trips, CommitOutcome commit)
    {
        var last = trips.Count - 1;
        var outcome = await runner.EndAsync(steps[last], last + 1, trips[last], commit).ConfigureAwait(false);
        var results = new List<MigrationResult>();
        for (var i = 0; i < last && (commit.IsCommitted || commit.IsUnknown); i++)
        {
            // One COMMIT for all: what nobody knows of the last step, nobody knows of those before it.
            results.Add(commit.IsCommitted
                ? runner.Succeeded(steps[i], i + 1, trips[i])
                : (await runner.EndAsync(steps[i], i + 1, trips[i], commit).ConfigureAwait(false)).Result);
        }

        return new TransactionOutcome([.. results, outcome.Result], outcome.Exception);
    }
}
