using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Whether a statement changes a setting for the rest of the session.</summary>
internal enum SettingKind
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It does only that: it can be run again.</summary>
    Only,

    /// <summary>It does that and other work.</summary>
    AmongOthers,
}

/// <summary>Reads a SELECT that calls set_config; pure.</summary>
internal static class SettingReader
{
    // Functions without side effects; types with a length; keywords that a parenthesis may follow.
    private static readonly HashSet<string> ValueFunctions =
    [
        "SET_CONFIG", "CURRENT_SETTING", "QUOTE_IDENT", "QUOTE_LITERAL", "FORMAT", "CONCAT", "CONCAT_WS", "COALESCE",
        "NULLIF", "LOWER", "UPPER", "REPLACE", "TRIM", "VARCHAR", "CHAR", "CHARACTER", "VARYING", "NUMERIC",
        "CURRENT_DATABASE", "CURRENT_SCHEMA", "PG_BACKEND_PID", "NOW", "TO_CHAR", "CASE", "WHEN", "THEN", "ELSE", "AND",
        "OR", "NOT",
    ];

    /// <summary>Decides by all words of the statement.</summary>
    public static SettingKind Read(IReadOnlyList<string> words) =>
        !words.Contains("SET_CONFIG") ? SettingKind.None
        : CallsNothingElse(words) ? SettingKind.Only
        : SettingKind.AmongOthers;

    /// <summary>True when its only call is transaction-local: set_config('name', 'value', true).</summary>
    public static bool IsLocal(IReadOnlyList<string> words) =>
        words.Count(word => word == "SET_CONFIG") == 1
        && words.Reverse().SkipWhile(word => word is ";" or ")").Take(2).ToList() is ["TRUE" or "'t'" or "'true'", ","];

    private static bool CallsNothingElse(IReadOnlyList<string> words)
    {
        var isSetting = false;
        for (var i = 1; i < words.Count; i++)
        {
            if (words[i] is "FROM" or "INTO" or "SELECT")
            {
                return false;
            }

            var called = words[i - 1];
            if (words[i] == "(" && (SqlCharacters.StartsIdentifier(called[0]) || called[0] == '"'))
            {
                var isForeign = i > 2 && words[i - 2] == "." && words[i - 3] != "PG_CATALOG";
                if (isForeign || !ValueFunctions.Contains(called))
                {
                    return false;
                }

                isSetting |= called == "SET_CONFIG";
            }
        }

        return isSetting;
    }
}
