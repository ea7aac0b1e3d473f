using Npgsql;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.History;

/// <summary>
/// Recognises the tracking table, its log and the objects that belong to them in files and server errors; pure.
/// </summary>
internal static class OwnTables
{
    /// <summary>True when a statement names one of the two tables, as far as it shows their schema.</summary>
    public static bool IsNamedBy(this HistoryTable table, RelationName relation) =>
        (relation.Schema is null || relation.Schema == table.Schema)
        && (relation.Name == table.Name || relation.Name == table.LogName);

    /// <summary>
    /// True when a statement of a file failed at one of our tables: the table exists already (the server's message has
    /// the name, in any language), or rejects such a row.
    /// </summary>
    public static bool IsMetBy(this HistoryTable table, PostgresException error, StatementReading statement) =>
        error.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.WrongObjectType
            ? statement.CreatedOrDropped?.Names.Any(table.IsNamedBy) ?? IsNamedIn(table, error.MessageText)
            : error.SchemaName == table.Schema && (error.TableName == table.Name || error.TableName == table.LogName);

    // schema_migrations, schema_migrations_log, schema_migrations_pkey
    private static bool IsNamedIn(HistoryTable table, string message)
    {
        var start = message.IndexOf(table.Name, StringComparison.Ordinal);
        var end = start + table.Name.Length;
        return start > 0 && !SqlCharacters.ContinuesVariable(message[start - 1])
            && (end >= message.Length || message[end] == '_' || !SqlCharacters.ContinuesVariable(message[end]));
    }

    /// <summary>How to free the name for the file: the records move elsewhere.</summary>
    public static string WayOut(this HistoryTable table, bool exists, bool isEmpty)
    {
        const string Usual = "pgmigrate_history";
        var other = table.Name == Usual ? Usual + "_2" : Usual;
        return (exists, isEmpty) switch
        {
            (false, _) => "name another tracking table with -HistoryTable.",
            (_, true) => "drop the tracking table, which holds no record, and name another with -HistoryTable: "
                + $"DROP TABLE {table.QualifiedName}, {table.QualifiedLog};",
            // Otherwise the index of its primary key keeps its name, and a dump contains one of that name.
            _ => $"rename the tracking table and its log, and run with -HistoryTable {other}: "
                + $"ALTER TABLE {table.QualifiedName} RENAME TO {other}; "
                + $"ALTER TABLE {table.QualifiedLog} RENAME TO {other}_log; "
                + $"ALTER INDEX IF EXISTS {SqlIdentifier.Quote(table.Schema, table.Name + "_pkey")} "
                + $"RENAME TO {other}_pkey;",
        };
    }
}
