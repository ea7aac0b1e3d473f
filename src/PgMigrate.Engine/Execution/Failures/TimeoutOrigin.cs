using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Failures;

/// <summary>Where the timeout comes from that has ended a statement or a transaction.</summary>
/// <param name="Name">The setting, such as <c>transaction_timeout</c>.</param>
internal sealed record TimeoutOrigin(string Name)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Its value in a new session of the same login; empty when that is not known, <c>0</c> when there is none.
    /// </summary>
    public string Value { get; init; } = "";

    /// <summary>Where that value comes from, as <c>pg_settings.source</c> has it.</summary>
    public string Source { get; init; } = "";

    /// <summary>The login.</summary>
    public string Login { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>True when the file names the setting.</summary>
    public bool IsInFile { get; init; }

    /// <summary>What the run was given for it; null when nothing.</summary>
    public TimeSpan? Parameter { get; init; }

    /// <summary>The setting behind an error; null for any other.</summary>
    public static string? SettingOf(string? sqlState) => sqlState switch
    {
        PostgresErrorCodes.QueryCanceled => "statement_timeout",
        "25P03" => "idle_in_transaction_session_timeout",
        "25P04" => "transaction_timeout",
        _ => null,
    };

    /// <summary>
    /// Looks it up from a new session, since the failed one is gone or has settings of its own. Never throws.
    /// </summary>
    public static async Task<TimeoutOrigin?> FindAsync(
        DatabaseSession session, PlannedStep step, Exception failure, RunOptions options)
    {
        if (SettingOf((failure as PostgresException)?.SqlState) is not { } name)
        {
            return null;
        }

        var origin = new TimeoutOrigin(name)
        {
            IsInFile = step.Script.Facts.NamesTimeout(name),
            Parameter = name switch
            {
                "statement_timeout" => options.StatementTimeout,
                "transaction_timeout" => options.TransactionTimeout,
                _ => null,
            },
        };
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await origin.ReadAsync(session, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException or TimeoutException
            or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            return origin;
        }
    }

    private async Task<TimeoutOrigin> ReadAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var connection = await session.OpenAnotherAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(EmbeddedSql.Read("TimeoutOrigin.sql"), connection);
        await using var __ = command.ConfigureAwait(false);
        command.Parameters.AddWithValue(NpgsqlTypes.NpgsqlDbType.Text, Name);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? this with
            {
                Value = reader.GetString(0),
                Source = reader.GetString(1),
                Login = reader.GetString(2),
                Database = reader.GetString(3),
            }
            : this;
    }
}
