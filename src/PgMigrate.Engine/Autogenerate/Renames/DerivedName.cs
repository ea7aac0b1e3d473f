using System.Globalization;
using System.Text;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>The names that PostgreSQL gives to objects of a table that have none in the SQL; pure.</summary>
internal static class DerivedName
{
    private const int MostNumbered = 20;

    /// <summary><c>table_columns_label</c>, cut to the length of a name where the longer part is cut first.</summary>
    public static string Make(string table, string? columns, string label)
    {
        var first = Encoding.UTF8.GetByteCount(table);
        var second = columns is null ? 0 : Encoding.UTF8.GetByteCount(columns);
        var room = SqlIdentifier.MaxBytes - Encoding.UTF8.GetByteCount(label) - 1 - (columns is null ? 0 : 1);
        while (first + second > room)
        {
            if (first > second)
            {
                first--;
            }
            else
            {
                second--;
            }
        }

        return Cut(table, first) + (columns is null ? "" : "_" + Cut(columns, second)) + "_" + label;
    }

    /// <summary>The same, and with the numbers that the server adds to a name that is taken.</summary>
    public static IEnumerable<string> Variants(string table, string? columns, string label) => Enumerable
        .Range(0, MostNumbered)
        .Select(n => Make(table, columns, n == 0 ? label : label + n.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The columns as a part of a name: joined until it is long enough.</summary>
    public static string? Join(IReadOnlyList<string> columns)
    {
        var text = new StringBuilder();
        foreach (var column in columns)
        {
            text.Append(text.Length == 0 ? "" : "_").Append(column);
            if (Encoding.UTF8.GetByteCount(text.ToString()) > SqlIdentifier.MaxBytes)
            {
                break;
            }
        }

        return columns.Count == 0 ? null : text.ToString();
    }

    /// <summary>The multirange of a range type.</summary>
    public static string Multirange(string range)
    {
        const string word = "range";
        const string suffix = "_multirange";
        var at = range.IndexOf(word, StringComparison.Ordinal);
        return at >= 0
            ? Cut(range.Insert(at, "multi"), SqlIdentifier.MaxBytes)
            : Cut(range, SqlIdentifier.MaxBytes - suffix.Length) + suffix;
    }

    // Never inside of a character.
    private static string Cut(string text, int bytes)
    {
        var kept = new StringBuilder();
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += rune.Utf8SequenceLength;
            if (used > bytes)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.ToString();
    }
}
