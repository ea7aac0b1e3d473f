using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>
/// The only lock per tracking table: a session advisory lock, polled. A waiter inside <c>pg_advisory_lock</c>, or a
/// holder with an open transaction, would hold a snapshot and block every concurrent index build.
/// </summary>
internal sealed class MigrationLock(DatabaseSession session, string schema, string table)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private const int GiveBackTries = 50;

    private const string StayWhileIdle = "SELECT pg_catalog.set_config('idle_session_timeout', '0', false) "
        + "WHERE pg_catalog.current_setting('idle_session_timeout', true) <> '0'";

    private readonly long _key = KeyOf(schema, table);
    private bool _isHeld;

    /// <summary>64 bits of SHA-256 over a constant, the schema and the table: the same in every release.</summary>
    public static long KeyOf(string schema, string table) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"PgMigrate\0{schema}\0{table}")));

    /// <summary>Yields while it waits; returns when the lock is held.</summary>
    /// <exception cref="LockTimeoutException">The lock was not free within <paramref name="limit"/>.</exception>
    public async IAsyncEnumerable<MigrationEvent> AcquireAsync(
        TimeSpan limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var pause = FirstPause;
        var isFirst = true;
        while (!await TryAsync(cancellationToken).ConfigureAwait(false))
        {
            if (isFirst)
            {
                // The session is known to be unshared by now, and is idle between two attempts.
                await session.TryExecuteAsync(StayWhileIdle).ConfigureAwait(false);
                isFirst = false;
            }

            var waited = TimeProvider.System.GetElapsedTime(started);
            var holder = await FindHolderAsync(cancellationToken).ConfigureAwait(false);
            if (waited >= limit)
            {
                throw new LockTimeoutException(
                    $"Another run holds the migration lock of \"{schema}\".\"{table}\""
                        + (holder.Length == 0 ? "" : $" ({holder})")
                        + $"; waited {waited.TotalSeconds:F0} s. Wait for it to end and run again, wait longer with "
                        + "-LockWait, or terminate that session on the server.");
            }

            yield return new LockWaiting(holder, waited, limit);
            await Task.Delay(pause < limit - waited ? pause : limit - waited, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        _isHeld = true;
    }

    /// <summary>
    /// As <see cref="AcquireAsync"/>, for a caller that shows no progress: the error of a timeout names the holder.
    /// </summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await foreach (var _ in AcquireAsync(limit, cancellationToken).ConfigureAwait(false))
        {
            // Progress is not shown here.
        }
    }

    /// <summary>
    /// Releases the lock, if necessary by terminating a session that was lost in the middle of a step. Never throws.
    /// </summary>
    public async Task ReleaseAsync()
    {
        if (!_isHeld)
        {
            return;
        }

        _isHeld = false;
        await (session.IsOpen
            ? session.TryExecuteAsync("SELECT pg_catalog.pg_advisory_unlock($1)", _key)
            : session.EndLostBackendAsync(_key)).ConfigureAwait(false);
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        var answer = await session.TakeLockAsync(_key, cancellationToken).ConfigureAwait(false);
        if (answer.ProcessId != session.ProcessId)
        {
            // Not the PID of the login: a proxy between us and the server has reported its own.
            await new PoolerCheck(session).ConfirmAsync(answer.ProcessId, cancellationToken).ConfigureAwait(false);
            answer = await session.TakeLockAsync(_key, cancellationToken).ConfigureAwait(false);
        }

        WritableServer.Require(session.Server, answer);
        if (answer.ProcessId != session.ProcessId)
        {
            throw PoolerCheck.Shared(session.Server);
        }

        if (answer.IsTaken && session.IsBehindProxy && !await HoldsAsync(cancellationToken).ConfigureAwait(false))
        {
            await GiveBackAsync().ConfigureAwait(false);
            throw PoolerCheck.Shared(session.Server);
        }

        return answer.IsTaken;
    }

    // The check passed by chance, and the lock is in a session that others use: it may serve us again later.
    private async Task GiveBackAsync()
    {
        for (var i = 0; i < GiveBackTries; i++)
        {
            if (await session.ScalarAsync(
                "SELECT CASE WHEN pg_catalog.pg_backend_pid() = $2 THEN pg_catalog.pg_advisory_unlock($1) END",
                _key,
                session.ProcessId,
                CancellationToken.None).ConfigureAwait(false) is true)
            {
                return;
            }
        }
    }

    private async Task<bool> HoldsAsync(CancellationToken cancellationToken) =>
        await session.ScalarAsync(EmbeddedSql.Read("OwnLock.sql"), _key, session.ProcessId, cancellationToken)
            .ConfigureAwait(false) is true;

    private async Task<string> FindHolderAsync(CancellationToken cancellationToken) =>
        await session.ScalarAsync(EmbeddedSql.Read("LockHolder.sql"), _key, cancellationToken).ConfigureAwait(false)
            as string ?? "";
}
