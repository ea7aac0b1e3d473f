namespace PgMigrate.Sql.Reading;

/// <summary>
/// Finds statements that reach out of their database, or that keep it from being dropped; pure.
/// </summary>
internal static class SharedObjectReader
{
    // They are not undone by a rollback, or take effect outside of the database.
    private static readonly string[] ServerFunctions =
    [
        "pg_create_logical_replication_slot", "pg_create_physical_replication_slot",
        "pg_copy_logical_replication_slot", "pg_copy_physical_replication_slot", "pg_drop_replication_slot",
        "pg_replication_slot_advance", "pg_replication_origin_", "pg_sync_replication_slots",
        "pg_logical_slot_get_", "pg_reload_conf", "pg_rotate_logfile", "pg_promote", "pg_switch_wal",
        "pg_create_restore_point", "pg_backup_start", "pg_start_backup", "pg_wal_replay_", "pg_terminate_backend",
        "pg_cancel_backend", "lo_export", "pg_file_write", "pg_file_unlink", "pg_file_rename", "pg_file_sync",
    ];

    /// <summary>Why a statement is refused; null when it is not.</summary>
    public static string? Refusal(StatementReading statement, StatementCursor cursor) =>
        RefuseTransaction(statement)
        ?? (cursor.IsAny("CREATE", "ALTER", "DROP") ? RefuseObject(cursor)
            : cursor.IsAny("GRANT", "REVOKE") ? RefuseGrant(cursor)
            : cursor.IsAny("COMMENT", "SECURITY") ? RefuseLabel(cursor)
            : cursor.Is("REASSIGN") ? OfServer("REASSIGN OWNED")
            : cursor.Is("COPY") ? RefuseCopy(cursor)
            : cursor.IsAny("SELECT", "DO", "CALL", "WITH", "VALUES", "EXECUTE") ? RefuseCall(statement)
            : null);

    private static string? RefuseTransaction(StatementReading statement) =>
        statement.Kind != StatementKind.OtherTransaction ? null
        : statement.StartsWith("PREPARE", "TRANSACTION")
            ? "PREPARE TRANSACTION keeps the scratch database from being dropped. Delete the statement."
            : "A desired schema is what all of its statements make, so that none of them can be taken back. Delete "
                + "this statement and those that it takes back.";

    private static string? RefuseObject(StatementCursor cursor)
    {
        var verb = cursor.TakeWord();
        if (cursor.Is("SUBSCRIPTION"))
        {
            return "A subscription keeps the scratch database from being dropped, and can reach another server. Move "
                + "the statement out of the desired schema.";
        }

        if (cursor.Accept("EVENT", "TRIGGER"))
        {
            return verb == "CREATE" && cursor.SkipTo("ON") && cursor.Accept("ON", "LOGIN")
                ? "An event trigger ON login would run when PgMigrate connects to the scratch database, and can keep "
                    + "it out. Move the statement out of the desired schema."
                : null;
        }

        return cursor.Is("USER") && cursor.Is("MAPPING", 1) ? null
            : cursor.IsAny("ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SYSTEM")
                ? OfServer($"{verb} {cursor.TakeWord()}")
                : verb == "DROP" && cursor.Is("OWNED") ? OfServer("DROP OWNED") : null;
    }

    private static string? RefuseGrant(StatementCursor cursor)
    {
        var verb = cursor.TakeWord();
        if (!cursor.SkipTo("ON"))
        {
            return OfServer($"{verb} of a role");
        }

        cursor.Skip();
        return cursor.IsAny("DATABASE", "TABLESPACE", "PARAMETER")
            ? OfServer($"{verb} … ON {cursor.TakeWord()}")
            : null;
    }

    private static string? RefuseLabel(StatementCursor cursor)
    {
        var verb = cursor.TakeWord();
        if (!cursor.SkipTo("ON"))
        {
            return null;
        }

        cursor.Skip();
        return cursor.IsAny("ROLE", "DATABASE", "TABLESPACE", "SUBSCRIPTION")
            ? OfServer($"{verb} ON {cursor.TakeWord()}")
            : null;
    }

    private static string? RefuseCopy(StatementCursor cursor) => cursor.HasAhead("PROGRAM")
        ? "COPY … PROGRAM runs a program on the server. Delete the statement."
        : null;

    private static string? RefuseCall(StatementReading statement) =>
        Array.Find(ServerFunctions, statement.Holds) is { } function
            ? OfServer($"A call of {function.TrimEnd('_')}")
            : null;

    private static string OfServer(string what) =>
        $"{what} changes what belongs to the whole server, and the scratch database is on a server with others. Move "
            + "the statement out of the desired schema, and run it on its own.";
}
