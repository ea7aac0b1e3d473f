namespace PgMigrate.Sql.Reading;

/// <summary>The words that name a kind of object after CREATE, ALTER, DROP and COMMENT ON; pure.</summary>
internal static class ObjectKinds
{
    // A kind of several words comes before a kind that is one of those words.
    private static readonly string[][] Long =
    [
        ["MATERIALIZED", "VIEW"], ["FOREIGN", "TABLE"], ["FOREIGN", "DATA", "WRAPPER"], ["EVENT", "TRIGGER"],
        ["ACCESS", "METHOD"], ["OPERATOR", "CLASS"], ["OPERATOR", "FAMILY"], ["USER", "MAPPING"],
        ["DEFAULT", "PRIVILEGES"], ["LARGE", "OBJECT"], ["OWNED", "BY"],
        ["TEXT", "SEARCH", "CONFIGURATION"], ["TEXT", "SEARCH", "DICTIONARY"], ["TEXT", "SEARCH", "PARSER"],
        ["TEXT", "SEARCH", "TEMPLATE"],
    ];

    /// <summary>Reads the kind and returns it in upper case.</summary>
    public static string Take(StatementCursor cursor)
    {
        foreach (var words in Long)
        {
            if (cursor.Accept(words))
            {
                return string.Join(' ', words);
            }
        }

        return cursor.TakeWord();
    }

    /// <summary>
    /// Reads the name of an object of a kind; null for kinds without a name of their own, and for operators.
    /// </summary>
    public static RelationName? TakeName(StatementCursor cursor, string kind) =>
        kind is "CAST" or "TRANSFORM" or "USER MAPPING" or "DEFAULT PRIVILEGES" or "LARGE "
            + "OBJECT" or "SYSTEM" or "OPERATOR"
            ? null
            : cursor.TakeName();

    /// <summary>
    /// Reads the table of a trigger, a rule or a policy, which is after ON, or after TO for a new rule.
    /// </summary>
    public static RelationName? TakeTable(StatementCursor cursor, string kind)
    {
        if (kind is not ("TRIGGER" or "RULE" or "POLICY"))
        {
            return null;
        }

        // A new trigger has its events before ON, a new rule its event after it.
        return cursor.SkipTo("ON") && cursor.Accept("ON")
            && (!cursor.IsAny("SELECT", "INSERT", "UPDATE", "DELETE") || (cursor.SkipTo("TO") && cursor.Accept("TO")))
                ? cursor.TakeName()
                : null;
    }
}
