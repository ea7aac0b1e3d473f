using Npgsql;
using NpgsqlTypes;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>
/// Looks at long steps of a run from a second connection: the results of a batch arrive only at its end. It opens
/// nothing before a step has taken a second, and its own failure never disturbs the run.
/// </summary>
internal sealed class StatementWatcher : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly DatabaseTarget _target;
    private readonly int _processId;
    private readonly PeriodicTimer _timer = new(Interval);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;
    private volatile Subject? _subject;

    /// <summary>Starts to watch the session with this backend process id.</summary>
    public StatementWatcher(DatabaseTarget target, int processId)
    {
        _target = target;
        _processId = processId;
        _watching = WatchAsync(_ended.Token);
    }

    private sealed record Subject(PlannedStep Step, Action<StatementRunning> Report, long Started);

    /// <summary>The step that runs from now on, and who is told of it; that must not wait.</summary>
    public void Watch(PlannedStep step, Action<StatementRunning> report) =>
        _subject = new Subject(step, report, TimeProvider.System.GetTimestamp());

    /// <summary>No step runs.</summary>
    public void Rest() => _subject = null;

    /// <summary>Closes the second connection, if it was ever opened.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        DatabaseSession? session = null;
        try
        {
            // One timer for the whole run: a delay per step would be cancelled, with an exception, at each of them.
            while (await _timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (_subject is { } subject && TimeProvider.System.GetElapsedTime(subject.Started) >= Patience)
                {
                    session ??= await DatabaseSession.OpenAsync(_target, null, cancellationToken)
                        .ConfigureAwait(false);
                    await LookAsync(session, subject, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or PgMigrateException or NpgsqlException
            or IOException or InvalidOperationException)
        {
            // Only the view of the progress is lost.
        }
        finally
        {
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task LookAsync(DatabaseSession session, Subject subject, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("RunningStatement.sql"), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter { Value = _processId, NpgsqlDbType = NpgsqlDbType.Integer });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            subject.Report(new StatementRunning(
                subject.Step,
                subject.Step.Placeholders.Mask(reader.GetString(0)),
                TimeProvider.System.GetElapsedTime(subject.Started),
                reader.GetString(1)));
        }
    }
}
