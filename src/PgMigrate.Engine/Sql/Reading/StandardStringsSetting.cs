using System.Text;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Follows SET and RESET of standard_conforming_strings, which change how psql reads the rest.</summary>
internal static class StandardStringsSetting
{
    private const string Name = "STANDARD_CONFORMING_STRINGS";
    private const int LongestForm = 5;

    /// <summary>The setting after a command, given the setting before it and the session's default.</summary>
    public static bool After(ReadOnlySpan<char> command, bool current, bool sessionDefault)
    {
        Span<SqlToken> buffer = stackalloc SqlToken[LongestForm];
        var words = TokenSpan.Read(command, current, buffer);
        if (words.Is(0, "RESET"))
        {
            return words.IsAny(1, Name, "ALL") ? sessionDefault : current;
        }

        var name = words.IsAny(1, "SESSION", "LOCAL") ? 2 : 1;
        return words.Is(0, "SET") && words.Is(name, Name) && words.IsAny(name + 1, "TO", "=") && words.Count > name + 2
            ? Value(words[name + 2].Trim('\''), sessionDefault)
            : current;
    }

    private static bool Value(ReadOnlySpan<char> value, bool sessionDefault) =>
        Ascii.EqualsIgnoreCase(value, "DEFAULT") ? sessionDefault
            : !Ascii.EqualsIgnoreCase(value, "OFF") && !Ascii.EqualsIgnoreCase(value, "FALSE")
                && !Ascii.EqualsIgnoreCase(value, "NO") && value is not "0";
}
