using System.Text;
using PgMigrate.Files;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>
/// Cuts a large file into statements without holding it: a window of text is cut, what is complete in it is given out,
/// and the rest starts the next window. Rows of COPY are passed through.
/// </summary>
internal sealed class LargeScriptReader(
    LargeText text, string fileName, string filePath, int windowSize = LargeScriptReader.WindowSize)
{
    /// <summary>Characters that are looked at together, as long as no statement is longer.</summary>
    public const int WindowSize = 512 * 1024;

    private const int ClosingLine = 3;

    // What was read and not given out, a part of the last window.
    private ReadOnlyMemory<char> _rest;
    private long _offset;
    private int _line = 1;
    private int _column = 1;
    private bool _standardStrings = true;
    private bool _hasRows;

    /// <summary>What an earlier reading remembers, or this one is to remember; null for neither.</summary>
    public LargeCuts? Cuts { get; init; }

    /// <summary>Makes of a window the text to cut, of the same length; told whether the file ends with it.</summary>
    public Func<string, bool, string>? TextToSplit { get; init; }

    /// <summary>Goes through the file once.</summary>
    public IEnumerable<ScriptElement> Read()
    {
        var size = windowSize;
        for (var index = 0; ; index++)
        {
            DropRows();
            var window = Fill(size);
            if (window.Length == 0)
            {
                Cuts?.Complete();
                yield break;
            }

            var source = new SqlSource(fileName, filePath, window) { FirstLine = _line, FirstColumn = _column };
            int end;
            List<ScriptElement> elements;
            if (Cuts?.Find(index, window) is { } known)
            {
                end = known.End;
                elements = Merge(known, [], null, source, namesSetting: false);
            }
            else
            {
                var split = SqlSplitter.Split(TextToSplit?.Invoke(window, text.IsAtEnd) ?? window, _standardStrings);
                var rows = FindRows(split);
                end = rows?.Offset ?? (text.IsAtEnd ? window.Length : EndOfLastStatement(split, window));
                if (end == 0 || (rows is { } first && !text.IsAtEnd && !window.AsSpan(first.Offset).Contains('\n')))
                {
                    // One statement is longer than the window, or the first row is cut off.
                    size *= 2;
                    _rest = window.AsMemory();
                    Cuts?.Add(window, null);
                    continue;
                }

                elements = Elements(split, source, end, rows is not null);
            }

            _offset += end;
            (_line, _column) = source.PositionOf(end);
            _rest = window.AsMemory(end);
            size = windowSize;
            foreach (var element in elements)
            {
                yield return element;
            }
        }
    }

    private string Fill(int size) => _rest.Length >= size || text.IsAtEnd
        ? _rest.ToString()
        : text.Continue(_rest, size - _rest.Length);

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
    private static int EndOfLastStatement(SqlSplit split, string window)
    {
        for (var i = split.Pieces.Count - 1; i >= 0; i--)
        {
            var piece = split.Pieces[i];
            var end = piece.Offset + piece.Length;
            if (piece.Kind == SqlPieceKind.Statement && piece.Offset != split.Unfinished && split.Text[end - 1] == ';'
                && !CopyRows.AreReadBy(split.Text.AsSpan(piece.Offset, piece.Length), true, out var _))
            {
                // A line that was made a semicolon is passed as a whole.
                return window[end - 1] == ';' ? end : EndOfLine(window, end);
            }
        }

        return 0;
    }

    private List<ScriptElement> Elements(SqlSplit split, SqlSource source, int end, bool hasRows)
    {
        var range = new SqlRange(0, end);
        var cut = new LargeCut(
            end,
            [.. split.StatementPieces(range)],
            [.. split.Comments.Where(comment => comment.Offset < end)]);
        var commands = split.PiecesIn(range).Where(piece => piece.Kind == SqlPieceKind.PsqlCommand).ToList();
        var namesSetting = !_standardStrings
            || split.Text.Contains("standard_conforming_strings", StringComparison.OrdinalIgnoreCase);
        var isPlain = !namesSetting && !hasRows && commands.Count == 0 && split.Escapes.Count == 0
            && split.Error is null
            && ReferenceEquals(split.Text, source.Text);
        Cuts?.Add(source.Text, isPlain ? cut : null);
        var elements = Merge(cut, commands, split, source, namesSetting);
        if (split.Error is { } error && error.Offset < end)
        {
            elements.Add(new ScriptElement.Fault(source.Problem(error.Code, error.Message, error.Offset)));
        }

        for (var i = 0; i < end && !ReferenceEquals(split.Text, source.Text); i++)
        {
            if (split.Text[i] != source.Text[i] && split.Text[i] == ';')
            {
                elements.Add(new ScriptElement.End { Start = _offset + i });
            }
        }

        if (hasRows)
        {
            AttachRows(elements, source, end);
        }

        return elements;
    }

    // At once: each statement can change how the strings of the next are read.
    private List<ScriptElement> Merge(
        LargeCut cut, List<SqlPiece> commands, SqlSplit? split, SqlSource source, bool namesSetting) =>
        [.. ScriptElement.InOrder(source, _offset, cut, commands, piece => Statements(piece, split, source, namesSetting))];

    private IEnumerable<ScriptElement> Statements(SqlPiece piece, SqlSplit? split, SqlSource source, bool namesSetting)
    {
        var element = new ScriptElement.Statement(split, source, piece, _standardStrings) { Start = _offset + piece.Offset };
        if (namesSetting)
        {
            _standardStrings = StandardStringsSetting.After(element.Value.Text, _standardStrings, sessionDefault: true);
        }

        return split is null or { Escapes.Count: 0 }
            ? [element]
            : ScriptParser.Unjoin(element.Value, split, source)
                .Select(one => new ScriptElement.Statement(one) { Start = _offset + one.Offset });
    }

    private void AttachRows(List<ScriptElement> elements, SqlSource source, int start)
    {
        var readers = Enumerable.Range(0, elements.Count)
            .Where(index => elements[index] is ScriptElement.Statement statement
                && CopyRows.AreNamedBy(statement.Text)
                && ScriptParser.ReadsRowsAt(statement.Value, start))
            .ToList();
        if (readers is [.., var last])
        {
            _hasRows = true;
            var (line, _) = source.PositionOf(start);
            var copy = ((ScriptElement.Statement)elements[last]).Value;
            elements[last] = new ScriptElement.Statement(copy with { Rows = new SqlRows(TakeRows(), line) })
            {
                Start = elements[last].Start,
            };
        }

        if (readers.Count > 1)
        {
            elements.Add(new ScriptElement.Fault(source.Problem(
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

    private IEnumerable<ReadOnlyMemory<byte>> TakeRows()
    {
        // Rows that end within what was read are not worth going back to their bytes.
        var rows = !_hasRows ? [] : text.HasBytes && !AreRowsClosed() ? TakeBytes() : SqlRows.Encode(TakeLines());
        foreach (var part in rows)
        {
            yield return part;
        }
    }

    private bool AreRowsClosed() => CopyRows.Length(_rest.Span) < _rest.Length;

    private IEnumerable<ReadOnlyMemory<byte>> TakeBytes()
    {
        var unused = _rest;
        _rest = default;
        foreach (var rows in text.ReadRows(unused))
        {
            _line += rows.Span.Count((byte)'\n');
            _offset += Encoding.UTF8.GetCharCount(rows.Span);
            yield return rows;
        }

        _hasRows = false;
        _line++;
        _column = 1;
        _offset += ClosingLine;
    }

    // Gives out whole lines, so that the closing backslash-dot is never cut in two.
    private IEnumerable<ReadOnlyMemory<char>> TakeLines()
    {
        while (_hasRows)
        {
            var window = AreRowsClosed() ? _rest : Fill(windowSize).AsMemory();
            var length = CopyRows.Length(window.Span);
            var isClosed = length >= 2 && window.Span[..length].EndsWith("\\.")
                && (length == 2 || window.Span[length - 3] == '\n')
                && (length < window.Length || text.IsAtEnd);
            var rows = isClosed ? length - 2 : text.IsAtEnd ? window.Length : window.Span.LastIndexOf('\n') + 1;
            var end = isClosed ? EndOfLine(window.Span, length) : rows;
            if (end == 0 && !text.IsAtEnd)
            {
                _rest = text.Continue(window, window.Length + windowSize).AsMemory();
                continue;
            }

            _hasRows = !isClosed && !(text.IsAtEnd && end == window.Length);
            _line += SqlPosition.LineEnds(window.Span, 0, end);
            _column = 1;
            _offset += end;
            _rest = window[end..];
            yield return window[..rows];
        }
    }

    private static int EndOfLine(ReadOnlySpan<char> window, int start)
    {
        var length = window[start..].IndexOf('\n');
        return length < 0 ? window.Length : start + length + 1;
    }
}
