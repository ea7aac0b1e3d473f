using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>
/// Reads a text as statements, comments and commands. A text that is held is one window. A file is split window by
/// window: the complete part is returned, the rest starts the next window, and COPY rows pass through.
/// </summary>
internal sealed class ScriptReader(
    TextSource text, string fileName, string filePath, int windowSize = ScriptReader.WindowSize)
{
    /// <summary>Characters per window, as long as no statement is longer.</summary>
    public const int WindowSize = 512 * 1024;

    private readonly RowReader _rows = new(text, fileName, filePath, windowSize);
    private bool _standardStrings = true;

    /// <summary>The splits that an earlier reading recorded, or this one should record; null for neither.</summary>
    public WindowCuts? Cuts { get; init; }

    /// <summary>
    /// Makes the text to split from a window, with the same length; the argument says whether the file ends.
    /// </summary>
    public Func<string, bool, string>? TextToSplit { get; init; }

    /// <summary>Reads a text that is held.</summary>
    public static List<ScriptElement> Read(SqlSource source, Func<string, bool, string>? textToSplit = null)
    {
        var split = SqlSplitter.Split(textToSplit?.Invoke(source.Text, true) ?? source.Text);
        var window = new ScriptWindow(source, split, 0);
        var elements = window.Elements(source.Text.Length, standardStrings: true, out _);
        window.AddRows(elements);
        return elements;
    }

    /// <summary>Reads the file once.</summary>
    public IEnumerable<ScriptElement> Read()
    {
        var size = windowSize;
        for (var index = 0; ; index++)
        {
            foreach (var row in _rows.Skip())
            {
                yield return row;
            }

            var window = _rows.Fill(size);
            if (window.Length == 0)
            {
                Cuts?.Complete();
                yield break;
            }

            var source = _rows.SourceOf(window);
            if (Cut(index, window, source) is not var (end, elements))
            {
                // One statement is longer than the window, or the first row is cut off.
                size *= 2;
                _rows.Keep(window.AsMemory());
                Cuts?.Add(window, null);
                continue;
            }

            _rows.Pass(source, end);
            size = windowSize;
            foreach (var element in elements)
            {
                yield return element;
            }
        }
    }

    private (int End, List<ScriptElement> Elements)? Cut(int index, string window, SqlSource source)
    {
        if (Cuts?.Find(index, window) is { } known)
        {
            return (known.End, ScriptWindow.Elements(known, source, _rows.Offset, _standardStrings));
        }

        var split = SqlSplitter.Split(TextToSplit?.Invoke(window, text.IsAtEnd) ?? window, _standardStrings);
        var rows = FindRows(split);
        var end = rows?.Offset ?? (text.IsAtEnd ? window.Length : EndOfLastStatement(split, window));
        if (end == 0 || (rows is { } first && !text.IsAtEnd && !window.AsSpan(first.Offset).Contains('\n')))
        {
            return null;
        }

        var cut = new ScriptWindow(source, split, _rows.Offset);
        var elements = cut.Elements(end, _standardStrings, out _standardStrings);
        Cuts?.Add(window, rows is null ? cut.ToRemember(end, _standardStrings) : null);
        if (rows is not null)
        {
            AttachRows(elements, source, end);
        }

        return (end, elements);
    }

    private static SqlPiece? FindRows(SqlSplit split)
    {
        foreach (var piece in split.Pieces)
        {
            if (piece.Kind == SqlPieceKind.CopyData)
            {
                return piece;
            }
        }

        return null;
    }

    // A statement that ends with its semicolon is complete, whatever follows; a COPY has its rows after it, though.
    private static int EndOfLastStatement(SqlSplit split, string window)
    {
        for (var i = split.Pieces.Count - 1; i >= 0; i--)
        {
            var piece = split.Pieces[i];
            var end = piece.Offset + piece.Length;
            if (piece.Kind == SqlPieceKind.Statement && piece.Offset != split.Unfinished && split.Text[end - 1] == ';'
                && !CopyRows.AreReadBy(split.Text.AsSpan(piece.Offset, piece.Length), true, out var _))
            {
                // A line that was replaced by a semicolon is skipped as a whole.
                return window[end - 1] == ';' ? end : RowReader.EndOfLine(window, end);
            }
        }

        return 0;
    }

    private void AttachRows(List<ScriptElement> elements, SqlSource source, int start)
    {
        var readers = Enumerable.Range(0, elements.Count)
            .Where(index => elements[index] is ScriptElement.Statement statement
                && CopyRows.AreNamedBy(statement.Text)
                && StatementText.ReadsRowsAt(statement.Value, start))
            .ToList();
        if (readers is [.., var last])
        {
            var (line, _) = source.PositionOf(start);
            var copy = ((ScriptElement.Statement)elements[last]).Value;
            elements[last] = new ScriptElement.Statement(copy with { Rows = new SqlRows(_rows.Take(), line) })
            {
                Start = elements[last].Start,
            };
        }

        if (readers.Count > 1)
        {
            elements.Add(new ScriptElement.Fault(source.Problem(
                ErrorCodes.CopyNotSupported,
                "Two COPY commands on one line read from the same rows. Write each on a line of its own.",
                start), IsOfText: false));
        }
    }
}
