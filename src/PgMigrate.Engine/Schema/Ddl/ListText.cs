using System.Text.RegularExpressions;

namespace PgMigrate.Schema.Ddl;

/// <summary>
/// x IN ('a', 'b') over a varchar column: the server writes it as an array that is cast as a whole, and reads that text
/// as an array whose elements are cast. Without the cast the text reads back as itself.
/// </summary>
internal static partial class ListText
{
    private const string Cast = "])::text[])";

    /// <summary>The text that reads back as itself.</summary>
    public static string AsWritten(string statement) =>
        statement.Contains(Cast, StringComparison.Ordinal) && !IsRoutine(statement)
        ? CastList().Replace(statement, "${value} ${operator} ${word} (ARRAY[${list}])")
        : statement;

    // The body of a function is the user's.
    private static bool IsRoutine(string statement) =>
        statement.StartsWith("CREATE OR REPLACE FUNCTION", StringComparison.Ordinal)
        || statement.StartsWith("CREATE OR REPLACE PROCEDURE", StringComparison.Ordinal);

    [GeneratedRegex(
        @"\((?<value>[^()]+)\)::text (?<operator>=|<>) (?<word>ANY|ALL) \(\(ARRAY\["
            + @"(?<list>'(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*)\]\)::text\[\]\)")]
    private static partial Regex CastList();
}
