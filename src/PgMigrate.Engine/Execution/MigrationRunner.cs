using System.Runtime.CompilerServices;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Execution.Transactions;
using PgMigrate.Execution.Waiting;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Records;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution;

/// <summary>
/// Runs a plan: takes the lock, reads the history again, runs step by step, releases the lock. The caller pulls the
/// events; a transaction that has begun never waits for the caller.
/// </summary>
internal sealed class MigrationRunner(DatabaseTarget target, RunContext context, bool createSchema)
{
    private readonly DatabaseSession _session = context.Session;
    private readonly HistoryTable _history = context.History;

    /// <summary>
    /// Runs the plan. A caller that stops pulling ends the run: nothing is left open and the lock is released. Every
    /// exception of PgMigrate carries the summary of the run.
    /// </summary>
    /// <exception cref="LockTimeoutException">Another run kept the lock.</exception>
    /// <exception cref="PlanBlockedException">The plan is blocked, or became so since it was made.</exception>
    /// <exception cref="MigrationStepException">A step failed; its event came first.</exception>
    public async IAsyncEnumerable<MigrationEvent> RunAsync(
        MigrationPlan plan, RunOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var collector = new RunCollector(context.Origin) { Plan = plan, Accepted = plan.Steps.Count };
        var results = new List<MigrationResult>();
        var events = RunPlanAsync(plan, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var _ = events.ConfigureAwait(false);
        while (await MoveNextAsync(events, collector, results).ConfigureAwait(false))
        {
            if (events.Current is StepFinished { Result: var result })
            {
                results.Add(result);
            }

            yield return events.Current;
        }
    }

    private static async ValueTask<bool> MoveNextAsync(
        IAsyncEnumerator<MigrationEvent> events, RunCollector collector, List<MigrationResult> results)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (PgMigrateException e)
        {
            e.Summary = collector.ToSummary(results, e);
            throw;
        }
    }

    private async IAsyncEnumerable<MigrationEvent> RunPlanAsync(
        MigrationPlan plan, RunOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (plan.IsBlocked)
        {
            throw PlanBlockedException.For(plan.Errors);
        }

        if (plan.IsEmpty)
        {
            yield break;
        }

        LockTimeoutRule.Require(options, _session.Connection.PostgreSqlVersion);
        var migrationLock = new MigrationLock(_session, _history.Schema, _history.Name);
        try
        {
            await foreach (var waiting in migrationLock.AcquireAsync(options.LockWait, cancellationToken)
                .ConfigureAwait(false))
            {
                yield return waiting;
            }

            var steps = await ConfirmAsync(plan, options, cancellationToken).ConfigureAwait(false);
            if (plan.Request.Baseline is not null)
            {
                var times = await new RecordRunner(context)
                    .WriteAsync(RecordPlanner.Baseline(plan, steps), cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < steps.Count; i++)
                {
                    yield return new StepFinished(context.Results.Recorded(steps[i], i + 1, times[i]));
                }

                yield break;
            }

            if (steps.Count > 0 && _session.Settings.DeadlockTimeout is { } deadlock
                && LockTimeoutRule.Doubt(options, deadlock) is { } doubt)
            {
                yield return new RunWarning(doubt);
            }

            var watcher = new StatementWatcher(target, _session.ProcessId, options);
            await using var _ = watcher.ConfigureAwait(false);
            var policies = new TransactionPolicies(context, options, watcher);
            foreach (var group in StepGroup.Of(steps))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return group.Starting(0);
                var running = new TransactionChannel(
                    _session, watcher, policies.For(group), group, cancellationToken);
                await using var __ = running.ConfigureAwait(false);
                while (await running.WaitAsync().ConfigureAwait(false))
                {
                    while (running.TryRead(out var happened))
                    {
                        yield return happened;
                    }
                }

                var outcome = await running.GetOutcomeAsync().ConfigureAwait(false);
                if (running.Dropped > 0)
                {
                    yield return new NoticesDropped(running.Dropped);
                }

                foreach (var result in outcome.Results)
                {
                    yield return new StepFinished(result);
                }

                if (outcome.Exception is { } exception)
                {
                    throw exception;
                }
            }
        }
        finally
        {
            await migrationLock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    // The plan may only shrink under the lock: a step that was not shown is never run.
    private async Task<IReadOnlyList<PlannedStep>> ConfirmAsync(
        MigrationPlan plan, RunOptions options, CancellationToken cancellationToken)
    {
        var isUndo = plan.Request.Direction == MigrationDirection.Undo;
        var query = HistoryQuery.For(context.Module, isUndo, plan.Folder);
        var now = await new HistoryReader(_history).ReadAsync(_session.Connection, query, cancellationToken)
            .ConfigureAwait(false);
        var steps = plan.Steps;
        if (isUndo
            && steps.SelectMany(step => UndoPlanner.FindNeededElsewhere(step, now.Dependents)).ToList()
                is [_, ..] needed)
        {
            throw PlanBlockedException.For(needed);
        }

        if (!isUndo && plan.Request.Baseline is null
            && DependencyOrder.FindMissingElsewhere(plan, now) is [_, ..] missing)
        {
            throw PlanBlockedException.For(missing);
        }

        if (now.Fingerprint != plan.BasedOn)
        {
            var applied = now.Entries.Where(entry => isUndo || !entry.IsInterrupted)
                .Where(entry => isUndo || entry.Kind != HistoryKind.Repeatable)
                .Select(entry => entry.Version).ToHashSet();
            var left = plan.Steps.Where(step => applied.Contains(step.Version) == isUndo).ToList();
            if (isUndo && left.Count > 0)
            {
                // The newest migration may be another one now than when the steps were shown: undo would skip it.
                throw PlanBlockedException.For([new MigrationProblem
                {
                    Code = ErrorCodes.HistoryChanged,
                    Message = "Another run changed the history while this one was being confirmed. Nothing was undone. "
                        + "Check Get-PgMigrationStatus and run again.",
                }]);
            }

            var request = plan.Request.Baseline is not null ? plan.Request : plan.Request with
            {
                Versions = left.ConvertAll(step => step.FileName),
                Target = null,
                Steps = null,
                All = false,
            };
            var again = MigrationPlanner.Plan(plan.Folder, now, request);
            if (again.IsBlocked)
            {
                throw PlanBlockedException.For(again.Errors);
            }

            steps = again.Steps;
        }

        if (steps.Count > 0)
        {
            if (!now.TableExists)
            {
                await new HistoryCreation(_history)
                    .CreateAsync(_session.Connection, createSchema && !now.SchemaExists, cancellationToken)
                    .ConfigureAwait(false);
            }

            await _session.Settings.ApplyAsync(options, cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }
}
