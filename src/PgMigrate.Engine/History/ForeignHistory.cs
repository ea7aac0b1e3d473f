namespace PgMigrate.History;

/// <summary>Recognises tracking tables of other tools by their columns, so that none is ever altered.</summary>
internal static class ForeignHistory
{
    private static readonly (string Tool, string[] Columns)[] Shapes =
    [
        ("golang-migrate", ["version", "dirty"]),
        ("Flyway", ["installed_rank", "version", "script", "checksum"]),
        ("goose", ["version_id", "is_applied"]),
        ("Prisma", ["migration_name", "finished_at", "applied_steps_count"]),
        ("pgdbm", ["filename", "checksum", "module_name", "execution_time_ms"]),
        ("metapg", ["name", "checksum", "execution_time_ms", "error"]),
        ("Alembic", ["version_num"]),
        ("Diesel", ["version", "run_on"]),
        ("node-pg-migrate", ["name", "run_on"]),
        ("sql-migrate", ["id", "applied_at"]),
        ("pycopg", ["version", "name", "applied_at"]),
        ("Supabase", ["version", "statements", "name"]),
        ("dbmate or Rails", ["version"]),
    ];

    // Columns that only our own table has together; a table with all of them is ours, whatever was added by hand.
    private static readonly string[] OwnColumns =
    [
        "id", "module_name", "version", "name", "filename", "kind", "checksum", "up_checksum", "depends_on",
        "applied_at", "applied_by", "execution_time_ms", "undo_sql", "state", "statements_done", "progress_checksum",
    ];

    /// <summary>True when every column that PgMigrate uses exists.</summary>
    public static bool IsOurs(IReadOnlyCollection<string> columns) => OwnColumns.All(columns.Contains);

    /// <summary>The tool whose table this looks like; null when it is not known.</summary>
    public static string? Recognise(IReadOnlyCollection<string> columns)
    {
        foreach (var (tool, shape) in Shapes)
        {
            // A one-column table matches only when it has no other column.
            if (shape.All(columns.Contains) && (shape.Length > 1 || columns.Count == 1))
            {
                return tool;
            }
        }

        return null;
    }
}
