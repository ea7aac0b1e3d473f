using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>
/// Looks at a long step from a second connection: the results of a batch arrive only at its end. It opens nothing
/// before a second has passed, and its own failure never disturbs the run.
/// </summary>
internal sealed class StatementWatcher(DatabaseTarget target, int processId)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Reports until it is cancelled; never throws.</summary>
    public async Task WatchAsync(
        PlannedStep step, ChannelWriter<MigrationEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            await Task.Delay(Patience, cancellationToken).ConfigureAwait(false);
            var session = await DatabaseSession.OpenAsync(target, null, cancellationToken).ConfigureAwait(false);
            await using var _ = session.ConfigureAwait(false);
            while (true)
            {
                var elapsed = TimeProvider.System.GetElapsedTime(started);
                if (await LookAsync(session, step, elapsed, cancellationToken).ConfigureAwait(false) is { } running)
                {
                    events.TryWrite(running);
                }

                await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or PgMigrateException or NpgsqlException
            or IOException or InvalidOperationException)
        {
            // Only the view of the progress is lost.
        }
    }

    private async Task<StatementRunning?> LookAsync(
        DatabaseSession session, PlannedStep step, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("RunningStatement.sql"), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter { Value = processId, NpgsqlDbType = NpgsqlDbType.Integer });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new StatementRunning(step, reader.GetString(0), elapsed, reader.GetString(1))
            : null;
    }
}
