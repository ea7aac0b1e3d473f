namespace PgMigrate.Sql.Reading;

/// <summary>How to find out the outcome of a statement that was running when its session was lost.</summary>
internal enum OutsideStatementKind
{
    /// <summary>Not possible: a person has to check.</summary>
    Unknown,

    /// <summary>Running it again is harmless: VACUUM, REINDEX, CLUSTER, ALTER SYSTEM.</summary>
    Repeatable,

    /// <summary>CREATE INDEX CONCURRENTLY: the index is valid, invalid, or missing.</summary>
    CreateIndex,

    /// <summary>DROP INDEX CONCURRENTLY.</summary>
    DropIndex,

    /// <summary>DETACH PARTITION CONCURRENTLY.</summary>
    DetachPartition,

    /// <summary>CREATE DATABASE, TABLESPACE or SUBSCRIPTION.</summary>
    CreateShared,

    /// <summary>DROP DATABASE, TABLESPACE or SUBSCRIPTION.</summary>
    DropShared,
}

/// <summary>
/// The object of a no-transaction statement, if the catalogs can show later how the statement ended; pure.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">
/// The index, partition, database, tablespace or subscription, as written; null when not named.
/// </param>
/// <param name="Table">
/// The table of an index or a partition, as written; for REINDEX the index or the table.
/// </param>
/// <param name="Catalog">The catalog that lists a shared object, such as <c>pg_database</c>.</param>
internal sealed record OutsideStatement(
    OutsideStatementKind Kind, string? Name = null, string? Table = null, string? Catalog = null)
{
    /// <summary>True when a failure can leave an INVALID index.</summary>
    public bool CanLeaveInvalidIndex =>
        Kind == OutsideStatementKind.CreateIndex || (Kind == OutsideStatementKind.Repeatable && Table is not null);

    /// <summary>Reads a statement.</summary>
    public static OutsideStatement Read(StatementCursor cursor) => cursor switch
    {
        _ when cursor.Accept("CREATE", "INDEX") || cursor.Accept("CREATE", "UNIQUE", "INDEX") =>
            ReadCreateIndex(cursor),
        _ when cursor.Accept("DROP", "INDEX") => ReadDropIndex(cursor),
        _ when cursor.Accept("CREATE") => ReadShared(cursor, OutsideStatementKind.CreateShared),
        _ when cursor.Accept("DROP") => ReadShared(cursor, OutsideStatementKind.DropShared),
        _ when cursor.Accept("ALTER", "TABLE") => ReadDetach(cursor),
        _ when cursor.Accept("ALTER", "SYSTEM") || cursor.Accept("ALTER", "DATABASE")
            || cursor.IsAny("VACUUM", "CLUSTER") =>
            new(OutsideStatementKind.Repeatable),
        _ when cursor.Accept("REINDEX") => ReadReindex(cursor),
        _ => new(OutsideStatementKind.Unknown),
    };

    private static OutsideStatement ReadCreateIndex(StatementCursor cursor)
    {
        cursor.Accept("CONCURRENTLY");
        cursor.Accept("IF", "NOT", "EXISTS");
        var name = cursor.Is("ON") ? null : cursor.TakeWrittenName();
        cursor.Accept("ON");
        cursor.Accept("ONLY");
        return new(OutsideStatementKind.CreateIndex, name, cursor.TakeWrittenName());
    }

    private static OutsideStatement ReadDropIndex(StatementCursor cursor)
    {
        cursor.Accept("CONCURRENTLY");
        cursor.Accept("IF", "EXISTS");
        return new(OutsideStatementKind.DropIndex, cursor.TakeWrittenName());
    }

    private static OutsideStatement ReadShared(StatementCursor cursor, OutsideStatementKind kind)
    {
        var catalog = cursor.TakeWord() switch
        {
            "DATABASE" => "pg_database",
            "TABLESPACE" => "pg_tablespace",
            "SUBSCRIPTION" => "pg_subscription",
            _ => null,
        };
        cursor.Accept("IF", "EXISTS");
        return catalog is null ? new(OutsideStatementKind.Unknown)
            : new(kind, cursor.TakeWrittenName(), Catalog: catalog);
    }

    private static OutsideStatement ReadDetach(StatementCursor cursor)
    {
        cursor.Accept("IF", "EXISTS");
        cursor.Accept("ONLY");
        var table = cursor.TakeWrittenName();
        return cursor.Accept("DETACH", "PARTITION")
            ? new(OutsideStatementKind.DetachPartition, cursor.TakeWrittenName(), table)
            : new(OutsideStatementKind.Unknown);
    }

    private static OutsideStatement ReadReindex(StatementCursor cursor)
    {
        cursor.TakeGroup();
        if (cursor.TakeWord() is not ("INDEX" or "TABLE"))
        {
            return new(OutsideStatementKind.Repeatable);
        }

        cursor.Accept("CONCURRENTLY");
        return new(OutsideStatementKind.Repeatable, Table: cursor.TakeWrittenName());
    }
}
