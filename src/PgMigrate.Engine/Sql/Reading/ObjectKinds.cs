namespace PgMigrate.Sql.Reading;

/// <summary>The words that name a kind of object behind CREATE, ALTER, DROP and COMMENT ON; pure.</summary>
internal static class ObjectKinds
{
    // A kind of several words comes before a kind that one of them is.
    private static readonly string[][] Long =
    [
        ["MATERIALIZED", "VIEW"], ["FOREIGN", "TABLE"], ["FOREIGN", "DATA", "WRAPPER"], ["EVENT", "TRIGGER"],
        ["ACCESS", "METHOD"], ["OPERATOR", "CLASS"], ["OPERATOR", "FAMILY"], ["USER", "MAPPING"],
        ["DEFAULT", "PRIVILEGES"],
        ["TEXT", "SEARCH", "CONFIGURATION"], ["TEXT", "SEARCH", "DICTIONARY"], ["TEXT", "SEARCH", "PARSER"],
        ["TEXT", "SEARCH", "TEMPLATE"],
    ];

    /// <summary>Passes the kind that is next and returns it in upper case.</summary>
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
}
