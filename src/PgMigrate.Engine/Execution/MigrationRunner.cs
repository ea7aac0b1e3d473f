using System.Runtime.CompilerServices;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Records;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution;

/// <summary>
/// Keeps the promise of a plan: lock, look again, run step by step, unlock. The caller pulls the events; a
/// transaction that has begun never waits for the caller.
/// </summary>
internal sealed class MigrationRunner(
    DatabaseTarget target, DatabaseSession session, HistoryTable history, string module, bool createSchema)
{
    /// <summary>Runs the plan. Whoever stops pulling ends the run: nothing is left open and the lock is freed.</summary>
    /// <exception cref="LockTimeoutException">Another run kept the lock.</exception>
    /// <exception cref="PlanBlockedException">The plan is blocked, or became so since it was made.</exception>
    /// <exception cref="MigrationStepException">A step failed; its event came first.</exception>
    public async IAsyncEnumerable<MigrationEvent> RunAsync(
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

        LockTimeoutRule.Require(options, session.Connection.PostgreSqlVersion);
        var migrationLock = new MigrationLock(session, history.Schema, history.Name);
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
                foreach (var result in await new RecordAdministration(session, history, module)
                    .BaselineAsync(steps, target.Connection, cancellationToken).ConfigureAwait(false))
                {
                    yield return new StepFinished(result);
                }

                yield break;
            }

            if (steps.Count > 0 && session.Settings.DeadlockTimeout is { } deadlock
                && LockTimeoutRule.Doubt(options, deadlock) is { } doubt)
            {
                yield return new RunWarning(doubt);
            }

            var watcher = new StatementWatcher(target, session.ProcessId, options);
            await using var _ = watcher.ConfigureAwait(false);
            var runner = new StepRunner(session, history, module, target.Connection)
            {
                Options = options,
                Watcher = watcher,
            };
            foreach (var group in Group(steps))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return group.Starting(0);
                var running = new RunningTransaction(session, watcher, runner, group, cancellationToken);
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

    // A transaction for each step, or one for all.
    private static IEnumerable<StepGroup> Group(IReadOnlyList<PlannedStep> steps) =>
        steps.Any(step => step.SharesTransaction)
            ? [new StepGroup(steps, 0, steps.Count)]
            : steps.Select((step, i) => new StepGroup([step], i, steps.Count));

    // The plan may only shrink under the lock: a step that nobody was shown is never run.
    private async Task<IReadOnlyList<PlannedStep>> ConfirmAsync(
        MigrationPlan plan, RunOptions options, CancellationToken cancellationToken)
    {
        var isUndo = plan.Request.Direction == MigrationDirection.Undo;
        var query = HistoryQuery.For(module, isUndo, plan.Folder);
        var now = await new HistoryReader(history).ReadAsync(session.Connection, query, cancellationToken)
            .ConfigureAwait(false);
        var steps = plan.Steps;
        if (isUndo && steps.SelectMany(step => UndoPlanner.FindNeededElsewhere(step, now.Dependents)).ToList() is [_, ..] needed)
        {
            throw PlanBlockedException.For(needed);
        }

        if (!isUndo && plan.Request.Baseline is null && DependencyOrder.FindMissingElsewhere(plan, now) is [_, ..] missing)
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
                // What was newest when the steps were shown may not be any more: undoing on would skip something.
                throw PlanBlockedException.For([new MigrationProblem
                {
                    Code = "HistoryChanged",
                    Message = "Another run changed the history while this one was being agreed to. Nothing was undone. "
                        + "Look at Get-PgMigrationStatus and run again.",
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
                await new HistoryCreation(history).CreateAsync(session.Connection, createSchema && !now.SchemaExists, cancellationToken)
                    .ConfigureAwait(false);
            }

            await session.Settings.ApplyAsync(options, cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }
}
