using Npgsql;
using NpgsqlTypes;
using PgMigrate.Migrations;

namespace PgMigrate.History;

/// <summary>
/// The row of a no-transaction script: written before its first statement, updated after each, and completed only at
/// the end. Every name is qualified: the script may have changed search_path.
/// </summary>
internal sealed class HistoryProgress(HistoryTable table)
{
    private const string Now = "pg_catalog.clock_timestamp()";

    private const string ElapsedMs =
        $"pg_catalog.date_part('epoch', {Now} OPERATOR(pg_catalog.-) $2) OPERATOR(pg_catalog.*) "
            + "1000::pg_catalog.float8";

    /// <summary>Writes the row of an apply that starts. Returns its id and the server's time.</summary>
    public NpgsqlBatchCommand Begin(string module, Migration migration, ScriptProgress progress)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            INSERT INTO {table.QualifiedName} (module_name, version, name, filename, kind, checksum, up_checksum,
                                               depends_on, execution_time_ms, undo_sql, state, progress_checksum)
            VALUES ($1, $2, $3, $4, '{HistoryKind.Of(migration.Kind)}', $5, $6,
                    pg_catalog.string_to_array($7, E'\n'), 0, $8, 'interrupted', $9)
            RETURNING id, {Now}
            """);
        HistoryTable.AddMigration(command, module, migration);
        command.Parameters.AddText(progress.ToString());
        return command;
    }

    /// <summary>
    /// Records that a row is in progress again, or that its undo starts. Returns its id and the server's time.
    /// </summary>
    public NpgsqlBatchCommand Resume(HistoryEntry entry, int done, ScriptProgress progress)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            UPDATE {table.QualifiedName} SET state = 'interrupted', statements_done = $2, progress_checksum = $3
             WHERE id OPERATOR(pg_catalog.=) $1
            RETURNING id, {Now}
            """);
        AddProgress(command, entry.Id, done, progress);
        return command;
    }

    /// <summary>Updates the progress of a row.</summary>
    public NpgsqlBatchCommand Advance(long id, int done, ScriptProgress progress)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            UPDATE {table.QualifiedName} SET statements_done = $2, progress_checksum = $3
             WHERE id OPERATOR(pg_catalog.=) $1
            """);
        AddProgress(command, id, done, progress);
        return command;
    }

    /// <summary>Deletes the row of an apply that has done nothing.</summary>
    public NpgsqlBatchCommand Forget(long id) =>
        ById($"DELETE FROM {table.QualifiedName} WHERE id OPERATOR(pg_catalog.=) $1", id);

    /// <summary>Restores the row of an undo that has done nothing.</summary>
    public NpgsqlBatchCommand Restore(long id) => ById(
        $"UPDATE {table.QualifiedName} SET state = 'applied', statements_done = 0, progress_checksum = NULL "
            + "WHERE id OPERATOR(pg_catalog.=) $1",
        id);

    /// <summary>
    /// Completes the row of an apply that started at a time of the server, and logs it. Returns the same as a plain
    /// record.
    /// </summary>
    public NpgsqlBatchCommand Complete(long id, DateTime started, Migration migration, int statements)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            WITH recorded AS (
                UPDATE {table.QualifiedName}
                   SET state = 'applied', statements_done = $3, progress_checksum = NULL, name = $4, filename = $5,
                       checksum = $6, up_checksum = $7, depends_on = pg_catalog.string_to_array($8, E'\n'),
                       undo_sql = $9, applied_at = {Now}, applied_by = session_user, execution_time_ms = {ElapsedMs}
                 WHERE id OPERATOR(pg_catalog.=) $1
                RETURNING module_name, version, filename, checksum, applied_at, execution_time_ms),
            logged AS (
                INSERT INTO {table.QualifiedLog} (module_name, version, filename, event, execution_time_ms, checksum)
                SELECT module_name, version, filename, 'applied', execution_time_ms, checksum FROM recorded)
            SELECT applied_at, execution_time_ms FROM recorded
            """);
        AddTimes(command, id, started);
        command.Parameters.Add(new NpgsqlParameter { Value = statements, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.AddText(migration.Name);
        command.Parameters.AddText(migration.FileName);
        command.Parameters.AddText(migration.Checksum);
        command.Parameters.AddText(migration.UpChecksum);
        command.Parameters.AddText(string.Join('\n', migration.DependsOn));
        command.Parameters.AddText(migration.DownText);
        return command;
    }

    /// <summary>Deletes the row of an undo that started at a time of the server, and logs it.</summary>
    public NpgsqlBatchCommand Remove(long id, DateTime started)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            WITH removed AS (
                DELETE FROM {table.QualifiedName} WHERE id OPERATOR(pg_catalog.=) $1
                RETURNING module_name, version, filename, checksum),
            logged AS (
                INSERT INTO {table.QualifiedLog} (module_name, version, filename, event, execution_time_ms, checksum)
                SELECT module_name, version, filename, 'undone', {ElapsedMs}, checksum FROM removed
                RETURNING at, execution_time_ms)
            SELECT at, execution_time_ms FROM logged
            """);
        AddTimes(command, id, started);
        return command;
    }

    private static NpgsqlBatchCommand ById(string sql, long id)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = id, NpgsqlDbType = NpgsqlDbType.Bigint });
        return command;
    }

    private static void AddProgress(NpgsqlBatchCommand command, long id, int done, ScriptProgress progress)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = id, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter { Value = done, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.AddText(progress.ToString());
    }

    private static void AddTimes(NpgsqlBatchCommand command, long id, DateTime started)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = id, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter { Value = started, NpgsqlDbType = NpgsqlDbType.TimestampTz });
    }
}
