using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Npgsql;
using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Transactions;
using PgMigrate.Execution.Waiting;
using PgMigrate.Runs;
using PgMigrate.Sessions;

namespace PgMigrate.Execution;

/// <summary>
/// A running transaction and its events. It never waits for its consumer: the channel is bounded and drops the oldest
/// event, so that a paused consumer neither keeps a transaction open nor fills memory. Disposing of it before its end
/// cancels it and waits until it is rolled back.
/// </summary>
internal sealed class TransactionChannel : IAsyncDisposable
{
    private const int Capacity = 512;
    private readonly DatabaseSession _session;
    private readonly StatementWatcher _watcher;
    private readonly StepGroup _group;
    private readonly CancellationTokenSource _stop;
    private readonly Channel<Message> _events;
    private readonly int[] _received;
    private readonly Task<TransactionOutcome> _running;
    private long _dropped;
    private int _step;
    private int _announced;
    private Message? _next;

    /// <summary>Starts the transaction. The start of its first step is reported already.</summary>
    public TransactionChannel(
        DatabaseSession session,
        StatementWatcher watcher,
        ITransactionPolicy policy,
        StepGroup group,
        CancellationToken cancellationToken)
    {
        _session = session;
        _watcher = watcher;
        _group = group;
        _received = new int[group.Steps.Count];
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _events = Channel.CreateBounded<Message>(
            new BoundedChannelOptions(Capacity)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
                SingleReader = true,
            },
            lost => Interlocked.Add(ref _dropped, lost.Event is NoticeRaised ? 1 : 0));
        session.NoticeSink = ReportNotice;
        _running = RunAsync(policy);
    }

    // Each event carries its step, so that the start of a step is reported even when the events before it were dropped.
    private sealed record Message(int Step, MigrationEvent? Event);

    /// <summary>Number of notices that were dropped unread.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Waits for the next event; false when the transaction has ended and everything was read.</summary>
    public ValueTask<bool> WaitAsync() => _events.Reader.WaitToReadAsync(CancellationToken.None);

    /// <summary>Reads an event, if one is there.</summary>
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

    /// <summary>How it ended. The results count all notices, dropped ones included.</summary>
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

    private void ReportNotice(PostgresNotice notice)
    {
        var values = _group.Steps[_step].Placeholders;
        _received[_step]++;
        _events.Writer.TryWrite(new Message(_step, new NoticeRaised(
            notice.InvariantSeverity ?? notice.Severity,
            values.MaskParts(notice.MessageText),
            values.MaskPartsOrNull(notice.Detail),
            values.MaskPartsOrNull(notice.Hint))));
    }

    private void Begin(int step)
    {
        _step = step;
        _received[step] = 0;
        _events.Writer.TryWrite(new Message(step, null));
        _watcher.Watch(_group.Steps[step], happened => _events.Writer.TryWrite(new Message(step, happened)));
    }

    private void Report(MigrationEvent happened) => _events.Writer.TryWrite(new Message(_step, happened));

    private async Task<TransactionOutcome> RunAsync(ITransactionPolicy policy)
    {
        try
        {
            return await policy.RunAsync(_group, new StepCallbacks(Begin, Report), _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            await _watcher.SettleAsync().ConfigureAwait(false);
            _events.Writer.TryComplete();
        }
    }
}
