namespace PgMigrate.Sql;

/// <summary>A text that offsets refer to, and the file it comes from.</summary>
/// <param name="FileName">File name for messages.</param>
/// <param name="FilePath">Full path; null for a text that was recorded in the database.</param>
/// <param name="Text">The text, with CRLF as LF.</param>
public sealed record SqlSource(string FileName, string? FilePath, string Text)
{
    /// <summary>First line of the text in the file, from 1: a large file is read in parts.</summary>
    public int FirstLine { get; init; } = 1;

    /// <summary>First column of the text in that line, from 1.</summary>
    public int FirstColumn { get; init; } = 1;

    /// <summary>Line and column in the file, both from 1, of an offset in the text.</summary>
    internal (int Line, int Column) PositionOf(int offset)
    {
        var (line, column) = SqlPosition.At(Text, offset);
        return (FirstLine + line - 1, line == 1 ? FirstColumn + column - 1 : column);
    }

    /// <summary>The line that contains an offset, without its end.</summary>
    internal string LineAt(int offset)
    {
        var length = Text.AsSpan(offset).IndexOfAny('\n', '\r');
        return Text[LineStart(offset)..(length < 0 ? Text.Length : offset + length)];
    }

    /// <summary>Start of the line that contains an offset.</summary>
    internal int LineStart(int offset) => SqlPosition.LineStart(Text, offset);

    /// <summary>An error at an offset.</summary>
    internal MigrationProblem Problem(string code, string message, int offset)
    {
        var (line, column) = PositionOf(offset);
        return new MigrationProblem
        {
            Code = code,
            Message = message,
            FileName = FileName,
            FilePath = FilePath,
            Line = line,
            Column = column,
        };
    }
}
