using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution;

/// <summary>The steps of one transaction, and where they stand in the run.</summary>
/// <param name="Steps">One step, or all of a run that shares its transaction.</param>
/// <param name="Before">How many steps of the run came before them.</param>
/// <param name="Count">How many the run has.</param>
internal sealed record StepGroup(IReadOnlyList<PlannedStep> Steps, int Before, int Count)
{
    /// <summary>The event that a step of the group, counted from 0, is about to run.</summary>
    public StepStarting Starting(int index) => new(Steps[index], Before + index + 1, Count);
}

/// <summary>
/// A transaction that is under way, and what it has said so far. It never waits for whoever reads: the channel is bounded
/// and drops the oldest, so that a consumer that pauses holds no transaction and fills no memory. Disposing of it before
/// its end cancels it and waits until it is rolled back.
/// </summary>
internal sealed class RunningTransaction : IAsyncDisposable
{
    private const int Capacity = 512;
    private readonly DatabaseSession _session;
    private readonly StatementWatcher _watcher;
    private readonly StepGroup _group;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<Said> _events;
    private readonly int[] _received;
    private readonly Task<TransactionOutcome> _running;
    private long _dropped;
    private int _step;
    private int _announced;
    private Said? _next;

    /// <summary>Starts the transaction; its first step is announced already.</summary>
    public RunningTransaction(
        DatabaseSession session,
        StatementWatcher watcher,
        StepRunner runner,
        StepGroup group,
        CancellationToken cancellationToken)
    {
        _session = session;
        _watcher = watcher;
        _group = group;
        _received = new int[group.Steps.Count];
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _events = Channel.CreateBounded<Said>(
            new BoundedChannelOptions(Capacity)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
            },
            lost => Interlocked.Add(ref _dropped, lost.Event is NoticeRaised ? 1 : 0));
        session.NoticeSink = Hear;
        _running = RunAsync(runner);
    }

    // Says with each event which step it belongs to: the announcement of a step is never lost with the events before it.
    private sealed record Said(int Step, MigrationEvent? Event);

    /// <summary>Notices that were dropped unread.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Waits for the next event; false when the transaction has ended and everything was read.</summary>
    public ValueTask<bool> WaitAsync() => _events.Reader.WaitToReadAsync(CancellationToken.None);

    /// <summary>Takes an event that is there.</summary>
    public bool TryRead([NotNullWhen(true)] out MigrationEvent? happened)
    {
        while (_next is not null || _events.Reader.TryRead(out _next))
        {
            if (_next.Step > _announced)
            {
                happened = _group.Starting(++_announced);
                return true;
            }

            happened = _next.Event;
            _next = null;
            if (happened is not null)
            {
                return true;
            }
        }

        happened = null;
        return false;
    }

    /// <summary>How it ended; the results know how many notices came, those dropped included.</summary>
    public async Task<TransactionOutcome> GetOutcomeAsync()
    {
        var outcome = await _running.ConfigureAwait(false);
        return outcome with
        {
            Results = outcome.Results
                .Select(result => result with { Notices = _received[result.Order - _group.Before - 1] })
                .ToList(),
        };
    }

    /// <summary>Ends the transaction if it still runs.</summary>
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

    private void Hear(PostgresNotice notice)
    {
        var values = _group.Steps[_step].Placeholders;
        _received[_step]++;
        _events.Writer.TryWrite(new Said(_step, new NoticeRaised(
            notice.InvariantSeverity ?? notice.Severity,
            values.MaskParts(notice.MessageText),
            values.MaskPartsOrNull(notice.Detail),
            values.MaskPartsOrNull(notice.Hint))));
    }

    private void Begin(int step)
    {
        _step = step;
        _received[step] = 0;
        _events.Writer.TryWrite(new Said(step, null));
        _watcher.Watch(_group.Steps[step], happened => _events.Writer.TryWrite(new Said(step, happened)));
    }

    private void Tell(MigrationEvent happened) => _events.Writer.TryWrite(new Said(_step, happened));

    private async Task<TransactionOutcome> RunAsync(StepRunner runner)
    {
        try
        {
            var voice = new StepVoice(Begin, Tell);
            if (_group.Steps[0].SharesTransaction)
            {
                return await new SharedTransaction(runner).RunAsync(_group.Steps, voice, _stop.Token)
                    .ConfigureAwait(false);
            }

            var outcome = await runner.RunAsync(_group.Steps[0], _group.Before + 1, voice, _stop.Token)
                .ConfigureAwait(false);
            return new TransactionOutcome([outcome.Result], outcome.Exception);
        }
        finally
        {
            await _watcher.SettleAsync().ConfigureAwait(false);
            _events.Writer.TryComplete();
        }
    }
}
