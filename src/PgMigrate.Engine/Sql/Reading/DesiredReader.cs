namespace PgMigrate.Sql.Reading;

/// <summary>Tells what a statement means in a text that describes a schema; pure.</summary>
internal static class DesiredReader
{
    // Settings of a session and not of its objects; pg_dump writes them, and newer ones than the server knows.
    private static readonly HashSet<string> WithoutMeaning = new(StringComparer.Ordinal)
    {
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout",
        "transaction_timeout", "client_encoding", "names", "client_min_messages", "row_security",
        "synchronous_commit", "default_transaction_isolation", "characteristics", "application_name",
    };

    /// <summary>Reads a statement.</summary>
    public static DesiredStatement Read(string text, bool standardStrings)
    {
        var statement = new StatementReading(text, standardStrings);
        var kind = statement.Kind;
        if (kind is StatementKind.Begin or StatementKind.Commit)
        {
            return new DesiredStatement(kind == StatementKind.Begin ? DesiredKind.Begin : DesiredKind.End);
        }

        var cursor = StatementCursor.Read(text.AsMemory(), standardStrings);
        if (SharedObjectReader.Refusal(statement, cursor.Copy()) is { } reason)
        {
            return new DesiredStatement(DesiredKind.Refused) { Reason = reason };
        }

        return statement.IsSetting ? ReadSetting(statement, cursor)
            : IsWithoutMeaning(statement) ? new DesiredStatement(DesiredKind.Skipped)
            : WritesRows(statement) ? new DesiredStatement(DesiredKind.Rows)
            : ReadChange(statement, cursor);
    }

    private static DesiredStatement ReadSetting(StatementReading statement, StatementCursor cursor)
    {
        if (statement.SetsTransactionOptions || statement.StartsWith("SET", "CONSTRAINTS"))
        {
            return new DesiredStatement(DesiredKind.Skipped);
        }

        if (statement.Detail is SetSetting setting)
        {
            if (WithoutMeaning.Contains(setting.Name))
            {
                return new DesiredStatement(DesiredKind.Skipped);
            }

            cursor.Accept("SET");
            return setting.IsLocal
                ? new DesiredStatement(DesiredKind.LocalSetting) { Local = cursor.Offset }
                : new DesiredStatement(DesiredKind.Setting) { ResetsAll = statement.StartsWith("RESET", "ALL") };
        }

        return statement.EndsWithTransaction
            ? new DesiredStatement(DesiredKind.Skipped)
            : new DesiredStatement(DesiredKind.Setting);
    }

    private static bool IsWithoutMeaning(StatementReading statement) =>
        statement.StartsWithAny("LOCK", "SAVEPOINT", "RELEASE", "ROLLBACK", "DISCARD", "DEALLOCATE", "LISTEN",
            "UNLISTEN", "NOTIFY", "ANALYZE", "ANALYSE", "VACUUM", "REINDEX", "EXPLAIN", "SHOW", "CHECKPOINT")
        || statement.StartsWith("SELECT", "SETVAL")
        || statement.StartsWith("SELECT", "PG_CATALOG", ".", "SETVAL");

    private static bool WritesRows(StatementReading statement) =>
        statement.StartsWithAny("COPY") || statement.IsLargeObjectCall
        || (statement.StartsWithAny("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "WITH")
            && statement.Detail is Write or Truncate or WithStatement);

    private static DesiredStatement ReadChange(StatementReading statement, StatementCursor cursor)
    {
        if (cursor.IsAny("CREATE", "DROP"))
        {
            return new DesiredStatement(DesiredKind.Change)
            {
                Made = DesiredObject.MadeBy(statement.Detail, cursor.Copy()),
                Dropped = DesiredObject.DroppedBy(statement.Detail),
                IfNotExists = HasIfNotExists(cursor.Copy()),
                Right = RightReader.Read(cursor.Copy()),
                OrReplace = cursor.Is("OR", 1) && cursor.Is("REPLACE", 2),
                ExtensionWithoutVersion = ReadExtension(cursor),
            };
        }

        if (cursor.Accept("ALTER", "DEFAULT", "PRIVILEGES"))
        {
            return new DesiredStatement(DesiredKind.DefaultPrivileges) { Schemas = ReadSchemas(cursor) };
        }

        var ahead = cursor.Copy();
        if (cursor.IsAny("GRANT", "REVOKE") && ahead.SkipTo("ON") && ahead.Accept("ON", "ALL"))
        {
            return new DesiredStatement(DesiredKind.OnAllObjects);
        }

        return new DesiredStatement(DesiredKind.Change)
        {
            Right = cursor.Is("ALTER") ? RightReader.Read(cursor.Copy()) : null,
            IfNotExists = cursor.Is("ALTER") && HasIfNotExists(cursor.Copy()),
            ReturnsRows = cursor.IsAny("SELECT", "VALUES", "TABLE", "WITH", "EXECUTE", "FETCH", "("),
        };
    }

    private static bool HasIfNotExists(StatementCursor cursor)
    {
        while (cursor.SkipTo("IF"))
        {
            if (cursor.Accept("IF", "NOT", "EXISTS"))
            {
                return true;
            }

            cursor.Skip();
        }

        return false;
    }

    private static IReadOnlyList<RelationName> ReadSchemas(StatementCursor cursor) =>
        cursor.SkipTo("IN", "GRANT", "REVOKE") && cursor.Accept("IN", "SCHEMA") ? cursor.TakeNames() : [];

    private static string? ReadExtension(StatementCursor cursor)
    {
        if (!cursor.Accept("CREATE", "EXTENSION"))
        {
            return null;
        }

        cursor.Accept("IF", "NOT", "EXISTS");
        return cursor.TakeIdentifier() is { } name && !cursor.HasAhead("VERSION") ? name : null;
    }
}
