namespace PgMigrate.Sql;

/// <summary>
/// The data that COPY … FROM STDIN reads from the script, without the closing backslash-dot. Of a large file they are
/// read while they are sent, so they can be gone through once.
/// </summary>
/// <param name="Chunks">The text, part by part; a part may end in the middle of a line.</param>
/// <param name="Line">Line of the file that the data start on, from 1.</param>
public sealed record SqlRows(IEnumerable<ReadOnlyMemory<char>> Chunks, int Line)
{
    /// <summary>No data at all: the script ends behind the COPY.</summary>
    public static SqlRows None { get; } = new([], 0);

    /// <summary>The data between two offsets of a text.</summary>
    public static SqlRows Of(SqlSource source, SqlRange range)
    {
        var (line, _) = source.PositionOf(range.Start);
        return new SqlRows([source.Text.AsMemory(range.Start, range.End - range.Start)], line)
        {
            Text = source.Text.AsMemory(range.Start, range.End - range.Start),
        };
    }

    private ReadOnlyMemory<char> Text { get; init; }

    /// <summary>The text of a line of the data, counted from 1; null when it is no longer at hand.</summary>
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
