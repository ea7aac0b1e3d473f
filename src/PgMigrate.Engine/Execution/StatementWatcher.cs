using Npgsql;
using NpgsqlTypes;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>
/// Looks at long steps of a run from a second connection: the results of a batch arrive only at its end, and who blocks
/// it is known only while it waits. It opens nothing before a step has taken a while, and its own failure never disturbs
/// the run.
/// </summary>
internal sealed class StatementWatcher : IAsyncDisposable
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReopenPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(5);

    private readonly DatabaseTarget _target;
    private readonly int _processId;
    private readonly RunOptions _options;
    private readonly TimeSpan _interval;
    private readonly PeriodicTimer _timer;
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _acting = new(1);
    private readonly Task _watching;
    private volatile WatchedStep? _subject;
    private volatile string? _failure;

    /// <summary>Starts to watch the session with this backend process id.</summary>
    public StatementWatcher(DatabaseTarget target, int processId, RunOptions options)
    {
        _target = target;
        _processId = processId;
        _options = options;
        _interval = IntervalFor(options.LockTimeout, options.OnBlocker);
        _timer = new PeriodicTimer(_interval);
        _watching = WatchAsync(_ended.Token);
    }

    /// <summary>Who blocked the step at the last look or the one before; empty when nobody did.</summary>
    public IReadOnlyList<MigrationBlocker> Blockers => _subject?.Blockers ?? [];

    /// <summary>About how long the step has waited for locks so far.</summary>
    public TimeSpan Waited => _subject?.Waited ?? TimeSpan.Zero;

    /// <summary>The step that runs from now on, and who is told of it; that must not wait.</summary>
    public void Watch(PlannedStep step, Action<MigrationEvent> report) => _subject = new WatchedStep(step, report);

    /// <summary>
    /// Waits until it is told whose session was ended: the step goes on, and may be done, before the answer is here.
    /// </summary>
    public async Task SettleAsync()
    {
        if (await _acting.WaitAsync(SettleLimit, CancellationToken.None).ConfigureAwait(false))
        {
            _acting.Release();
        }
    }

    /// <summary>No step runs.</summary>
    public void Rest() => _subject = null;

    /// <summary>
    /// Often enough to see who is in the way before the timeout ends the wait, and twice as often where they are to be
    /// told in time.
    /// </summary>
    public static TimeSpan IntervalFor(TimeSpan lockTimeout, BlockerAction action)
    {
        var part = lockTimeout / (BlockerRules.Acts(action) ? 8 : 4);
        return lockTimeout <= TimeSpan.Zero || part > LongestInterval ? LongestInterval
            : part < ShortestInterval ? ShortestInterval
            : part;
    }

    /// <summary>
    /// Says of an attempt that has lost its lock that nobody was told to give way, when nothing was said of it: then the
    /// first look came after its end, or there can be none.
    /// </summary>
    public async Task TellOfMissAsync()
    {
        await SettleAsync().ConfigureAwait(false);
        if (BlockerRules.Acts(_options.OnBlocker) && _subject is { HasSpoken: false } subject)
        {
            subject.HasSpoken = true;
            subject.Report(new BlockersEnded(
                subject.Step, _options.OnBlocker, [], _failure ?? BlockerRules.TooLate));
        }
    }

    /// <summary>Closes the second connection, if it was ever opened.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _ended.Dispose();
        _acting.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        DatabaseSession? session = null;
        long? failedAt = null;
        // One timer for the whole run: a delay per step would be cancelled, with an exception, at each of them.
        while (await _timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (_subject is not { } subject || subject.Elapsed < _interval
                || (failedAt is { } moment && TimeProvider.System.GetElapsedTime(moment) < ReopenPause))
            {
                continue;
            }

            try
            {
                session ??= await DatabaseSession.OpenAsync(_target, null, cancellationToken).ConfigureAwait(false);
                await WatchOnceAsync(session, subject, cancellationToken).ConfigureAwait(false);
                (failedAt, _failure) = (null, null);
            }
            catch (Exception e) when (e is OperationCanceledException or PgMigrateException or NpgsqlException
                or IOException or InvalidOperationException)
            {
                // Only the view of the progress is lost, and with it what -OnBlocker asked for, until a connection is there again.
                NoteFailure(subject, e);
                failedAt = TimeProvider.System.GetTimestamp();
                await CloseAsync(session).ConfigureAwait(false);
                session = null;
            }
        }

        await CloseAsync(session).ConfigureAwait(false);
    }

    private static ValueTask CloseAsync(DatabaseSession? session) => session?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task WatchOnceAsync(DatabaseSession session, WatchedStep subject, CancellationToken cancellationToken)
    {
        var waiting = await LookAsync(session, subject, cancellationToken).ConfigureAwait(false);
        if (BlockerRules.Acts(_options.OnBlocker) && waiting is { } time)
        {
            await ActAsync(session, subject, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Once, however often it fails in a row.
    private void NoteFailure(WatchedStep subject, Exception failure)
    {
        if (failure is not OperationCanceledException && BlockerRules.Acts(_options.OnBlocker))
        {
            var isNew = _failure is null;
            _failure = BlockerRules.Unable(_options.OnBlocker, failure);
            subject.HasSpoken = true;
            if (isNew)
            {
                subject.Report(new RunWarning(_failure));
            }
        }
    }

    private async Task ActAsync(
        DatabaseSession session, WatchedStep subject, TimeSpan waiting, CancellationToken cancellationToken)
    {
        var moment = BlockerRules.MomentOf(_options.LockTimeout, waiting);
        if (moment == BlockerMoment.Early)
        {
            return;
        }

        await _acting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (moment == BlockerMoment.Now)
            {
                await EndBlockersAsync(session, subject, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                Say(subject, [], BlockerRules.TooLate);
            }
        }
        finally
        {
            _acting.Release();
        }
    }

    // Answers how long it has waited for those who are in the way; null when nobody is.
    private async Task<TimeSpan?> LookAsync(
        DatabaseSession session, WatchedStep subject, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("RunningStatement.sql"), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(ProcessId());
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var blockers = new List<MigrationBlocker>();
        var (statement, isWaiting, awaitsStandby) = ("", false, false);
        double? waitedMs = null;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            (statement, isWaiting) = (subject.Step.Placeholders.Mask(reader.GetString(0)), reader.GetBoolean(1));
            awaitsStandby = reader.GetBoolean(10);
            waitedMs = reader.GetValue(11) as double?;
            if (reader.GetValue(2) is int)
            {
                blockers.Add(BlockerRows.Read(reader, subject.Step));
            }
        }

        // An array: PowerShell cannot index what a collection expression makes of an interface.
        var seen = blockers.ToArray();
        if (statement.Length > 0)
        {
            subject.Report(new StatementRunning(subject.Step, statement, subject.Elapsed, seen)
            {
                AwaitsStandby = awaitsStandby,
            });
        }

        // What blocked it last is kept while the session is idle: the step has just failed, and asks.
        if (statement.Length == 0)
        {
            return null;
        }

        var waiting = subject.See(isWaiting, seen, _interval, waitedMs);
        return seen.Length > 0 ? waiting : null;
    }

    private async Task EndBlockersAsync(
        DatabaseSession session, WatchedStep subject, CancellationToken cancellationToken)
    {
        var answers = new List<BlockerAnswer>();
        var blockers = subject.Blockers;
        try
        {
            var signal = _options.OnBlocker == BlockerAction.Cancel
                ? "pg_catalog.pg_cancel_backend"
                : "pg_catalog.pg_terminate_backend";
            var command = new NpgsqlCommand(
                EmbeddedSql.Read("EndBlockers.sql").Replace("{signal}", signal, StringComparison.Ordinal),
                session.Connection);
            await using var _ = command.ConfigureAwait(false);
            command.Parameters.Add(ProcessId());
            command.Parameters.Add(new NpgsqlParameter
            {
                Value = BlockerRules.Latest(_options.LockTimeout)?.TotalMilliseconds ?? (object)DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Double,
            });
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                answers.Add(new BlockerAnswer(
                    reader.GetInt32(0), BlockerRows.TextOrNull(reader, 1), reader.GetBoolean(2), reader.GetBoolean(3)));
            }
        }
        catch (PostgresException e)
        {
            Say(subject, [], $"{ServerText.Of(e)} The login needs the role of the blocker, or pg_signal_backend and "
                + "pg_read_all_stats.");
            return;
        }

        // Without an answer the wait has ended meanwhile: nobody is in the way any more.
        if (answers.Count > 0)
        {
            var ended = answers.Where(answer => answer.IsTold)
                .Select(answer => BlockerRules.Named(answer, blockers))
                .ToArray();
            if (_options.OnBlocker == BlockerAction.Terminate)
            {
                // Who is gone is in nobody's way any more, and the error must not ask to end him.
                subject.Blockers = blockers.Except(ended).ToArray();
            }

            Say(subject, ended, BlockerRules.Explain(_options.OnBlocker, blockers, answers));
        }
    }

    // Whom it has told is said once of each, that nobody is told once a step.
    private void Say(WatchedStep subject, MigrationBlocker[] ended, string problem)
    {
        var known = subject.Told.Count;
        subject.Told.UnionWith(ended.Select(blocker => blocker.ProcessId));
        if (subject.Told.Count > known || !subject.HasSpoken)
        {
            subject.HasSpoken = true;
            subject.Report(new BlockersEnded(subject.Step, _options.OnBlocker, ended, problem));
        }
    }

    private NpgsqlParameter ProcessId() => new() { Value = _processId, NpgsqlDbType = NpgsqlDbType.Integer };
}
