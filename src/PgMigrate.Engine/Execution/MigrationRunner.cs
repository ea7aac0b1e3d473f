using System.Runtime.CompilerServices;
using System.Threading.Channels;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Planning;

namespace PgMigrate.Execution;

/// <summary>
/// Keeps the promise of a plan: lock, look again, run step by step, unlock. The caller pulls the events; a step that
/// has begun never waits for the caller.
/// </summary>
internal sealed class MigrationRunner(
    DatabaseTarget target, DatabaseSession session, HistoryTable history, string module, bool createSchema)
{
    private const int NoticeCapacity = 512;

    /// <summary>Runs the plan. Whoever stops pulling ends the run: nothing is left open and the lock is freed.</summary>
    /// <exception cref="LockTimeoutException">Another run kept the lock.</exception>
    /// <exception cref="PlanBlockedException">The history moved, and the plan must not run any more.</exception>
    /// <exception cref="MigrationStepException">A step failed; its event came first.</exception>
    public async IAsyncEnumerable<MigrationEvent> RunAsync(
        MigrationPlan plan, RunOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var migrationLock = new MigrationLock(session, history.Schema, history.Name);
        try
        {
            await foreach (var waiting in migrationLock.AcquireAsync(options.LockWait, cancellationToken)
                .ConfigureAwait(false))
            {
                yield return waiting;
            }

            var steps = await ConfirmAsync(plan, cancellationToken).ConfigureAwait(false);
            var runner = new StepRunner(session, history, module, target.Connection);
            var watcher = new StatementWatcher(target, session.Connection.ProcessID);
            await using var _ = watcher.ConfigureAwait(false);
            for (var i = 0; i < steps.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new StepStarting(steps[i], i + 1, steps.Count);
                await foreach (var happened in RunStepAsync(runner, watcher, steps[i], i + 1, cancellationToken)
                    .ConfigureAwait(false))
                {
                    yield return happened;
                }
            }
        }
        finally
        {
            await migrationLock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    // The plan may only shrink under the lock: a step that nobody was shown is never run.
    private async Task<IReadOnlyList<PlannedStep>> ConfirmAsync(
        MigrationPlan plan, CancellationToken cancellationToken)
    {
        var isUndo = plan.Request.Direction == MigrationDirection.Undo;
        var query = new HistoryQuery(module, isUndo, plan.Folder.OtherModules);
        var now = await new HistoryReader(history).ReadAsync(session.Connection, query, cancellationToken)
            .ConfigureAwait(false);
        var steps = plan.Steps;
        if (now.Fingerprint != plan.BasedOn)
        {
            var applied = now.Entries.Select(entry => entry.Version).ToHashSet();
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

            var request = plan.Request with
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

            await session.ApplySettingsAsync(cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }

    private async IAsyncEnumerable<MigrationEvent> RunStepAsync(
        StepRunner runner,
        StatementWatcher watcher,
        PlannedStep step,
        int order,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var received = 0;
        var dropped = 0L;
        // Bounded, and the oldest go first: a consumer that pauses must not hold a transaction, nor fill the memory.
        var events = Channel.CreateBounded<MigrationEvent>(
            new BoundedChannelOptions(NoticeCapacity)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
            },
            lost => Interlocked.Add(ref dropped, lost is NoticeRaised ? 1 : 0));
        session.NoticeSink = notice =>
        {
            received++;
            events.Writer.TryWrite(new NoticeRaised(
                notice.InvariantSeverity ?? notice.Severity,
                step.Placeholders.Mask(notice.MessageText),
                step.Placeholders.MaskOrNull(notice.Detail),
                step.Placeholders.MaskOrNull(notice.Hint)));
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        watcher.Watch(step, events.Writer);
        var running = RunAndCompleteAsync(runner, step, order, events.Writer, stop.Token);
        try
        {
            await foreach (var happened in events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return happened;
            }
        }
        finally
        {
            // Reached early when the caller stops pulling in the middle of the step.
            if (!running.IsCompleted)
            {
                await stop.CancelAsync().ConfigureAwait(false);
            }

            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            session.NoticeSink = null;
            watcher.Rest();
        }

        var outcome = await running.ConfigureAwait(false);
        if (dropped > 0)
        {
            yield return new NoticesDropped(dropped);
        }

        yield return new StepFinished(outcome.Result with { Notices = received });
        if (outcome.Exception is { } exception)
        {
            throw exception;
        }
    }

    private static async Task<StepOutcome> RunAndCompleteAsync(
        StepRunner runner,
        PlannedStep step,
        int order,
        ChannelWriter<MigrationEvent> events,
        CancellationToken cancellationToken)
    {
        try
        {
            return await runner.RunAsync(step, order, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            events.TryComplete();
        }
    }
}
