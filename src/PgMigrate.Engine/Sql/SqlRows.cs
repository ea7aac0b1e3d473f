using System.Text;

namespace PgMigrate.Sql;

/// <summary>
/// The data that COPY … FROM STDIN reads from the script, without the closing backslash-dot. For a large file they are
/// read while they are sent, so they can be read only once.
/// </summary>
/// <param name="Parts">
/// The data in UTF-8; a part may end in the middle of a line, and is valid until the next one is requested.
/// </param>
/// <param name="Line">First line of the data in the file, from 1.</param>
internal sealed record SqlRows(IEnumerable<ReadOnlyMemory<byte>> Parts, int Line)
{
    private const int LargestPart = 64 * 1024;

    /// <summary>No data: the script ends after the COPY.</summary>
    public static SqlRows None { get; } = new([], 0);

    /// <summary>The data between two offsets of a text.</summary>
    public static SqlRows Of(SqlSource source, SqlRange range)
    {
        var (line, _) = source.PositionOf(range.Start);
        var text = source.Text.AsMemory(range.Start, range.End - range.Start);
        return new SqlRows(Encode([text]), line) { Text = text };
    }

    /// <summary>The data of a text.</summary>
    internal static IEnumerable<ReadOnlyMemory<byte>> Encode(IEnumerable<ReadOnlyMemory<char>> text)
    {
        var encoder = Encoding.UTF8.GetEncoder();
        byte[] bytes = [];
        foreach (var chunk in text)
        {
            for (var start = 0; start < chunk.Length; start += LargestPart)
            {
                var part = chunk.Slice(start, Math.Min(LargestPart, chunk.Length - start));
                var most = Encoding.UTF8.GetMaxByteCount(part.Length);
                bytes = bytes.Length < most ? new byte[most] : bytes;
                yield return bytes.AsMemory(0, encoder.GetBytes(part.Span, bytes, flush: false));
            }
        }
    }

    private ReadOnlyMemory<char> Text { get; init; }

    /// <summary>The text of a line of the data, counted from 1; null when it is no longer available.</summary>
    public string? LineText(int number)
    {
        var rest = Text.Span;
        for (var line = 1; line < number && !rest.IsEmpty; line++)
        {
            var end = rest.IndexOf('\n');
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        var length = rest.IndexOf('\n');
        return rest.IsEmpty ? null : rest[..(length < 0 ? rest.Length : length)].ToString();
    }
}
