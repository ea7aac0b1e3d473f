using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>The timeouts of a run as settings of its session; pure.</summary>
internal static class LockTimeoutRule
{
    private const int FirstWithTransactionTimeout = 17;

    /// <summary>The SET commands for the session of the run.</summary>
    public static IEnumerable<string> Settings(RunOptions options)
    {
        yield return SetLockTimeout(options.LockTimeout);
        if (options.StatementTimeout is { } limit)
        {
            yield return $"SET statement_timeout = {Milliseconds(limit)}";
        }

        if (options.TransactionTimeout is { } longest)
        {
            yield return $"SET transaction_timeout = {Milliseconds(longest)}";
        }
    }

    /// <summary>Fails when the server does not support a setting that the run asks for.</summary>
    /// <exception cref="InitializationException">It does not support it.</exception>
    public static void Require(RunOptions options, Version server)
    {
        if (options.TransactionTimeout is not null && server.Major < FirstWithTransactionTimeout)
        {
            throw new InitializationException(
                ErrorCodes.SettingNotSupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"-TransactionTimeout needs PostgreSQL {FirstWithTransactionTimeout} or newer; this server is "
                        + $"{server.Major}. Remove it, or limit each statement with -StatementTimeout. Nothing was "
                        + $"run."));
        }
    }

    /// <summary>The command that sets lock_timeout; zero means no limit.</summary>
    public static string SetLockTimeout(TimeSpan limit) => $"SET lock_timeout = {Milliseconds(limit)}";

    /// <summary>
    /// True when a statement gets the longer timeout of concurrent index builds, because the script has set none
    /// itself.
    /// </summary>
    public static bool IsConcurrent(IReadOnlyList<SqlStatement> statements, int index) =>
        statements[index].Reading.IsConcurrent
        && !statements.Take(index).Any(statement => statement.Reading.MaySet("lock_timeout"));

    /// <summary>A warning about the chosen timeout; null when there is none.</summary>
    public static string? Doubt(RunOptions options, TimeSpan deadlockTimeout) =>
        options.LockTimeout > TimeSpan.Zero && options.LockTimeout <= deadlockTimeout
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The lock timeout of {options.LockTimeout.TotalSeconds} s is not above the server's deadlock_timeout "
                    + $"of {deadlockTimeout.TotalSeconds} s. Autovacuum releases a table only after "
                    + $"deadlock_timeout, so a table that it works on cannot be locked in time. Use a -LockTimeout "
                    + $"above deadlock_timeout.")
            : null;

    // The server counts whole milliseconds, and zero would mean no limit.
    private static string Milliseconds(TimeSpan limit) => limit <= TimeSpan.Zero
        ? "0"
        : ((long)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 1, int.MaxValue))
            .ToString(CultureInfo.InvariantCulture);
}
