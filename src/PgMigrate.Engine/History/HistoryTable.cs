using Npgsql;
using NpgsqlTypes;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>The tracking table and its log: their names, and the commands that write to them.</summary>
internal sealed class HistoryTable
{
    private const string LogSuffix = "_log";

    // Lists are sent as one text: the driver's array types would double its start-up work.
    private const char ListSeparator = '\n';

    /// <summary>Names are validated here and quoted everywhere.</summary>
    /// <exception cref="InitializationException">A name is empty or longer than the server allows.</exception>
    public HistoryTable(string schema, string name)
    {
        CheckName("Schema", schema, 0);
        CheckName("HistoryTable", name, LogSuffix.Length);
        Schema = schema;
        Name = name;
        QualifiedName = SqlIdentifier.Quote(schema, name);
        QualifiedLog = SqlIdentifier.Quote(schema, LogName);
    }

    /// <summary>Schema, unquoted.</summary>
    public string Schema { get; }

    /// <summary>Table name, unquoted.</summary>
    public string Name { get; }

    /// <summary>Name of the log, unquoted.</summary>
    public string LogName => Name + LogSuffix;

    /// <summary>Schema and name, quoted.</summary>
    public string QualifiedName { get; }

    /// <summary>Schema and name of the log, quoted.</summary>
    public string QualifiedLog { get; }

    /// <summary>
    /// Sets the start of a step of a shared transaction, until the end of the transaction: now() is the start of the
    /// first step.
    /// </summary>
    internal const string MarkStart =
        "SELECT pg_catalog.set_config('pgmigrate.started', "
        + "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::pg_catalog.text, true)";

    /// <summary>
    /// The record of an applied migration and its log line, as one statement of the migration's batch. With
    /// <paramref name="isMarked"/> its time counts from <see cref="MarkStart"/>.
    /// </summary>
    internal NpgsqlBatchCommand RecordApplied(string module, Migration migration, bool isMarked) =>
        Record(
            module,
            migration,
            (HistoryKind.Of(migration.Kind), "applied"),
            isMarked ? ElapsedSince(MarkedStart) : ElapsedMs);

    /// <summary>The record of a migration that counts as applied and was not run, and its log line.</summary>
    internal NpgsqlBatchCommand RecordBaseline(string module, Migration migration) =>
        Record(module, migration, (HistoryKind.Baseline, "baseline"), "0");

    private NpgsqlBatchCommand Record(
        string module, Migration migration, (string Kind, string Event) means, string elapsed)
    {
        // A migration that runs again moves to the end of the rows, which are in the order of application.
        var replace = means.Kind == HistoryKind.Repeatable ? ReplaceOnConflict : "";
        var command = new NpgsqlBatchCommand(
            $"""
            WITH recorded AS (
                INSERT INTO {QualifiedName} (module_name, version, name, filename, kind, checksum, up_checksum,
                                             depends_on, execution_time_ms, undo_sql)
                VALUES ($1, $2, $3, $4, '{means.Kind}', $5, $6, pg_catalog.string_to_array($7, E'\n'), {elapsed}, $8)
                {replace}
                RETURNING applied_at, execution_time_ms),
            logged AS (
                INSERT INTO {QualifiedLog} (module_name, version, filename, event, execution_time_ms, checksum)
                SELECT $1, $2, $4, '{means.Event}', execution_time_ms, $5 FROM recorded)
            SELECT applied_at, execution_time_ms FROM recorded
            """);
        AddMigration(command, module, migration);
        return command;
    }

    /// <summary>The column values of a migration, as parameters $1 to $8.</summary>
    internal static void AddMigration(NpgsqlBatchCommand command, string module, Migration migration)
    {
        command.Parameters.AddText(module);
        command.Parameters.AddText(migration.Version.Text);
        command.Parameters.AddText(migration.Name);
        command.Parameters.AddText(migration.FileName);
        command.Parameters.AddText(migration.Checksum);
        command.Parameters.AddText(migration.UpChecksum);
        command.Parameters.AddText(string.Join(ListSeparator, migration.DependsOn));
        command.Parameters.AddText(migration.DownText);
    }

    /// <summary>Writes the row of a migration that was finished by hand, or completes an interrupted one.</summary>
    internal NpgsqlBatchCommand MarkApplied(string module, Migration migration, long? id, string reason)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            WITH marked AS (
                INSERT INTO {QualifiedName} AS h (module_name, version, name, filename, kind, checksum, up_checksum,
                                                  depends_on, execution_time_ms, undo_sql)
                VALUES ($1, $2, $3, $4, '{HistoryKind.Of(migration.Kind)}', $5, $6, string_to_array($7, E'\n'), 0, $8)
                ON CONFLICT (module_name, version) DO UPDATE
                   SET name = $3, filename = $4, checksum = $5, up_checksum = $6, undo_sql = $8, state = 'applied',
                       depends_on = string_to_array($7, E'\n'), statements_done = 0, progress_checksum = NULL,
                       applied_at = clock_timestamp(), applied_by = session_user
                 WHERE h.id = $10
                RETURNING h.id)
            INSERT INTO {QualifiedLog} (module_name, version, filename, event, checksum, message)
            SELECT $1, $2, $4, 'marked_applied', $5, $9 FROM marked
            RETURNING at
            """);
        AddMigration(command, module, migration);
        command.Parameters.AddText(reason);
        command.Parameters.AddBigint(id);
        return command;
    }

    /// <summary>Deletes the row of an interrupted migration whose statements were undone by hand.</summary>
    internal NpgsqlBatchCommand MarkPending(HistoryEntry entry, string reason)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            WITH removed AS (
                DELETE FROM {QualifiedName} WHERE id = $1 RETURNING module_name, version, filename, checksum)
            INSERT INTO {QualifiedLog} (module_name, version, filename, event, checksum, message)
            SELECT module_name, version, filename, 'marked_pending', checksum, $2 FROM removed
            RETURNING at
            """);
        command.Parameters.AddBigint(entry.Id);
        command.Parameters.AddText(reason);
        return command;
    }

    /// <summary>
    /// Deletes the record of an undone migration and logs it, as one statement of the migration's batch.
    /// </summary>
    internal NpgsqlBatchCommand RecordUndone(HistoryEntry entry) => Delete(entry, "undone", ElapsedMs);

    /// <summary>Deletes a record and logs it; changes no other object.</summary>
    internal NpgsqlBatchCommand RemoveRecord(HistoryEntry entry) =>
        Delete(entry, "record_removed", "NULL::pg_catalog.float8");

    /// <summary>Writes the log line of a failure; its transaction is already rolled back.</summary>
    internal async Task LogFailureAsync(
        NpgsqlConnection connection,
        string module,
        MigrationVersion version,
        (string FileName, string? Checksum) file,
        MigrationError error,
        CancellationToken cancellationToken,
        string logEvent = "failed")
    {
        var command = new NpgsqlCommand(
            $"INSERT INTO {QualifiedLog} (module_name, version, filename, event, checksum, sqlstate, message) "
                + $"VALUES ($1, $2, $3, '{logEvent}', $4, $5, $6)",
            connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddText(module);
            command.Parameters.AddText(version.Text);
            command.Parameters.AddText(file.FileName);
            command.Parameters.AddText(file.Checksum);
            command.Parameters.AddText(error.SqlState);
            command.Parameters.AddText(error.ServerMessage ?? error.Message);
            try
            {
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UntranslatableCharacter)
            {
                // Replaces what the database cannot store; the error itself shows it in full.
                command.Parameters[^1].Value = AsAscii(error.ServerMessage ?? error.Message);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string AsAscii(string text) =>
        string.Create(text.Length, text, (characters, all) =>
        {
            for (var i = 0; i < all.Length; i++)
            {
                characters[i] = char.IsAscii(all[i]) ? all[i] : '?';
            }
        });

    private const string ReplaceOnConflict =
        """
        ON CONFLICT (module_name, version) DO UPDATE
           SET id = DEFAULT, name = excluded.name, filename = excluded.filename, checksum = excluded.checksum,
               up_checksum = excluded.up_checksum, depends_on = excluded.depends_on, applied_at = DEFAULT,
               applied_by = DEFAULT, execution_time_ms = excluded.execution_time_ms, undo_sql = excluded.undo_sql
        """;

    // now() is the start of the transaction. Every name is qualified: the script may have changed search_path.
    private static readonly string ElapsedMs = ElapsedSince("pg_catalog.now()");

    // A script that runs RESET ALL removes the start: then the time is that of the transaction so far.
    private const string MarkedStart =
        "coalesce(CASE WHEN pg_catalog.length(pg_catalog.current_setting('pgmigrate.started', true)) "
        + "OPERATOR(pg_catalog.>) 0 THEN pg_catalog.to_timestamp("
        + "pg_catalog.current_setting('pgmigrate.started', true)::pg_catalog.float8) END, pg_catalog.now())";

    private static string ElapsedSince(string start) =>
        $"pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) {start}) "
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
        command.Parameters.AddText(entry.Version.Text);
        return command;
    }

    private static void CheckName(string parameter, string name, int reservedBytes)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new InitializationException(ErrorCodes.NameInvalid, $"-{parameter} is empty or holds a NUL "
                + "character.");
        }

        if (!SqlIdentifier.Fits(name, reservedBytes))
        {
            throw new InitializationException(
                ErrorCodes.NameInvalid,
                $"-{parameter} '{name}' is longer than {SqlIdentifier.MaxBytes - reservedBytes} bytes. PostgreSQL "
                    + $"truncates names after {SqlIdentifier.MaxBytes} bytes"
                    + (reservedBytes > 0 ? $", and the name of the log has '{LogSuffix}' added" : "")
                    + ". Choose a shorter one.");
        }
    }
}
