using System.Buffers;

namespace PgMigrate.Sql;

/// <summary>
/// Counts the rows that COPY is sent: the driver does not tell what the server counted. A WHERE clause or ON_ERROR may
/// store fewer.
/// </summary>
internal sealed class CopyRowCounter
{
    private static readonly SearchValues<byte> TextMarks = SearchValues.Create("\n\\"u8);

    private readonly bool _isCsv;
    private readonly byte _quote;
    private readonly byte _escape;
    private readonly SearchValues<byte> _marks;
    private bool _isQuoted;
    private bool _isEscaped;
    private bool _isInRow;
    private long _rows;

    /// <summary>Counts by the rules of one COPY: in CSV a quoted line end belongs to its value.</summary>
    public CopyRowCounter(string command)
    {
        var words = SqlWords.Leading(command, int.MaxValue).ToList();
        var from = Math.Max(0, words.LastIndexOf("FROM"));
        var options = words.Skip(from).Select(word => word.ToUpperInvariant()).ToList();
        _isCsv = options.Exists(word => word.Trim('\'', '"') == "CSV");
        _quote = Option("QUOTE") ?? (byte)'"';
        _escape = Option("ESCAPE") ?? _quote;
        _marks = _isCsv ? SearchValues.Create([(byte)'\n', _quote, _escape]) : TextMarks;
        // HEADER, HEADER true, HEADER MATCH: anything but an explicit no.
        var header = options.IndexOf("HEADER");
        _rows = header >= 0 && options.ElementAtOrDefault(header + 1) is not ("FALSE" or "OFF" or "0") ? -1 : 0;

        // A mark is one byte; the server refuses any other.
        byte? Option(string name)
        {
            var value = options.IndexOf(name) + 1;
            value += value > 0 && options.ElementAtOrDefault(value) == "AS" ? 1 : 0;
            return value > 0 && options.ElementAtOrDefault(value)?.TrimStart('E') is ['\'', var mark, .., '\'']
                && char.IsAscii(mark)
                ? (byte)mark
                : null;
        }
    }

    /// <summary>Rows so far; a last one without a line end counts too.</summary>
    public long Rows => Math.Max(0, _rows + (_isInRow ? 1 : 0));

    /// <summary>Takes the next part of the data.</summary>
    public void Take(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (_isEscaped)
            {
                _isEscaped = false;
                _isInRow = true;
                text = text[1..];
                continue;
            }

            var index = text.IndexOfAny(_marks);
            _isInRow |= index != 0;
            if (index < 0)
            {
                return;
            }

            TakeMark(text[index]);
            text = text[(index + 1)..];
        }
    }

    private void TakeMark(byte mark)
    {
        if (mark == (byte)'\n' && !_isQuoted)
        {
            _rows++;
            _isInRow = false;
        }
        else if (mark == _quote && _isCsv)
        {
            // A doubled quote closes and opens again.
            _isQuoted = !_isQuoted;
            _isInRow = true;
        }
        else
        {
            _isEscaped = mark != (byte)'\n' && (!_isCsv || _isQuoted);
            _isInRow = true;
        }
    }
}
