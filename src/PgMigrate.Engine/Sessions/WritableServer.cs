using PgMigrate.Errors;

namespace PgMigrate.Sessions;

/// <summary>What the server answered to the request for the lock.</summary>
/// <param name="ProcessId">PID of the session that answered.</param>
/// <param name="IsInRecovery">True on a standby.</param>
/// <param name="IsReadOnly">True when new transactions are read-only.</param>
/// <param name="IsTaken">True when the lock is held now.</param>
internal sealed record LockAnswer(int ProcessId, bool IsInRecovery, bool IsReadOnly, bool IsTaken);

/// <summary>Rejects a server or session that cannot write, before anything is written; pure.</summary>
internal static class WritableServer
{
    /// <exception cref="ConnectionException">A standby, or a session that is read-only by its settings.</exception>
    public static void Require(string server, LockAnswer answer)
    {
        if (answer.IsInRecovery)
        {
            throw new ConnectionException(
                ErrorCodes.ServerIsStandby,
                $"{server} is a standby, which is read-only. Nothing was run. Connect to the primary. With "
                    + "several hosts in the connection, PgMigrate finds the primary itself: Host=one,two.");
        }

        if (answer.IsReadOnly)
        {
            throw new ConnectionException(
                ErrorCodes.SessionReadOnly,
                $"On {server} every transaction of this login is read-only: default_transaction_read_only is on. "
                    + "Nothing was run. If this is the right server, turn it off where it is set (ALTER ROLE, ALTER "
                    + "DATABASE, postgresql.conf), or for this run with PGOPTIONS='-c "
                    + "default_transaction_read_only=off'.");
        }
    }
}
