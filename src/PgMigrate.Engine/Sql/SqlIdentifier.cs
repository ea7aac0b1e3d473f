using System.Text;

namespace PgMigrate.Sql;

/// <summary>The only place that turns a name or a text into SQL.</summary>
internal static class SqlIdentifier
{
    /// <summary>Longest name in PostgreSQL, in UTF-8 bytes; it silently truncates longer ones.</summary>
    public const int MaxBytes = 63;

    /// <summary>The name in double quotes, whatever it contains.</summary>
    /// <exception cref="ArgumentException">The name is empty or contains a NUL.</exception>
    public static string Quote(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A PostgreSQL name cannot contain a NUL character.", nameof(name))
            : string.Concat("\"", name.Replace("\"", "\"\"", StringComparison.Ordinal), "\"");
    }

    /// <summary><c>"schema"."name"</c>.</summary>
    public static string Quote(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";

    /// <summary>The name as quote_ident writes it, but for keywords, which stay as they are.</summary>
    public static string QuoteWhereNeeded(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? name
            : Quote(name);

    /// <summary>A name that the server wrote, without its quotes.</summary>
    public static string Unquote(string name) =>
        name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    /// <summary>The text as a literal with the same meaning under both values of standard_conforming_strings.</summary>
    public static string Literal(string text)
    {
        var doubled = text.Replace("'", "''", StringComparison.Ordinal);
        return text.Contains('\\', StringComparison.Ordinal)
            ? $"E'{doubled.Replace("\\", "\\\\", StringComparison.Ordinal)}'"
            : $"'{doubled}'";
    }

    /// <summary>True when the server would keep the whole name.</summary>
    public static bool Fits(string name, int reservedBytes = 0) =>
        Encoding.UTF8.GetByteCount(name) <= MaxBytes - reservedBytes;
}
