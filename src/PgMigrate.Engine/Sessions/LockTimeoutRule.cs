using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>The timeouts of a run as settings of its session; pure.</summary>
internal static class LockTimeoutRule
{
    private const int FirstWithTransactionTimeout = 17;

    /// <summary>What is set for the run's session, each as a command.</summary>
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

    /// <summary>Fails when the server does not know a setting that the run asks for.</summary>
    /// <exception cref="InitializationException">It does not.</exception>
    public static void Require(RunOptions options, Version server)
    {
        if (options.TransactionTimeout is not null && server.Major < FirstWithTransactionTimeout)
        {
            throw new InitializationException(
                ErrorCodes.SettingNotSupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"-TransactionTimeout needs PostgreSQL {FirstWithTransactionTimeout} or newer; this server is "
                        + $"{server.Major}. Leave it out, or limit each statement with -StatementTimeout. Nothing was "
                        + $"run."));
        }
    }

    /// <summary>The command that sets lock_timeout; zero waits for ever.</summary>
    public static string SetLockTimeout(TimeSpan limit) => $"SET lock_timeout = {Milliseconds(limit)}";

    /// <summary>
    /// True when a statement has the patience of concurrent index builds, since the script has not chosen for itself.
    /// </summary>
    public static bool IsConcurrent(IReadOnlyList<SqlStatement> statements, int index) =>
        statements[index].Reading.IsConcurrent
        && !statements.Take(index).Any(statement => statement.Reading.MaySet("lock_timeout"));

    /// <summary>What a DBA should know of the chosen timeout; null when there is nothing to say.</summary>
    public static string? Doubt(RunOptions options, TimeSpan deadlockTimeout) =>
        options.LockTimeout > TimeSpan.Zero && options.LockTimeout <= deadlockTimeout
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The lock timeout of {options.LockTimeout.TotalSeconds} s is not above the server's deadlock_timeout "
                    + $"of {deadlockTimeout.TotalSeconds} s: autovacuum gives way only after that, so a table it works "
                    + $"on cannot be had.")
            : null;

    // The server counts in whole milliseconds, and zero would mean for ever.
    private static string Milliseconds(TimeSpan limit) => limit <= TimeSpan.Zero
        ? "0"
        : ((long)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 1, int.MaxValue))
            .ToString(CultureInfo.InvariantCulture);
}
