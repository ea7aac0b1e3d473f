using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sql;

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

    /// <summary>Runs the steps; <paramref name="begin"/> hears the index of each as it begins, and must not wait.</summary>
    public async Task<TransactionOutcome> RunAsync(
        IReadOnlyList<PlannedStep> steps, Action<int> begin, CancellationToken cancellationToken)
    {
        var asText = new HashSet<int>();
        while (true)
        {
            var trips = new List<StepTrip>();
            var failure = await SendAsync(steps, trips, step =>
            {
                begin(step);
                return asText.Contains(step);
            }, cancellationToken).ConfigureAwait(false);

            // Everything is rolled back, so everything is sent again, this step in the way it needs.
            if (!StepRunner.IsTextOnly(failure) || !asText.Add(trips.Count - 1))
            {
                return await EndAsync(steps, trips, failure).ConfigureAwait(false);
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
    private static bool SetsSavepoint(PlannedStep step) => step.Script.Stream is not null || step.Script.Statements
        .Any(statement => SqlWords.Leading(statement.Text, 1) is ["SAVEPOINT"]);

    private async Task<Exception?> SendAsync(
        IReadOnlyList<PlannedStep> steps, List<StepTrip> trips, Func<int, bool> begin, CancellationToken cancellationToken)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var trip = new StepTrip { After = i == 0 ? null : steps[i - 1] };
            trips.Add(trip);
            var failure = await runner.TrySendAsync(steps[i], trip, begin(i), cancellationToken).ConfigureAwait(false);
            if (failure is not null || !runner.IsAcceptable(trip))
            {
                return failure;
            }
        }

        return null;
    }

    private async Task<TransactionOutcome> EndAsync(
        IReadOnlyList<PlannedStep> steps, List<StepTrip> trips, Exception? failure)
    {
        var last = trips.Count - 1;
        var outcome = failure is not null
            ? await runner.FailAsync(steps[last], last + 1, failure, trips[last]).ConfigureAwait(false)
            : await runner.RefuseAsync(steps[last], last + 1, trips[last]).ConfigureAwait(false)
                ?? await runner.CommitAsync(steps, steps.Count, trips[last]).ConfigureAwait(false);
        return new TransactionOutcome(
            outcome.Result.Outcome == MigrationOutcome.Failed
                ? [outcome.Result]
                : [.. trips.Take(last).Select((trip, i) => runner.Succeeded(steps[i], i + 1, trip)), outcome.Result],
            outcome.Exception);
    }
}
