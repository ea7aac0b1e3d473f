using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Sessions;

/// <summary>
/// Checks, behind a proxy, that the server session is not shared. A pooler in session mode keeps it for us; one in
/// transaction or statement mode lends it to the next client, and then a lock protects nothing and is left behind.
/// The check takes no lock.
/// </summary>
internal sealed class PoolerCheck(DatabaseSession session)
{
    private const int Rounds = 3;
    private const string OwnId = "SELECT pg_catalog.pg_backend_pid()";

    // Keeps its session busy for a moment, so that another session would have to serve ours.
    private const string RivalsId = "SELECT pg_catalog.pg_backend_pid() FROM pg_catalog.pg_sleep(0.05)";
    private const int AnswersInVain = 100;
    private static readonly TimeSpan LoginLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RivalLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Competes with a second connection for the session with this PID; when it keeps serving us, the session records
    /// the PID.
    /// </summary>
    /// <exception cref="ConnectionException">The session also serves others, or another session serves us.</exception>
    public async Task ConfirmAsync(int processId, CancellationToken cancellationToken)
    {
        if (await OpenRivalAsync(cancellationToken).ConfigureAwait(false) is { } rival)
        {
            await using var _ = rival.ConfigureAwait(false);
            // Which session an idle pooler picks is its own rule: the most recently used (then the rival gets ours) or
            // the least recently used (then we get another). A busy pooler picks by chance, hence the rounds.
            var round = 0;
            while (round < Rounds && await CompeteAsync(rival, processId, cancellationToken).ConfigureAwait(false))
            {
                round++;
            }
        }

        session.Adopt(processId);
    }

    /// <summary>The error for a shared session.</summary>
    public static ConnectionException Shared(string server) => new(
        ErrorCodes.SessionShared,
        $"{server} is a connection pooler that lends its server sessions out per transaction or statement (PgBouncer's "
            + "pool_mode, most likely). A migration needs a session of its own, for its lock and its settings. Nothing "
            + "was run. Use the direct port of PostgreSQL, or a pool in session mode.");

    // A connection that is not served has proved nothing.
    private async Task<NpgsqlConnection?> OpenRivalAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LoginLimit);
        try
        {
            return await session.OpenAnotherAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsDefeat(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    // One round; false when the rival got no session in time. That proves nothing: all sessions of a pool in session
    // mode can be in use, and in the other modes ours would have been free for it.
    private async Task<bool> CompeteAsync(NpgsqlConnection rival, int processId, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskRivalAsync(rival, limit.Token);
        try
        {
            var began = TimeProvider.System.GetTimestamp();
            var answers = 0;
            do
            {
                // First: a pooler that gets both queries at the same time lends two sessions, and then the same one to
                // each of us again.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
                if (await session.ScalarAsync(OwnId, null, null, cancellationToken).ConfigureAwait(false) is not int id
                    || id != processId)
                {
                    throw Shared(session.Server);
                }

                // A slow machine must not decide it: the rival has waited in vain only when many of our own queries
                // were answered in the meantime.
                if (++answers >= AnswersInVain && TimeProvider.System.GetElapsedTime(began) >= RivalLimit)
                {
                    await limit.CancelAsync().ConfigureAwait(false);
                }
            }
            while (!asking.IsCompleted);
        }
        finally
        {
            await limit.CancelAsync().ConfigureAwait(false);
            await asking.ConfigureAwait(false);
        }

        var served = await asking.ConfigureAwait(false);
        return served != processId ? served is not null : throw Shared(session.Server);
    }

    // The PID that served it; null when none did.
    private static async Task<int?> AskRivalAsync(NpgsqlConnection rival, CancellationToken cancellationToken)
    {
        try
        {
            var command = new NpgsqlCommand(RivalsId, rival);
            await using var _ = command.ConfigureAwait(false);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as int?;
        }
        catch (Exception e) when (IsDefeat(e))
        {
            return null;
        }
    }

    private static bool IsDefeat(Exception e) => e is NpgsqlException or IOException or TimeoutException
        or OperationCanceledException or System.Net.Sockets.SocketException;
}
