using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Execution;

/// <summary>
/// Finds out, behind a proxy, whether the server's session is ours alone. A session-mode pooler keeps it for us; a
/// transaction- or statement-mode pooler lends it to whoever asks next, and then a lock protects nothing and is left
/// behind. Nothing is locked while it is found out.
/// </summary>
internal sealed class SessionOwnership(DatabaseSession session)
{
    private const int Rounds = 3;
    private const string OwnId = "SELECT pg_catalog.pg_backend_pid()";

    // Keeps its session busy for a moment, so that ours would have to be served by another one.
    private const string RivalsId = "SELECT pg_catalog.pg_backend_pid() FROM pg_catalog.pg_sleep(0.05)";
    private const int AnswersInVain = 100;
    private static readonly TimeSpan LoginLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RivalLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private volatile Patience _patience = new(false);

    /// <summary>
    /// Competes with a second connection for the session with this process id; when it stays ours, the session keeps
    /// the id.
    /// </summary>
    /// <exception cref="ConnectionException">Others are served by the same session, or ours by another.</exception>
    public async Task ConfirmAsync(int processId, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Which session an idle pooler picks is its own rule: the last one used (then the rival gets ours) or the one
        // that rested longest (then we get another). A busy one picks by chance, hence the rounds.
        var rival = CompeteAsync(processId, limit.Token);
        do
        {
            var asked = await session.ScalarAsync(OwnId, null, null, cancellationToken).ConfigureAwait(false);
            if (asked is not int id || id != processId)
            {
                await limit.CancelAsync().ConfigureAwait(false);
                await ((Task)rival).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw Shared(session.Server);
            }

            if (_patience.EndsWithAnswer())
            {
                await limit.CancelAsync().ConfigureAwait(false);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
        while (!rival.IsCompleted);

        if (await rival.ConfigureAwait(false))
        {
            throw Shared(session.Server);
        }

        session.Adopt(processId);
    }

    /// <summary>The error for a session that is not ours alone.</summary>
    public static ConnectionException Shared(string server) => new(
        "SessionShared",
        $"{server} is a connection pooler that lends its server sessions out per transaction or statement (PgBouncer's "
            + "pool_mode, most likely). A migration needs a session of its own, for its lock and its settings. Nothing "
            + "was run. Use the direct port of PostgreSQL, or a pool in session mode.");

    // A slow machine must not end the competition: a rival that has logged in waits in vain only when many of our own
    // questions were answered meanwhile.
    private sealed class Patience(bool isLoggedIn)
    {
        private readonly long _began = TimeProvider.System.GetTimestamp();
        private int _answers;

        public bool EndsWithAnswer()
        {
            _answers++;
            var elapsed = TimeProvider.System.GetElapsedTime(_began);
            return isLoggedIn ? elapsed >= RivalLimit && _answers >= AnswersInVain : elapsed >= LoginLimit;
        }
    }

    // True when the rival was served by our session. One that gets no session in time has proved nothing: all sessions
    // of a session-mode pool can be taken, and in the other modes ours would have been free for it.
    private async Task<bool> CompeteAsync(int processId, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await session.OpenAnotherAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            var command = new NpgsqlCommand(RivalsId, connection);
            await using var __ = command.ConfigureAwait(false);
            for (var round = 0; round < Rounds; round++)
            {
                _patience = new Patience(isLoggedIn: true);
                if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is int id
                    && id == processId)
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or OperationCanceledException
            or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
