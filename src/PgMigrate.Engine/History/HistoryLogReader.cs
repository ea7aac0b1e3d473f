using Npgsql;
using PgMigrate.Migrations;

namespace PgMigrate.History;

/// <summary>Reads the log and the list of modules of an existing tracking table.</summary>
internal sealed class HistoryLogReader(HistoryTable table)
{
    private static readonly (int Index, string Name)[] Required =
        [(0, "id"), (1, "at"), (2, "event"), (4, "version"), (5, "filename"), (6, "actor")];

    /// <summary>Every module of the table, by name.</summary>
    public async Task<IReadOnlyList<string>> ReadModulesAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"SELECT DISTINCT module_name FROM {table.QualifiedName} WHERE module_name IS NOT NULL ORDER BY "
                + "1", connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var modules = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            modules.Add(reader.GetString(0));
        }

        return modules;
    }

    /// <summary>The log lines of a module, newest first; all of them when <paramref name="last"/> is null.</summary>
    public async Task<IReadOnlyList<MigrationLogEntry>> ReadLogAsync(
        NpgsqlConnection connection,
        string module,
        int? last,
        Connection origin,
        Func<string, MigrationVersion> versionOf,
        CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            "SELECT id, at, event, module_name, version, filename, actor, execution_time_ms, checksum, sqlstate, "
                + $"message FROM {table.QualifiedLog} WHERE module_name = $1 ORDER BY id DESC LIMIT $2",
            connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.AddText(module);
        command.Parameters.AddBigint(last);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var entries = new List<MigrationLogEntry>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            HistoryDamage.RequireFilled(reader, table.QualifiedLog, Required, reader.GetValue(0) as long?);
            entries.Add(new MigrationLogEntry
            {
                Id = reader.GetInt64(0),
                At = new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(1), DateTimeKind.Utc)),
                Event = reader.GetString(2),
                Module = reader.GetString(3),
                Version = reader.GetString(4),
                VersionKey = versionOf(reader.GetString(4)).Key,
                FileName = reader.GetString(5),
                Actor = reader.GetString(6),
                DurationMs = reader.IsDBNull(7) ? null : reader.GetDouble(7),
                Checksum = TextOrNull(reader, 8),
                SqlState = TextOrNull(reader, 9),
                Message = TextOrNull(reader, 10),
                Connection = origin,
            });
        }

        return entries;
    }

    private static string? TextOrNull(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
