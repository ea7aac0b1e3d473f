using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using PgMigrate.Runs;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>
/// The settings that a run needs in its session: applied at its start, and again after each reset.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="schema">Schema to put in front of search_path; null to leave it unchanged.</param>
internal sealed class SessionSettings(DatabaseSession session, string? schema)
{
    private readonly List<string> _settings = [];
    private IReadOnlyList<string>? _own;

    /// <summary>The server's deadlock_timeout; null before the settings of a run are applied.</summary>
    public TimeSpan? DeadlockTimeout { get; private set; }

    /// <summary>Applies the settings of a run, and remembers them for each RESET ALL.</summary>
    public async Task ApplyAsync(RunOptions options, CancellationToken cancellationToken)
    {
        // Read only once: at a second run the search path would already start with the schema.
        _own ??= await ReadAsync(cancellationToken).ConfigureAwait(false);
        _settings.Clear();
        _settings.AddRange(_own);
        _settings.AddRange(LockTimeoutRule.Settings(options));
        var batch = new NpgsqlBatch(session.Connection);
        AddTo(batch);
        await DatabaseSession.RunAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The settings, and the role of the run, as commands of a batch.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (session.Role is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET {session.OwnRole}"));
        }

        foreach (var setting in _settings)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(setting));
        }
    }

    private async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var settings = new List<string>();
        var command = new NpgsqlCommand(EmbeddedSql.Read("SessionSettings.sql"), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = schema is null ? DBNull.Value : SqlIdentifier.Quote(schema),
            NpgsqlDbType = NpgsqlDbType.Text,
        });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.GetString(0) == "deadlock_timeout")
            {
                DeadlockTimeout = TimeSpan.FromMilliseconds(
                    double.Parse(reader.GetString(1), CultureInfo.InvariantCulture));
            }
            else if (reader.GetString(0) == "role")
            {
                session.StayAs(reader.GetString(1));
            }
            else
            {
                settings.Add($"SET {reader.GetString(0)} = {reader.GetString(1)}");
            }
        }

        return settings;
    }
}
