using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Reads a whole statement into its record; pure.</summary>
internal static class DetailReader
{
    /// <summary>The record of a statement.</summary>
    public static StatementDetail Read(StatementCursor cursor) =>
        WriteReader.Read(cursor) ?? ReadCommand(cursor) ?? new OtherStatement();

    private static StatementDetail? ReadCommand(StatementCursor cursor) => cursor.TakeWord() switch
    {
        "CREATE" => CreateReader.Read(cursor),
        "ALTER" => AlterReader.Read(cursor),
        "DROP" => ReadDrop(cursor),
        "TRUNCATE" => ReadTruncate(cursor),
        "LOCK" => ReadLock(cursor),
        "REINDEX" => ReadReindex(cursor),
        "VACUUM" => ReadVacuum(cursor),
        "CLUSTER" => ReadCluster(cursor),
        "REFRESH" when cursor.Accept("MATERIALIZED", "VIEW") => ReadRefresh(cursor),
        "SET" => ReadSet(cursor),
        "RESET" when cursor.TakeName() is { } name => new SetSetting(name.ToString(), IsLocal: false, Value: null),
        "COMMENT" when cursor.Accept("ON") => new Comment(ObjectKinds.Take(cursor), cursor.TakeName()),
        "GRANT" => new Grant(IsRevoke: false),
        "REVOKE" => new Grant(IsRevoke: true),
        "DO" => ReadDo(cursor),
        "CALL" => new Call(cursor.TakeName()),
        _ => null,
    };

    private static DropObject ReadDrop(StatementCursor cursor)
    {
        var kind = ObjectKinds.Take(cursor);
        var concurrently = cursor.Accept("CONCURRENTLY");
        var ifExists = cursor.Accept("IF", "EXISTS");
        var names = new List<RelationName>();
        do
        {
            if (ObjectKinds.TakeName(cursor, kind) is { } name)
            {
                names.Add(name);
            }

            cursor.TakeGroup();
        }
        while (cursor.Accept(","));
        var table = ObjectKinds.TakeTable(cursor, kind);
        return new DropObject(kind, names)
        {
            IfExists = ifExists,
            Concurrently = concurrently,
            Cascade = cursor.Accept("CASCADE"),
            Table = table,
        };
    }

    private static Truncate ReadTruncate(StatementCursor cursor)
    {
        cursor.Accept("TABLE");
        return new Truncate(cursor.TakeNames(), cursor.HasAhead("CASCADE"));
    }

    private static LockTable ReadLock(StatementCursor cursor)
    {
        cursor.Accept("TABLE");
        var tables = cursor.TakeNames();
        var mode = "";
        if (cursor.Accept("IN"))
        {
            while (!cursor.IsAtEnd && !cursor.Is("MODE"))
            {
                mode = $"{mode} {cursor.TakeWord()}";
            }
        }

        return new LockTable(tables, mode.Length == 0 ? "ACCESS EXCLUSIVE" : mode.Trim());
    }

    private static Reindex ReadReindex(StatementCursor cursor)
    {
        var concurrently = HasOption(cursor, "CONCURRENTLY");
        var kind = cursor.TakeWord();
        concurrently |= cursor.Accept("CONCURRENTLY");
        return new Reindex(kind, cursor.TakeName(), concurrently);
    }

    private static Vacuum ReadVacuum(StatementCursor cursor)
    {
        var full = HasOption(cursor, "FULL");
        while (cursor.IsAny("FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"))
        {
            full |= cursor.TakeWord() == "FULL";
        }

        return new Vacuum(full, cursor.TakeParts().Select(part => part.TakeName()).OfType<RelationName>().ToList());
    }

    // CLUSTER [VERBOSE] [index ON] table: the old form names the index first.
    private static Cluster ReadCluster(StatementCursor cursor)
    {
        cursor.TakeGroup();
        cursor.Accept("VERBOSE");
        var table = cursor.TakeName();
        return new Cluster(cursor.Accept("ON") ? cursor.TakeName() : table);
    }

    private static Refresh? ReadRefresh(StatementCursor cursor)
    {
        var concurrently = cursor.Accept("CONCURRENTLY");
        return cursor.TakeName() is { } view ? new Refresh(view, concurrently, cursor.Accept("WITH", "NO", "DATA"))
            : null;
    }

    private static SetSetting? ReadSet(StatementCursor cursor)
    {
        var isLocal = cursor.Is("LOCAL");
        if (isLocal || (cursor.Is("SESSION") && !cursor.Is("AUTHORIZATION", 1) && !cursor.Is("CHARACTERISTICS", 1)))
        {
            cursor.Skip();
        }

        if (cursor.TakeName() is not { } name)
        {
            return null;
        }

        _ = cursor.Accept("TO") || cursor.Accept("=");
        var start = cursor.Offset;
        while (!cursor.IsAtEnd)
        {
            cursor.Skip();
        }

        return new SetSetting(name.ToString(), isLocal, cursor.TextFrom(start));
    }

    private static DoBlock? ReadDo(StatementCursor cursor)
    {
        while (!cursor.IsAtEnd && cursor.Kind is not (SqlTokenKind.DollarQuote or SqlTokenKind.StringConstant))
        {
            cursor.Skip();
        }

        if (cursor.IsAtEnd)
        {
            return null;
        }

        var offset = cursor.Offset;
        var quoted = cursor.TakeText()!;
        var quote = quoted[0] == '$' ? quoted.IndexOf('$', 1) + 1 : quoted.IndexOf('\'', StringComparison.Ordinal) + 1;
        var length = Math.Max(0, quoted.Length - quote - (quoted[0] == '$' ? quote : 1));
        return new DoBlock(quoted.Substring(quote, length), offset + quote);
    }

    // (option [value], …) after the first word. An option with OFF or FALSE is off.
    private static bool HasOption(StatementCursor cursor, string name) =>
        cursor.TakeGroup() is { } options
        && options.TakeParts().Any(option => option.Accept(name) && !option.IsAny("OFF", "FALSE", "0"));
}
