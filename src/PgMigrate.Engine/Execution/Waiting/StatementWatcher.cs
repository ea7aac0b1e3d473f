using Npgsql;
using NpgsqlTypes;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Waiting;

/// <summary>
/// Watches long steps of a run from a second connection: the results of a batch arrive only at its end, and its
/// blockers are known only while it waits. It connects only after a step has run for a while, and its own failure never
/// disturbs the run.
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

    /// <summary>Sessions that blocked the step at the last poll, or the one before; empty without any.</summary>
    public IReadOnlyList<MigrationBlocker> Blockers => _subject?.Blockers ?? [];

    /// <summary>About how long the step has waited for locks so far.</summary>
    public TimeSpan Waited => _subject?.Waited ?? TimeSpan.Zero;

    /// <summary>Watches this step from now on. The callback must not block.</summary>
    public void Watch(PlannedStep step, Action<MigrationEvent> report) => _subject = new WatchedStep(step, report);

    /// <summary>
    /// Waits until the signalled sessions are reported: the step continues, and can end, before that.
    /// </summary>
    public async Task SettleAsync()
    {
        if (await _acting.WaitAsync(SettleLimit, CancellationToken.None).ConfigureAwait(false))
        {
            _acting.Release();
        }
    }

    /// <summary>Stops watching: no step runs.</summary>
    public void Rest() => _subject = null;

    /// <summary>
    /// The polling interval: short enough to see the blockers before the timeout ends the wait, and half of that where
    /// they are to be signalled in time.
    /// </summary>
    public static TimeSpan IntervalFor(TimeSpan lockTimeout, BlockerAction action)
    {
        var part = lockTimeout / (BlockerRules.Acts(action) ? 8 : 4);
        return lockTimeout <= TimeSpan.Zero || part > LongestInterval ? LongestInterval
            : part < ShortestInterval ? ShortestInterval
            : part;
    }

    /// <summary>
    /// Reports for an attempt that did not get its lock that no session was signalled, unless that is reported already:
    /// the first poll came after its end, or there is no second connection.
    /// </summary>
    public async Task ReportMissAsync()
    {
        await SettleAsync().ConfigureAwait(false);
        if (BlockerRules.Acts(_options.OnBlocker) && _subject is { HasReported: false } subject)
        {
            subject.HasReported = true;
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
        // One timer for the whole run: a delay per step would be cancelled, with an exception, for each step.
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
                // Only progress is lost, and with it the action of -OnBlocker, until there is a connection again.
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
        var waiting = await PollAsync(session, subject, cancellationToken).ConfigureAwait(false);
        if (BlockerRules.Acts(_options.OnBlocker) && waiting is { } time)
        {
            await ActAsync(session, subject, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Reported once, however often it fails in a row.
    private void NoteFailure(WatchedStep subject, Exception failure)
    {
        if (failure is not OperationCanceledException && BlockerRules.Acts(_options.OnBlocker))
        {
            var isNew = _failure is null;
            _failure = BlockerRules.Unable(_options.OnBlocker, failure);
            subject.HasReported = true;
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
                ReportSignalled(subject, [], BlockerRules.TooLate);
            }
        }
        finally
        {
            _acting.Release();
        }
    }

    // Returns how long the step has waited for its blockers; null without any.
    private async Task<TimeSpan?> PollAsync(
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

        var seen = blockers.ToArray();
        if (statement.Length > 0)
        {
            subject.Report(new StatementRunning(subject.Step, statement, subject.Elapsed, seen)
            {
                AwaitsStandby = awaitsStandby,
            });
        }

        // The last blockers are kept while the session is idle: the step has just failed, and asks for them.
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
            ReportSignalled(subject, [], $"{ServerText.Of(e)} The login needs the role of the blocker, or "
                + "pg_signal_backend and pg_read_all_stats.");
            return;
        }

        // Without a row the wait has ended meanwhile.
        if (answers.Count > 0)
        {
            var ended = answers.Where(answer => answer.IsSignalled)
                .Select(answer => BlockerRules.Named(answer, blockers))
                .ToArray();
            if (_options.OnBlocker == BlockerAction.Terminate)
            {
                // The error must not advise to end sessions that are ended.
                subject.Blockers = blockers.Except(ended).ToArray();
            }

            ReportSignalled(subject, ended, BlockerRules.Explain(_options.OnBlocker, blockers, answers));
        }
    }

    // Reports each signalled session once, and 'no session was signalled' at most once per step.
    private void ReportSignalled(WatchedStep subject, MigrationBlocker[] ended, string problem)
    {
        var known = subject.Signalled.Count;
        subject.Signalled.UnionWith(ended.Select(blocker => blocker.ProcessId));
        if (subject.Signalled.Count > known || !subject.HasReported)
        {
            subject.HasReported = true;
            subject.Report(new BlockersEnded(subject.Step, _options.OnBlocker, ended, problem));
        }
    }

    private NpgsqlParameter ProcessId() => new() { Value = _processId, NpgsqlDbType = NpgsqlDbType.Integer };
}
