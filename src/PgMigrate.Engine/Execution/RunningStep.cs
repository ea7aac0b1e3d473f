using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using PgMigrate.Planning;

namespace PgMigrate.Execution;

/// <summary>
/// A step that is under way, and what it has said so far. It never waits for whoever reads: the channel is bounded and
/// drops the oldest, so that a consumer that pauses holds no transaction and fills no memory. Disposing of it before
/// its end cancels the step and waits until it is rolled back.
/// </summary>
internal sealed class RunningStep : IAsyncDisposable
{
    private const int Capacity = 512;
    private readonly DatabaseSession _session;
    private readonly StatementWatcher _watcher;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<MigrationEvent> _events;
    private readonly Task<StepOutcome> _running;
    private long _dropped;
    private int _received;

    /// <summary>Starts the step.</summary>
    public RunningStep(
        DatabaseSession session,
        StatementWatcher watcher,
        StepRunner runner,
        PlannedStep step,
        int order,
        CancellationToken cancellationToken)
    {
        _session = session;
        _watcher = watcher;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _events = Channel.CreateBounded<MigrationEvent>(
            new BoundedChannelOptions(Capacity)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
            },
            lost => Interlocked.Add(ref _dropped, lost is NoticeRaised ? 1 : 0));
        session.NoticeSink = notice =>
        {
            _received++;
            _events.Writer.TryWrite(new NoticeRaised(
                notice.InvariantSeverity ?? notice.Severity,
                step.Placeholders.Mask(notice.MessageText),
                step.Placeholders.MaskOrNull(notice.Detail),
                step.Placeholders.MaskOrNull(notice.Hint)));
        };
        watcher.Watch(step, _events.Writer);
        _running = RunAsync(runner, step, order);
    }

    /// <summary>Notices that came, those dropped included.</summary>
    public int Received => _received;

    /// <summary>Notices that were dropped unread.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Waits for the next event; false when the step has ended and everything was read.</summary>
    public ValueTask<bool> WaitAsync() => _events.Reader.WaitToReadAsync(CancellationToken.None);

    /// <summary>Takes an event that is there.</summary>
    public bool TryRead([NotNullWhen(true)] out MigrationEvent? happened) => _events.Reader.TryRead(out happened);

    /// <summary>How it ended.</summary>
    public Task<StepOutcome> GetOutcomeAsync() => _running;

    /// <summary>Ends the step if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_running.IsCompleted)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await ((Task)_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _session.NoticeSink = null;
        _watcher.Rest();
        _stop.Dispose();
    }

    private async Task<StepOutcome> RunAsync(StepRunner runner, PlannedStep step, int order)
    {
        try
        {
            return await runner.RunAsync(step, order, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _events.Writer.TryComplete();
        }
    }
}
