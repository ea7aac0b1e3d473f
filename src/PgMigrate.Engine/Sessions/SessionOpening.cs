using PgMigrate.Connections;
using PgMigrate.Runs;

namespace PgMigrate.Sessions;

/// <summary>Opens the session of a migrator, and closes one that arrives too late.</summary>
internal static class SessionOpening
{
    /// <summary>Connects, and sets the role of the run.</summary>
    public static async Task<DatabaseSession> ConnectAsync(
        DatabaseTarget target, MigratorOptions options, CancellationToken cancellationToken)
    {
        var session = await DatabaseSession.OpenAsync(target, options.Schema, cancellationToken).ConfigureAwait(false);
        try
        {
            (string, string?)[] names =
            [
                (nameof(options.Schema), options.Schema),
                (nameof(options.HistoryTable), options.HistoryTable),
                (nameof(options.Module), options.Module),
                (nameof(options.Role), options.Role),
            ];
            await DatabaseEncoding.RequireAsync(session, names, cancellationToken).ConfigureAwait(false);
            if (options.Role is { } role)
            {
                await session.TakeRoleAsync(role, cancellationToken).ConfigureAwait(false);
            }

            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Waits for a session. The driver's handshake cannot be cancelled: a server that accepts and stays silent would
    /// block Ctrl+C.
    /// </summary>
    public static async Task<DatabaseSession> WaitAsync(
        Task<DatabaseSession> connecting, CancellationToken cancellationToken)
    {
        try
        {
            return await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = CloseLateAsync(connecting);
            throw;
        }
    }

    /// <summary>Closes a session that is no longer awaited as soon as it is open.</summary>
    public static async Task CloseLateAsync(Task<DatabaseSession> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }
}
