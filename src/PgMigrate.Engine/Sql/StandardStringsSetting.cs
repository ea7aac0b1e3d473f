namespace PgMigrate.Sql;

/// <summary>Follows SET and RESET of standard_conforming_strings, which change how psql reads what follows.</summary>
internal static class StandardStringsSetting
{
    private const string Name = "STANDARD_CONFORMING_STRINGS";
    private const int LongestForm = 5;

    /// <summary>The setting after a command, given the setting before it and the session's default.</summary>
    public static bool After(ReadOnlySpan<char> command, bool current, bool sessionDefault)
    {
        IReadOnlyList<string> words = SqlWords.Leading(command, LongestForm, current);
        return words switch
        {
            ["RESET", Name or "ALL", ..] => sessionDefault,
            ["SET", "SESSION" or "LOCAL", Name, "TO" or "=", var value] => Value(value, sessionDefault),
            ["SET", Name, "TO" or "=", var value, ..] => Value(value, sessionDefault),
            _ => current,
        };
    }

    private static bool Value(string word, bool sessionDefault) => word.Trim('\'').ToUpperInvariant() switch
    {
        "OFF" or "FALSE" or "NO" or "0" => false,
        "DEFAULT" => sessionDefault,
        _ => true,
    };
}
