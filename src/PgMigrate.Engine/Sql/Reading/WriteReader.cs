using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Reads statements that read or write rows; pure.</summary>
internal static class WriteReader
{
    /// <summary>The record; null for another statement.</summary>
    public static StatementDetail? Read(StatementCursor cursor) => cursor switch
    {
        _ when cursor.Accept("INSERT", "INTO") => ReadInsert(cursor),
        _ when cursor.Accept("UPDATE") => ReadWrite(cursor, WriteKind.Update),
        _ when cursor.Accept("DELETE", "FROM") => ReadWrite(cursor, WriteKind.Delete),
        _ when cursor.Accept("MERGE", "INTO") => ReadWrite(cursor, WriteKind.Merge),
        _ when cursor.Accept("COPY") => ReadCopy(cursor),
        _ when cursor.Accept("WITH") => ReadWith(cursor),
        _ when cursor.IsAny("SELECT", "VALUES", "TABLE") => new Query(ReadInto(cursor)),
        _ when cursor.Kind == SqlTokenKind.OpenParenthesis => new Query(Into: null),
        _ => null,
    };

    private static Write? ReadInsert(StatementCursor cursor)
    {
        if (cursor.TakeName() is not { } table)
        {
            return null;
        }

        var isValues = false;
        while (!cursor.IsAtEnd && !cursor.IsAny("SELECT", "WITH", "TABLE"))
        {
            isValues |= cursor.IsAny("VALUES", "DEFAULT");
            cursor.SkipOne();
        }

        return new Write(WriteKind.Insert, table) { IsFromQuery = !isValues };
    }

    private static Write? ReadWrite(StatementCursor cursor, WriteKind kind)
    {
        cursor.Accept("ONLY");
        return cursor.TakeName() is { } table ? new Write(kind, table) { HasWhere = HasWhere(cursor) } : null;
    }

    // WHERE true counts as no WHERE.
    private static bool HasWhere(StatementCursor cursor)
    {
        if (!cursor.SkipTo("WHERE"))
        {
            return false;
        }

        cursor.Skip();
        return !cursor.Is("TRUE") || (cursor.Left > 1 && !cursor.Is("RETURNING", 1));
    }

    private static Write? ReadCopy(StatementCursor cursor)
    {
        cursor.Accept("BINARY");
        return cursor.TakeName() is { } table && cursor.SkipTo("FROM", "TO") && cursor.Is("FROM")
            ? new Write(WriteKind.CopyFrom, table) { IsFromQuery = true }
            : null;
    }

    private static WithStatement ReadWith(StatementCursor cursor)
    {
        cursor.Accept("RECURSIVE");
        var parts = new List<StatementDetail>();
        do
        {
            cursor.TakeIdentifier();
            cursor.TakeGroup();
            cursor.AcceptAny("AS", "NOT", "MATERIALIZED");
            if (cursor.TakeGroup() is { } group && Read(group) is { } part and (Write or WithStatement))
            {
                parts.Add(part);
            }

            // SEARCH and CYCLE may follow.
            if (!cursor.Is(","))
            {
                cursor.SkipTo(",", "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE");
            }
        }
        while (cursor.Accept(","));
        return new WithStatement(parts, Read(cursor) ?? new OtherStatement());
    }

    private static RelationName? ReadInto(StatementCursor cursor)
    {
        if (!cursor.SkipTo("INTO", "FROM") || !cursor.Accept("INTO"))
        {
            return null;
        }

        cursor.AcceptAny("TEMP", "TEMPORARY", "UNLOGGED", "LOCAL", "GLOBAL", "TABLE");
        return cursor.TakeName();
    }
}
