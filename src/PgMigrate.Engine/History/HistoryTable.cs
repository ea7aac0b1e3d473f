using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>The tracking table and its log: the only place that reads or writes them.</summary>
public sealed class HistoryTable
{
    /// <summary>Version of the tables' layout; a newer one than this is refused.</summary>
    public const int FormatVersion = 1;

    private const string CommentStart = "PgMigrate history, format ";
    private const string LogSuffix = "_log";

    // Lists travel as one text: the driver's array types would double its start-up work.
    private const char ListSeparator = '\n';

    /// <summary>Names are checked here and quoted everywhere.</summary>
    /// <exception cref="InitializationException">A name is empty or longer than the server keeps.</exception>
    public HistoryTable(string schema, string name)
    {
        CheckName("Schema", schema, 0);
        CheckName("HistoryTable", name, LogSuffix.Length);
        Schema = schema;
        Name = name;
        QualifiedName = SqlIdentifier.Quote(schema, name);
        QualifiedLog = SqlIdentifier.Quote(schema, name + LogSuffix);
    }

    /// <summary>Schema, unquoted.</summary>
    public string Schema { get; }

    /// <summary>Table name, unquoted.</summary>
    public string Name { get; }

    /// <summary>Schema and name, quoted.</summary>
    public string QualifiedName { get; }

    /// <summary>Schema and name of the log, quoted.</summary>
    public string QualifiedLog { get; }

    /// <summary>
    /// Reads one module's history and what a plan must know of its surroundings; writes nothing. With
    /// <paramref name="withUndo"/> the recorded DOWN texts come along.
    /// </summary>
    /// <exception cref="InitializationException">The table belongs to another tool or to a newer PgMigrate.</exception>
    internal async Task<HistorySnapshot> ReadAsync(
        NpgsqlConnection connection, string module, bool withUndo, CancellationToken cancellationToken)
    {
        var probe = await ProbeAsync(connection, cancellationToken).ConfigureAwait(false);
        var entries = new List<HistoryEntry>();
        var isEmpty = true;
        if (probe.TableExists)
        {
            (entries, isEmpty) =
                await ReadEntriesAsync(connection, module, withUndo, cancellationToken).ConfigureAwait(false);
        }

        var snapshot = new HistorySnapshot
        {
            Schema = Schema,
            Entries = entries,
            TableExists = probe.TableExists,
            SchemaExists = probe.SchemaExists,
            IsEmpty = isEmpty,
        };
        if (withUndo && probe.TableExists)
        {
            snapshot = snapshot with
            {
                OtherWriters = await ReadOtherWritersAsync(connection, cancellationToken).ConfigureAwait(false),
            };
        }

        return isEmpty && probe.SchemaExists
            ? await AddSurroundingsAsync(connection, snapshot, module, cancellationToken).ConfigureAwait(false)
            : snapshot;
    }

    /// <summary>Creates both tables in one transaction and takes back what default privileges gave away.</summary>
    internal async Task CreateAsync(NpgsqlConnection connection, bool withSchema, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, "BEGIN", cancellationToken).ConfigureAwait(false);
            if (withSchema)
            {
                await ExecuteAsync(
                    connection,
                    $"CREATE SCHEMA IF NOT EXISTS {SqlIdentifier.Quote(Schema)}",
                    cancellationToken).ConfigureAwait(false);
            }

            foreach (var statement in Ddl())
            {
                await ExecuteAsync(connection, statement, cancellationToken).ConfigureAwait(false);
            }

            await RevokeGrantsAsync(connection, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, "COMMIT", CancellationToken.None).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            await ExecuteAsync(connection, "ROLLBACK", CancellationToken.None).ConfigureAwait(false);
            throw new InitializationException(
                "HistoryCreateFailed",
                $"The tracking table {QualifiedName} could not be created: {e.MessageText} (SQLSTATE {e.SqlState}). "
                    + $"The login needs CREATE on schema {SqlIdentifier.Quote(Schema)}: GRANT CREATE ON SCHEMA "
                    + $"{SqlIdentifier.Quote(Schema)} TO <role>; or name another schema with -Schema.",
                e);
        }
    }

    /// <summary>The record of an applied migration and its log line, as one statement of the migration's batch.</summary>
    internal NpgsqlBatchCommand RecordApplied(string module, Migration migration)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            WITH recorded AS (
                INSERT INTO {QualifiedName} (module_name, version, name, filename, checksum, up_checksum, depends_on,
                                             execution_time_ms, undo_sql)
                VALUES ($1, $2, $3, $4, $5, $6, pg_catalog.string_to_array($7, E'\n'), {ElapsedMs}, $8)
                RETURNING applied_at, execution_time_ms),
            logged AS (
                INSERT INTO {QualifiedLog} (module_name, version, filename, event, execution_time_ms, checksum)
                SELECT $1, $2, $4, 'applied', execution_time_ms, $5 FROM recorded)
            SELECT applied_at, execution_time_ms FROM recorded
            """);
        Add(command, module);
        Add(command, migration.Version.Text);
        Add(command, migration.Name);
        Add(command, migration.FileName);
        Add(command, migration.Checksum);
        Add(command, migration.UpChecksum);
        Add(command, string.Join(ListSeparator, migration.DependsOn));
        Add(command, migration.DownText);
        return command;
    }

    /// <summary>Deletes the record of an undone migration and logs it, as one statement of the migration's batch.</summary>
    internal NpgsqlBatchCommand RecordUndone(HistoryEntry entry) => Delete(entry, "undone", ElapsedMs);

    /// <summary>Deletes a record and logs it; no other object is touched. Answers whether the row was there.</summary>
    internal async Task<bool> RemoveAsync(
        NpgsqlConnection connection, HistoryEntry entry, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(Delete(entry, "record_removed", "NULL::pg_catalog.float8"));
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes the log line of a failure; its transaction is already rolled back.</summary>
    internal async Task LogFailureAsync(
        NpgsqlConnection connection,
        string module,
        Migration migration,
        MigrationError error,
        CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"INSERT INTO {QualifiedLog} (module_name, version, filename, event, checksum, sqlstate, message) "
                + "VALUES ($1, $2, $3, 'failed', $4, $5, $6)",
            connection);
        await using (command.ConfigureAwait(false))
        {
            Add(command, module);
            Add(command, migration.Version.Text);
            Add(command, migration.FileName);
            Add(command, migration.Checksum);
            Add(command, error.SqlState);
            Add(command, error.ServerMessage ?? error.Message);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The newest log lines of a module first; all of them when <paramref name="last"/> is null.</summary>
    internal async Task<IReadOnlyList<MigrationLogEntry>> ReadLogAsync(
        NpgsqlConnection connection, string module, int? last, Connection origin, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            "SELECT id, at, event, module_name, version, filename, actor, execution_time_ms, checksum, sqlstate, "
                + $"message FROM {QualifiedLog} WHERE module_name = $1 ORDER BY id DESC LIMIT $2",
            connection);
        await using var _ = command.ConfigureAwait(false);
        Add(command, module);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = last is null ? DBNull.Value : (object)(long)last.Value,
            NpgsqlDbType = NpgsqlDbType.Bigint,
        });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var entries = new List<MigrationLogEntry>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            entries.Add(new MigrationLogEntry
            {
                Id = reader.GetInt64(0),
                At = ToOffset(reader.GetDateTime(1)),
                Event = reader.GetString(2),
                Module = reader.GetString(3),
                Version = reader.GetString(4),
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

    // now() is the start of the transaction. Every name is qualified: the script may have changed search_path.
    private const string ElapsedMs =
        "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.now()) "
        + "OPERATOR(pg_catalog.*) 1000::pg_catalog.float8";

    private NpgsqlBatchCommand Delete(HistoryEntry entry, string logEvent, string elapsed)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            WITH removed AS (
                DELETE FROM {QualifiedName}
                 WHERE id OPERATOR(pg_catalog.=) $1 AND version OPERATOR(pg_catalog.=) $2
                RETURNING module_name, version, filename, checksum),
            logged AS (
                INSERT INTO {QualifiedLog} (module_name, version, filename, event, execution_time_ms, checksum)
                SELECT module_name, version, filename, '{logEvent}', {elapsed}, checksum FROM removed
                RETURNING at, execution_time_ms)
            SELECT at, execution_time_ms FROM logged
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Id, NpgsqlDbType = NpgsqlDbType.Bigint });
        Add(command, entry.Version.Text);
        return command;
    }

    private string[] Ddl()
    {
        var comment = string.Create(CultureInfo.InvariantCulture, $"{CommentStart}{FormatVersion}");
        return EmbeddedSql.Read("HistoryTable.sql")
            .Replace("{history}", QualifiedName, StringComparison.Ordinal)
            .Replace("{log}", QualifiedLog, StringComparison.Ordinal)
            .Replace("{comment}", SqlIdentifier.Literal(comment), StringComparison.Ordinal)
            .Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private async Task<(bool TableExists, bool SchemaExists)> ProbeAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryProbe.sql"), connection);
        await using var _ = command.ConfigureAwait(false);
        Add(command, Schema);
        Add(command, Name);
        Add(command, Name + LogSuffix);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var schemaExists = reader.GetBoolean(0);
        if (await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false))
        {
            return (false, schemaExists);
        }

        var columns = reader.GetString(2).Split(ListSeparator);
        CheckFormat(columns, TextOrNull(reader, 3), hasLog: reader.GetBoolean(4));
        return (true, schemaExists);
    }

    private void CheckFormat(string[] columns, string? comment, bool hasLog)
    {
        if (!ForeignHistory.IsOurs(columns))
        {
            var tool = ForeignHistory.Recognise(columns);
            throw new InitializationException(
                "HistoryTableForeign",
                $"The table {QualifiedName} belongs to "
                    + (tool is null ? "something else: its columns are not PgMigrate's" : $"another tool ({tool})")
                    + ", and is left as it is. Name another tracking table with -HistoryTable (and add -AllowNonEmpty "
                    + "once, since the database is not empty), or rename that table if it is no longer used.");
        }

        if (comment is not null && comment.StartsWith(CommentStart, StringComparison.Ordinal)
            && int.TryParse(comment.AsSpan(CommentStart.Length), CultureInfo.InvariantCulture, out var format)
            && format > FormatVersion)
        {
            throw new InitializationException(
                "HistoryFormatNewer",
                $"The tracking table {QualifiedName} has format {format}, this PgMigrate knows up to {FormatVersion}. "
                    + "Update the module: Update-PSResource PgMigrate.");
        }

        if (!hasLog)
        {
            throw new InitializationException(
                "HistoryLogMissing",
                $"The tracking table {QualifiedName} is there but its log {QualifiedLog} is gone. Restore it from a "
                    + "backup, or create it as docs/architecture.md lists its columns.");
        }
    }

    private async Task<(List<HistoryEntry> Entries, bool IsEmpty)> ReadEntriesAsync(
        NpgsqlConnection connection, string module, bool withUndo, CancellationToken cancellationToken)
    {
        var undo = withUndo ? "undo_sql" : "NULL::text";
        var command = new NpgsqlCommand(
            "SELECT id, version, name, filename, checksum, up_checksum, applied_at, applied_by, execution_time_ms, "
                + $"state, undo_sql IS NOT NULL, {undo} FROM {QualifiedName} WHERE module_name = $1 "
                + $"UNION ALL (SELECT NULL, '', '', '', '', NULL, now(), '', 0, '', false, NULL FROM {QualifiedName} "
                + "LIMIT 1) ORDER BY 1",
            connection);
        await using var _ = command.ConfigureAwait(false);
        Add(command, module);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var entries = new List<HistoryEntry>();
        var isEmpty = true;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            isEmpty = false;
            if (reader.IsDBNull(0))
            {
                continue; // the row that says some module has a history
            }

            entries.Add(new HistoryEntry
            {
                Id = reader.GetInt64(0),
                Module = module,
                Version = MigrationVersion.FromStored(reader.GetString(1)),
                Name = reader.GetString(2),
                FileName = reader.GetString(3),
                Checksum = reader.GetString(4),
                UpChecksum = TextOrNull(reader, 5),
                AppliedAt = ToOffset(reader.GetDateTime(6)),
                AppliedBy = reader.GetString(7),
                DurationMs = reader.GetDouble(8),
                State = reader.GetString(9),
                HasUndo = reader.GetBoolean(10),
                UndoSql = TextOrNull(reader, 11),
            });
        }

        return (entries, isEmpty);
    }

    private async Task<HistorySnapshot> AddSurroundingsAsync(
        NpgsqlConnection connection, HistorySnapshot snapshot, string module, CancellationToken cancellationToken)
    {
        var neighbours = new List<string>();
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryNeighbours.sql"), connection);
        await using (command.ConfigureAwait(false))
        {
            Add(command, Schema);
            Add(command, Name);
            Add(command, Name + LogSuffix);
            Add(command, Schema == "public" ? null : Schema);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (reader.IsDBNull(0))
                    {
                        snapshot = snapshot with { HasUserTables = reader.GetBoolean(2) };
                    }
                    else
                    {
                        neighbours.Add(SqlIdentifier.Quote(reader.GetString(0), reader.GetString(1)));
                    }
                }
            }
        }

        foreach (var other in neighbours)
        {
            if (await HoldsModuleAsync(connection, other, module, cancellationToken).ConfigureAwait(false))
            {
                return snapshot with { OtherTable = other };
            }
        }

        return snapshot;
    }

    private static async Task<bool> HoldsModuleAsync(
        NpgsqlConnection connection, string table, string module, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"SELECT EXISTS (SELECT FROM {table} WHERE module_name = $1)", connection);
        await using (command.ConfigureAwait(false))
        {
            Add(command, module);
            try
            {
                return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
            {
                return false; // a tenant's table that this login may not read is none of its business
            }
        }
    }

    private async Task<IReadOnlyList<string>> ReadOtherWritersAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryWriters.sql"), connection);
        await using var _ = command.ConfigureAwait(false);
        Add(command, Schema);
        Add(command, Name);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var roles = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            roles.Add(reader.GetString(0));
        }

        return roles;
    }

    private async Task RevokeGrantsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var grants = new List<string>();
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryGrants.sql"), connection);
        await using (command.ConfigureAwait(false))
        {
            Add(command, Schema);
            Add(command, Name);
            Add(command, Name + LogSuffix);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    var kind = reader.GetString(1) == "S" ? "SEQUENCE" : "TABLE";
                    grants.Add($"REVOKE ALL ON {kind} {SqlIdentifier.Quote(Schema, reader.GetString(0))} "
                        + $"FROM {SqlIdentifier.Quote(reader.GetString(2))}");
                }
            }
        }

        foreach (var revoke in grants)
        {
            await ExecuteAsync(connection, revoke, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void CheckName(string parameter, string name, int reservedBytes)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new InitializationException("NameInvalid", $"-{parameter} is empty or holds a NUL character.");
        }

        if (!SqlIdentifier.Fits(name, reservedBytes))
        {
            throw new InitializationException(
                "NameInvalid",
                $"-{parameter} '{name}' is longer than the {SqlIdentifier.MaxBytes - reservedBytes} bytes that "
                    + "PostgreSQL would keep of it. Choose a shorter name.");
        }
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Add(NpgsqlCommand command, string? text) => command.Parameters.Add(Text(text));

    private static void Add(NpgsqlBatchCommand command, string? text) => command.Parameters.Add(Text(text));

    private static NpgsqlParameter Text(string? text) =>
        new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static string? TextOrNull(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset ToOffset(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));
}
