using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Migrations;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>Reads the tracking table; writes nothing.</summary>
internal sealed class HistoryReader(HistoryTable table)
{
    // A reader waits only for a session that is changing the table itself. Local: a session that is shared with others
    // does not keep the setting.
    private const string LimitLocks = "SELECT pg_catalog.set_config('lock_timeout', '10s', true)";

    // The columns of HistoryEntries.sql that are NOT NULL in the table.
    private static readonly (int Index, string Name)[] Required =
    [
        (1, "version"), (2, "name"), (3, "filename"), (4, "checksum"), (6, "applied_at"), (7, "applied_by"),
        (8, "execution_time_ms"), (9, "state"), (12, "depends_on"), (13, "statements_done"), (15, "kind"),
    ];

    private const string UndoChecksum = "encode(sha256(convert_to(undo_sql, 'UTF8')), 'hex')";

    /// <summary>
    /// Reads one module's history and what a plan must know about its surroundings; writes nothing.
    /// </summary>
    /// <exception cref="InitializationException">The table belongs to another tool or to a newer PgMigrate.</exception>
    /// <exception cref="ConnectionException">The connection was lost while reading.</exception>
    public async Task<HistorySnapshot> ReadAsync(
        NpgsqlConnection connection, HistoryQuery query, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await ReadSnapshotAsync(connection, query, cancellationToken).ConfigureAwait(false);
            // Tables may have appeared, with their records, after the empty history was read: another run has started.
            return snapshot is { HasUserTables: true } or { OtherTable: not null }
                ? await ReadSnapshotAsync(connection, query, cancellationToken).ConfigureAwait(false)
                : snapshot;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new InitializationException(
                ErrorCodes.HistoryReadDenied,
                $"The tracking table {table.QualifiedName} cannot be read: {ServerText.Of(e)} Grant the login SELECT "
                    + "on it and on its log.",
                e);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new LockTimeoutException(
                $"The tracking table {table.QualifiedName} is locked"
                    + await FindHolderAsync(connection, cancellationToken).ConfigureAwait(false)
                    + ", so it cannot be read. Nothing was run. Run again when that session has ended, or terminate "
                    + "it.");
        }
        catch (NpgsqlException e)
        {
            throw new ConnectionException(
                ErrorCodes.HistoryReadFailed, $"The history in {table.QualifiedName} could not be read: "
                    + $"{ServerText.Of(e)}", e);
        }
    }

    private async Task<HistorySnapshot> ReadSnapshotAsync(
        NpgsqlConnection connection, HistoryQuery query, CancellationToken cancellationToken)
    {
        var probe = await new HistoryProbe(table).ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (probe.TableExists && probe.Access.ProblemsOf(HistoryUse.Read, table) is [{ } denied, ..])
        {
            throw new InitializationException(denied.Code, denied.Message);
        }

        var rows = probe.TableExists
            ? await ReadEntriesAsync(connection, query, cancellationToken).ConfigureAwait(false)
            : new HistoryRows([], true, null);

        var snapshot = new HistorySnapshot
        {
            Schema = table.Schema,
            Table = table,
            CreatesBesideTable = probe.CreatesBeside,
            Entries = rows.Entries,
            TableExists = probe.TableExists,
            SchemaExists = probe.SchemaExists,
            Access = probe.Access,
            IsEmpty = rows.IsEmpty,
            SimilarModule = rows.SimilarModule,
        };
        if (probe.TableExists && query.OtherModules.Count > 0)
        {
            snapshot = snapshot with
            {
                OtherModules = await ReadOtherModulesAsync(connection, query.OtherModules, cancellationToken)
                    .ConfigureAwait(false),
            };
        }

        if (query.WithUndo && probe.TableExists)
        {
            snapshot = snapshot with
            {
                OtherWriters = await ReadOtherWritersAsync(connection, cancellationToken).ConfigureAwait(false),
                Dependents = await ReadDependentsAsync(connection, query.Module, cancellationToken)
                    .ConfigureAwait(false),
            };
        }

        return rows.IsEmpty && probe.SchemaExists
            ? await new EmptyHistoryProbe(table).AddAsync(connection, snapshot, query.Module, cancellationToken)
                .ConfigureAwait(false)
            : snapshot;
    }

    private async Task<HistoryRows> ReadEntriesAsync(
        NpgsqlConnection connection, HistoryQuery query, CancellationToken cancellationToken)
    {
        // A name can contain anything but NUL, even {undo}: the table's name is inserted last.
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LimitLocks));
        var command = new NpgsqlBatchCommand(
            EmbeddedSql.Read("HistoryEntries.sql")
                .Replace("{undo}", query.WithUndo ? "undo_sql" : "NULL::text", StringComparison.Ordinal)
                .Replace(
                    "{undo_checksum}",
                    query.WithUndoChecksum ? UndoChecksum : "NULL::text",
                    StringComparison.Ordinal)
                .Replace("{history}", table.QualifiedName, StringComparison.Ordinal));
        command.Parameters.AddText(query.Module);
        batch.BatchCommands.Add(command);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var entries = new List<HistoryEntry>();
        var isEmpty = true;
        string? similar = null;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            isEmpty = false;
            if (reader.IsDBNull(0) && reader.GetValue(1) is "")
            {
                similar = reader.GetString(2) is { Length: > 0 } name ? name : similar;
                continue;
            }

            if (reader.IsDBNull(0))
            {
                throw HistoryDamage.Null(table.QualifiedName, "id", null);
            }

            HistoryDamage.RequireFilled(reader, table.QualifiedName, Required, reader.GetInt64(0));
            var fileName = reader.GetString(3);
            var checksum = reader.GetString(4);
            entries.Add(new HistoryEntry
            {
                Id = reader.GetInt64(0),
                Module = query.Module,
                Version = MigrationVersion.FromStored(reader.GetString(1)),
                Name = reader.GetString(2),
                FileName = fileName,
                Checksum = checksum,
                UpChecksum = reader.IsDBNull(5) ? null : TextOr(reader, 5, checksum),
                AppliedAt = ToOffset(reader.GetDateTime(6)),
                AppliedBy = reader.GetString(7),
                DurationMs = reader.GetDouble(8),
                State = TextOr(reader, 9, HistoryEntry.Applied),
                HasUndo = reader.GetBoolean(10),
                UndoSql = TextOrNull(reader, 11),
                DependsOn = reader.GetString(12) is { Length: > 0 } list ? list.Split('\n') : [],
                StatementsDone = reader.GetInt32(13),
                Progress = ScriptProgress.Parse(TextOrNull(reader, 14)),
                Kind = TextOr(reader, 15, HistoryKind.Versioned),
                UndoChecksum = TextOrNull(reader, 16),
            });
        }

        HistoryDamage.RequireUnique(entries, table.QualifiedName);
        return new HistoryRows(entries, isEmpty, similar);
    }

    private async Task<string> FindHolderAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryLockHolder.sql"), connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.AddText(table.QualifiedName);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string holder
            ? $" by another session ({holder})"
            : " by another session";
    }

    private sealed record HistoryRows(List<HistoryEntry> Entries, bool IsEmpty, string? SimilarModule);

    private async Task<IReadOnlyList<ModuleMigration>> ReadOtherModulesAsync(
        NpgsqlConnection connection, IReadOnlyList<string> modules, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"SELECT module_name, version, name, filename, id FROM {table.QualifiedName} "
                + "WHERE module_name = ANY (string_to_array($1, E'\\n')) AND state = 'applied'",
            connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.AddText(string.Join('\n', modules));
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var found = new List<ModuleMigration>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            HistoryDamage.RequireFilled(
                reader,
                table.QualifiedName,
                [(1, "version"), (2, "name"), (3, "filename")],
                reader.GetValue(4) as long?);
            found.Add(new ModuleMigration(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        }

        return found;
    }

    private async Task<IReadOnlyList<ModuleDependent>> ReadDependentsAsync(
        NpgsqlConnection connection, string module, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"""
            SELECT h.module_name, h.version, h.filename, d.need
              FROM {table.QualifiedName} h, LATERAL pg_catalog.unnest(h.depends_on) AS d(need)
             WHERE h.module_name OPERATOR(pg_catalog.<>) $1
               AND pg_catalog.starts_with(d.need, pg_catalog.concat($1, ':'))
               AND h.version IS NOT NULL AND h.filename IS NOT NULL
             ORDER BY h.id
            """,
            connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.AddText(module);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var found = new List<ModuleDependent>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(new ModuleDependent(
                reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.GetString(3)[(module.Length + 1)..].Trim()));
        }

        return found;
    }

    private async Task<IReadOnlyList<string>> ReadOtherWritersAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryWriters.sql"), connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.AddText(table.Schema);
        command.Parameters.AddText(table.Name);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var roles = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            roles.Add(reader.GetString(0));
        }

        return roles;
    }

    private static string TextOr(NpgsqlDataReader reader, int column, string usual) =>
        reader.GetString(column) is { Length: > 0 } text ? text : usual;

    private static string? TextOrNull(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset ToOffset(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));
}
