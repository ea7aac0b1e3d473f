using System.Text;
using PgMigrate.Errors;

namespace PgMigrate.Scripts;

/// <summary>
/// Finds COPY rows that start with two dashes: a line-based reader takes them for comments. Pure.
/// </summary>
internal static class DashedLines
{
    /// <summary>Such lines in a part of the rows, each with the number of line ends before it in the part.</summary>
    /// <param name="rows">Rows in UTF-8.</param>
    /// <param name="startsLine">True when the part starts a line.</param>
    public static List<(string Text, int LineEnds)> In(ReadOnlyMemory<byte> rows, bool startsLine)
    {
        var found = new List<(string, int)>();
        var bytes = rows.Span;
        var start = startsLine && bytes.StartsWith("--"u8) ? 0 : Next(bytes, 0);
        while (start >= 0)
        {
            var length = bytes[start..].IndexOf((byte)'\n');
            var line = length < 0 ? bytes[start..] : bytes.Slice(start, length);
            found.Add((Encoding.UTF8.GetString(line), bytes[..start].Count((byte)'\n')));
            start = Next(bytes, start);
        }

        return found;
    }

    /// <summary>The problem of rows without an end: an error if a section marker is among them.</summary>
    public static MigrationProblem Unended(MigrationProblem place, bool hasMarker) => place with
    {
        Code = ErrorCodes.CopyNotEnded,
        Message = "The rows of a COPY start here and have no end, so everything after them is read as rows. Write a "
            + "line '\\.' after the last row.",
        Severity = hasMarker ? nameof(ProblemSeverity.Error) : nameof(ProblemSeverity.Warning),
    };

    private static int Next(ReadOnlySpan<byte> bytes, int from) =>
        bytes[from..].IndexOf("\n--"u8) is var next and >= 0 ? from + next + 1 : -1;
}
