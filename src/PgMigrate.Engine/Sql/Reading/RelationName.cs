using System.Globalization;
using System.Text;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>A relation, type or other object as a statement names it.</summary>
/// <param name="Schema">Its schema, unquoted; null when search_path decides.</param>
/// <param name="Name">Its name, unquoted.</param>
internal readonly record struct RelationName(string? Schema, string Name)
{
    /// <summary>Schema and name, for messages.</summary>
    public override string ToString() => Schema is null ? Name : $"{Schema}.{Name}";
}

/// <summary>Reads an identifier as the server does; pure.</summary>
internal static class SqlName
{
    private const int ShortEscape = 4;
    private const int LongEscape = 6;

    /// <summary>The name of a token: the server folds the ASCII letters of an unquoted one.</summary>
    public static string Unquote(ReadOnlySpan<char> text, SqlTokenKind kind, char escape = '\\')
    {
        if (kind != SqlTokenKind.QuotedIdentifier)
        {
            return ToLower(text);
        }

        var start = text.IndexOf('"') + 1;
        var end = text.Length > start && text[^1] == '"' ? text.Length - 1 : text.Length;
        var name = text[start..end].ToString().Replace("\"\"", "\"", StringComparison.Ordinal);
        return start > 1 ? Decode(name, escape) : name;
    }

    private static string ToLower(ReadOnlySpan<char> text)
    {
        var name = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            name.Append(char.IsAsciiLetterUpper(letter) ? (char)(letter | ' ') : letter);
        }

        return name.ToString();
    }

    // U&"d\0061t\+000061": an escape gives the code point of a character.
    private static string Decode(string text, char escape)
    {
        var name = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != escape)
            {
                name.Append(text[i]);
                continue;
            }

            var isLong = i + 1 < text.Length && text[i + 1] == '+';
            var digits = i + (isLong ? 2 : 1);
            var length = isLong ? LongEscape : ShortEscape;
            if (digits + length <= text.Length
                && int.TryParse(text.AsSpan(digits, length), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out var code)
                && code <= 0x10FFFF)
            {
                name.Append(code > char.MaxValue ? char.ConvertFromUtf32(code) : ((char)code).ToString());
                i = digits + length - 1;
            }
            else
            {
                name.Append(escape);
                i += i + 1 < text.Length && text[i + 1] == escape ? 1 : 0;
            }
        }

        return name.ToString();
    }
}
