using System.Text;

namespace PgMigrate.Connections;

/// <summary>
/// Reads libpq's <c>host=… dbname=… user=…</c>: keywords and values separated by blanks, values with blanks in single
/// quotes, a backslash before a literal character. Pure.
/// </summary>
internal static class LibpqString
{
    /// <summary>
    /// The pairs in order; null for any other syntax, such as Npgsql's keywords. A first keyword that libpq knows
    /// decides, and a second pair: <c>host=x</c> alone means the same in both.
    /// </summary>
    public static IReadOnlyList<(string Word, string Value)>? Read(string text)
    {
        var pairs = new List<(string, string)>();
        for (var i = SkipBlanks(text, 0); i < text.Length; i = SkipBlanks(text, i))
        {
            var start = i;
            while (i < text.Length && (char.IsAsciiLetterLower(text[i]) || text[i] == '_'))
            {
                i++;
            }

            var word = text[start..i];
            i = SkipBlanks(text, i);
            if (word.Length == 0 || i == text.Length || text[i] != '=' || !ConnectionKeywords.IsWord(word))
            {
                return null;
            }

            i = SkipBlanks(text, i + 1);
            if (ReadValue(text, ref i) is not { } value)
            {
                return null;
            }

            pairs.Add((word, value));
        }

        return pairs.Count > 1 ? pairs : null;
    }

    private static string? ReadValue(string text, ref int i)
    {
        var value = new StringBuilder();
        var isQuoted = i < text.Length && text[i] == '\'';
        for (i += isQuoted ? 1 : 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted ? c == '\'' : char.IsWhiteSpace(c))
            {
                break;
            }

            // Npgsql separates its keywords by it; a libpq value that contains one can be quoted.
            if (c == ';' && !isQuoted)
            {
                return null;
            }

            if (c == '\\' && i + 1 < text.Length)
            {
                c = text[++i];
            }

            value.Append(c);
        }

        if (isQuoted && i++ == text.Length)
        {
            return null;
        }

        return value.ToString();
    }

    private static int SkipBlanks(string text, int i)
    {
        while (i < text.Length && char.IsWhiteSpace(text[i]))
        {
            i++;
        }

        return i;
    }
}
