using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Sessions;

/// <summary>
/// Finds out, behind a proxy, whether the server's session is ours alone. A session-mode pooler keeps it for us; a
/// transaction- or statement-mode pooler lends it to whoever asks next, and then a lock protects nothing and is left
/// behind. Nothing is locked while it is found out.
/// </summary>
internal sealed class PoolerCheck(DatabaseSession session)
{
    private const int Rounds = 3;
    private const string OwnId = "SELECT pg_catalog.pg_backend_pid()";

    // Keeps its session busy for a moment, so that ours would have to be served by another one.
    private const string RivalsId = "SELECT pg_catalog.pg_backend_pid() FROM pg_catalog.pg_sleep(0.05)";
    private const int AnswersInVain = 100;
    private static readonly TimeSpan LoginLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RivalLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Competes with a second connection for the session with this process id; when it stays ours, the session keeps
    /// the id.
    /// </summary>
    /// <exception cref="ConnectionException">Others are served by the same session, or ours by another.</exception>
    public async Task ConfirmAsync(int processId, CancellationToken cancellationToken)
    {
        if (await OpenRivalAsync(cancellationToken).ConfigureAwait(false) is { } rival)
        {
            await using var _ = rival.ConfigureAwait(false);
            // Which session an idle pooler picks is its own rule: the last one used (then the rival gets ours) or the
            // one that rested longest (then we get another). A busy one picks by chance, hence the rounds.
            var round = 0;
            while (round < Rounds && await CompeteAsync(rival, processId, cancellationToken).ConfigureAwait(false))
            {
                round++;
            }
        }

        session.Adopt(processId);
    }

    /// <summary>The error for a session that is not ours alone.</summary>
    public static ConnectionException Shared(string server) => new(
        ErrorCodes.SessionShared,
        $"{server} is a connection pooler that lends its server sessions out per transaction or statement (PgBouncer's "
            + "pool_mode, most likely). A migration needs a session of its own, for its lock and its settings. Nothing "
            + "was run. Use the direct port of PostgreSQL, or a pool in session mode.");

    // One that does not get in has proved nothing.
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

    // One round; false when the rival got no session in time. It has proved nothing then: all sessions of a
    // session-mode pool can be taken, and in the other modes ours would have been free for it.
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
                // First of all: a pooler that meets both questions at once lends two sessions, and then to each of us
                // the same one again.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
                if (await session.ScalarAsync(OwnId, null, null, cancellationToken).ConfigureAwait(false) is not int id
                    || id != processId)
                {
                    throw Shared(session.Server);
                }

                // A slow machine must not end it: the rival waits in vain only when many of our own questions were
                // answered meanwhile.
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

    // The process that served it; null when none did.
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
