namespace PgMigrate.Sql.Tokens;

/// <summary>The character classes of PostgreSQL's lexer, where every non-ASCII character is a letter.</summary>
internal static class SqlCharacters
{
    /// <summary>The character at an index, or NUL after the end.</summary>
    public static char At(ReadOnlySpan<char> text, int index) => index < text.Length ? text[index] : '\0';

    public static bool IsBlank(char c) => c is ' ' or '\n' or '\t' or '\r' or '\f';

    // Written out, here and below: code compiled ahead of time would call the framework's methods for each character.
    public static bool StartsIdentifier(char c) => (uint)((c | ' ') - 'a') <= 'z' - 'a' || c == '_' || c >= '\u0080';

    public static bool IsDigit(char c) => (uint)(c - '0') <= 9;

    public static bool ContinuesVariable(char c) => StartsIdentifier(c) || IsDigit(c);

    public static int SkipIdentifier(ReadOnlySpan<char> text, int index)
    {
        if (!StartsIdentifier(At(text, index)))
        {
            return index;
        }

        do
        {
            index = SkipVariable(text, index + 1);
        }
        while (At(text, index) == '$');

        return index;
    }

    public static int SkipVariable(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && ContinuesVariable(text[index]))
        {
            index++;
        }

        return index;
    }

    public static int SkipDigits(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && IsDigit(text[index]))
        {
            index++;
        }

        return index;
    }
}
