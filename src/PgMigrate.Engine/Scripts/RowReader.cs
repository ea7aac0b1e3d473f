using System.Text;
using PgMigrate.Files;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>
/// The reading position in a file: what was read and not used yet, and the rows of a COPY that the sender reads or that
/// are skipped.
/// </summary>
internal sealed class RowReader(TextSource text, string fileName, string filePath, int windowSize)
{
    private const int ClosingLine = 3;

    // What was read and not returned, a part of the last window.
    private ReadOnlyMemory<char> _rest;
    private int _line = 1;
    private int _column = 1;
    private bool _hasRows;
    private bool _isClosed;

    /// <summary>Offset of the next character, in UTF-16 units from the start of the file.</summary>
    public long Offset { get; private set; }

    /// <summary>The next window: about so many characters.</summary>
    public string Fill(int size) => _rest.Length >= size || text.IsAtEnd
        ? _rest.ToString()
        : text.Continue(_rest, size - _rest.Length);

    /// <summary>A window as the text that offsets refer to.</summary>
    public SqlSource SourceOf(string window) =>
        new(fileName, filePath, window) { FirstLine = _line, FirstColumn = _column };

    /// <summary>Keeps what was read for the next window.</summary>
    public void Keep(ReadOnlyMemory<char> rest) => _rest = rest;

    /// <summary>Continues after an offset of a window.</summary>
    public void Pass(SqlSource window, int end)
    {
        Offset += end;
        (_line, _column) = window.PositionOf(end);
        _rest = window.Text.AsMemory(end);
    }

    /// <summary>The rows that start here; they are read on request, or skipped.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Take()
    {
        _hasRows = true;
        return Remaining();
    }

    /// <summary>Skips the rows that were not read, and returns the lines that a line-based reader would see.</summary>
    public IEnumerable<ScriptElement> Skip()
    {
        if (!_hasRows)
        {
            yield break;
        }

        var start = Place(_line);
        var hasMarker = false;
        var startsLine = true;
        var line = _line;
        foreach (var part in Remaining())
        {
            foreach (var (text, lines) in DashedLines.In(part, startsLine))
            {
                hasMarker |= CommentHeading.IsMarkerLine(text);
                yield return new ScriptElement.Row(text, Place(line + lines));
            }

            line += part.Span.Count((byte)'\n');
            startsLine = part.Span is [.., (byte)'\n'];
        }

        if (!_isClosed)
        {
            yield return new ScriptElement.Fault(DashedLines.Unended(start, hasMarker), IsOfText: false);
        }
    }

    /// <summary>Offset after the line that contains an offset.</summary>
    public static int EndOfLine(ReadOnlySpan<char> window, int start)
    {
        var length = window[start..].IndexOf('\n');
        return length < 0 ? window.Length : start + length + 1;
    }

    private MigrationProblem Place(int line) => new()
    {
        Code = "",
        Message = "",
        FileName = fileName,
        FilePath = filePath,
        Line = line,
        Column = 1,
    };

    private IEnumerable<ReadOnlyMemory<byte>> Remaining()
    {
        // Rows that end within what was read need not be read from the bytes again.
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
            Offset += Encoding.UTF8.GetCharCount(rows.Span);
            yield return rows;
        }

        _hasRows = false;
        _isClosed = text.WereRowsClosed;
        _line++;
        _column = 1;
        Offset += ClosingLine;
    }

    // Returns whole lines, so that the closing backslash-dot is never split.
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

            _isClosed = isClosed;
            _hasRows = !isClosed && !(text.IsAtEnd && end == window.Length);
            _line += SqlPosition.LineEnds(window.Span, 0, end);
            _column = 1;
            Offset += end;
            _rest = window[end..];
            yield return window[..rows];
        }
    }
}
