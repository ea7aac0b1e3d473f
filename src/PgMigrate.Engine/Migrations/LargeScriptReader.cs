using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Something of a large file, in its order.</summary>
internal abstract record LargeElement
{
    public sealed record Statement(SqlStatement Value) : LargeElement;

    public sealed record Command(PsqlLine Value) : LargeElement;

    /// <summary>A line comment; its offset counts from the start of the file, in UTF-16 units.</summary>
    public sealed record Comment(SqlSource Source, SqlLineComment Value, long Offset) : LargeElement;

    public sealed record Fault(MigrationProblem Problem) : LargeElement;
}

/// <summary>
/// Cuts a large file into statements without holding it: a window of text is cut, what is complete in it is given out,
/// and the rest starts the next window. Rows of COPY are passed through.
/// </summary>
internal sealed class LargeScriptReader(
    MigrationTextStream text, string fileName, string filePath, int windowSize = LargeScriptReader.WindowSize)
{
    /// <summary>Characters that are looked at together, as long as no statement is longer.</summary>
    public const int WindowSize = 512 * 1024;

    private string _rest = "";
    private long _offset;
    private int _line = 1;
    private int _column = 1;
    private bool _standardStrings = true;
    private bool _hasRows;

    /// <summary>Goes through the file once.</summary>
    public IEnumerable<LargeElement> Read()
    {
        var size = windowSize;
        while (true)
        {
            DropRows();
            var window = Fill(size);
            if (window.Length == 0)
            {
                yield break;
            }

            var source = new SqlSource(fileName, filePath, window) { FirstLine = _line, FirstColumn = _column };
            var split = SqlSplitter.Split(window, _standardStrings);
            var rows = FindRows(split);
            var end = rows?.Offset ?? (text.IsAtEnd ? window.Length : EndOfLastStatement(split));
            if (end == 0 || (rows is { } first && !text.IsAtEnd && !window.AsSpan(first.Offset).Contains('\n')))
            {
                // One statement is longer than the window, or the first row is cut off.
                size *= 2;
                _rest = window;
                continue;
            }

            var elements = Elements(split, source, end, rows is not null);
            _offset += end;
            (_line, _column) = source.PositionOf(end);
            _rest = window[end..];
            size = windowSize;
            foreach (var element in elements)
            {
                yield return element;
            }
        }
    }

    private string Fill(int size)
    {
        if (_rest.Length >= size || text.IsAtEnd)
        {
            return _rest;
        }

        return string.Concat(_rest, text.Read(size - _rest.Length));
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

    // A statement that ends with its semicolon stays what it is, whatever follows; COPY has its rows behind it, though.
    private static int EndOfLastStatement(SqlSplit split)
    {
        for (var i = split.Pieces.Count - 1; i >= 0; i--)
        {
            var piece = split.Pieces[i];
            var end = piece.Offset + piece.Length;
            if (piece.Kind == SqlPieceKind.Statement && piece.Offset != split.Unfinished && split.Text[end - 1] == ';'
                && !CopyRows.AreReadBy(split.Text.AsSpan(piece.Offset, piece.Length), true, out var _))
            {
                return end;
            }
        }

        return 0;
    }

    private List<LargeElement> Elements(SqlSplit split, SqlSource source, int end, bool hasRows)
    {
        var elements = new List<LargeElement>();
        var isNamed = !_standardStrings
            || split.Text.Contains("standard_conforming_strings", StringComparison.OrdinalIgnoreCase);
        var statements = new Queue<SqlStatement>(split.Statements(new SqlRange(0, end)));
        var comments = new Queue<SqlLineComment>(split.LineComments.Where(comment => comment.Offset < end));
        foreach (var piece in split.PiecesIn(new SqlRange(0, end)))
        {
            while (comments.TryPeek(out var comment) && comment.Offset < piece.Offset + piece.Length)
            {
                elements.Add(new LargeElement.Comment(source, comments.Dequeue(), _offset + comment.Offset));
            }

            if (piece.Kind == SqlPieceKind.Statement)
            {
                var statement = statements.Dequeue() with { Source = source, StandardStrings = _standardStrings };
                if (isNamed)
                {
                    _standardStrings = StandardStringsSetting.After(statement.Text, _standardStrings, sessionDefault: true);
                }

                if (split.Escapes.Count == 0)
                {
                    elements.Add(new LargeElement.Statement(statement));
                }
                else
                {
                    elements.AddRange(ScriptParser.Unjoin(statement, split, source)
                        .Select(one => new LargeElement.Statement(one)));
                }
            }
            else if (piece.Kind == SqlPieceKind.PsqlCommand)
            {
                elements.Add(new LargeElement.Command(PsqlLine.Read(source, piece, 0)));
            }
        }

        if (split.Error is { } error && error.Offset < end)
        {
            elements.Add(new LargeElement.Fault(source.Problem(error.Code, error.Message, error.Offset)));
        }

        if (hasRows)
        {
            AttachRows(elements, source, end);
        }

        return elements;
    }

    private void AttachRows(List<LargeElement> elements, SqlSource source, int start)
    {
        var readers = Enumerable.Range(0, elements.Count)
            .Where(index => elements[index] is LargeElement.Statement { Value: var statement }
                && ScriptParser.ReadsRowsAt(statement, start))
            .ToList();
        if (readers is [.., var last])
        {
            _hasRows = true;
            var (line, _) = source.PositionOf(start);
            var copy = ((LargeElement.Statement)elements[last]).Value;
            elements[last] = new LargeElement.Statement(copy with { Rows = new SqlRows(TakeRows(), line) });
        }

        if (readers.Count > 1)
        {
            elements.Add(new LargeElement.Fault(source.Problem(
                "CopyNotSupported",
                "Two COPY commands in one line read from the same rows. Write each on a line of its own.",
                start)));
        }
    }

    private void DropRows()
    {
        foreach (var _ in TakeRows())
        {
            // Nobody wanted them.
        }
    }

    // Gives out whole lines, so that the closing backslash-dot is never cut in two.
    private IEnumerable<ReadOnlyMemory<char>> TakeRows()
    {
        while (_hasRows)
        {
            var window = Fill(windowSize);
            var length = CopyRows.Length(window);
            var isClosed = length >= 2 && window.AsSpan(0, length).EndsWith("\\.")
                && (length == 2 || window[length - 3] == '\n')
                && (length < window.Length || text.IsAtEnd);
            var rows = isClosed ? length - 2 : text.IsAtEnd ? window.Length : window.LastIndexOf('\n') + 1;
            var end = isClosed ? EndOfLine(window, length) : rows;
            if (end == 0 && !text.IsAtEnd)
            {
                _rest = string.Concat(window, text.Read(window.Length + windowSize));
                continue;
            }

            _hasRows = !isClosed && !(text.IsAtEnd && end == window.Length);
            _line += window.AsSpan(0, end).Count('\n');
            _column = 1;
            _offset += end;
            _rest = window[end..];
            yield return window.AsMemory(0, rows);
        }
    }

    private static int EndOfLine(string window, int start)
    {
        var end = window.IndexOf('\n', start);
        return end < 0 ? window.Length : end + 1;
    }
}
