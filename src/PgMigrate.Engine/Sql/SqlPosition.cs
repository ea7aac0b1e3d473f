namespace PgMigrate.Sql;

/// <summary>
/// Translates between offsets, lines and columns, and the character positions of PostgreSQL. A line ends with LF, CRLF
/// or a lone CR, as in editors.
/// </summary>
internal static class SqlPosition
{
    /// <summary>The line and the column in code points, both from 1, of an offset in UTF-16 units.</summary>
    public static (int Line, int Column) At(string text, int offset)
    {
        ArgumentNullException.ThrowIfNull(text);
        int end = Math.Clamp(offset, 0, text.Length);
        int column = 1;
        foreach (char unit in text.AsSpan(LineStart(text, end)..end))
        {
            column += char.IsLowSurrogate(unit) ? 0 : 1;
        }

        return (LineEnds(text, 0, end) + 1, column);
    }

    /// <summary>Start of the line that contains an offset.</summary>
    internal static int LineStart(string text, int offset)
    {
        int end = text.AsSpan(0, offset).LastIndexOfAny('\n', '\r');
        if (end >= 0 && IsHalf(text, end))
        {
            end = text.AsSpan(0, end).LastIndexOfAny('\n', '\r');
        }

        return end + 1;
    }

    /// <summary>Number of line ends between two offsets.</summary>
    internal static int LineEnds(ReadOnlySpan<char> text, int start, int end)
    {
        int ends = text[start..end].Count('\n');
        while (text[start..end].IndexOf('\r') is var found and >= 0)
        {
            ends += IsHalf(text, start + found) ? 0 : 1;
            start += found + 1;
        }

        return ends;
    }

    // The CR of a CRLF: the line ends after both.
    private static bool IsHalf(ReadOnlySpan<char> text, int offset) =>
        text[offset] == '\r' && offset + 1 < text.Length && text[offset + 1] == '\n';

    /// <summary>The offset in UTF-16 units of a position in code points, counted from 1.</summary>
    public static int OffsetOfCharacter(string statementText, int oneBasedCodePointPosition)
    {
        ArgumentNullException.ThrowIfNull(statementText);
        int offset = 0;
        for (int position = 1; position < oneBasedCodePointPosition && offset < statementText.Length; position++)
        {
            bool isPair = char.IsHighSurrogate(statementText[offset])
                && offset + 1 < statementText.Length
                && char.IsLowSurrogate(statementText[offset + 1]);
            offset += isPair ? 2 : 1;
        }

        return offset;
    }
}
