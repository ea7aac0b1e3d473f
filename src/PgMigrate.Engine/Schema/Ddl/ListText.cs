using System.Text.RegularExpressions;

namespace PgMigrate.Schema.Ddl;

/// <summary>
/// x IN ('a', 'b') over a varchar column: the server writes it as an array that is cast as a whole, and reads what it
/// wrote as
/// an array whose elements are cast. Without that cast it reads what it means.
/// </summary>
internal static partial class ListText
{
    private const string Cast = "])::text[])";

    /// <summary>The text that reads back as itself.</summary>
    public static string AsWritten(string statement) => statement.Contains(Cast, StringComparison.Ordinal)
        ? CastList().Replace(statement, "${value} ${operator} ${word} (ARRAY[${list}])")
        : statement;

    [GeneratedRegex(
        @"\((?<value>[^()]+)\)::text (?<operator>=|<>) (?<word>ANY|ALL) \(\(ARRAY\["
            + @"(?<list>'(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*)\]\)::text\[\]\)")]
    private static partial Regex CastList();
}
