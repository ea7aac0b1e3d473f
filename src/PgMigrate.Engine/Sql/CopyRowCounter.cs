using System.Buffers;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Sql;

/// <summary>
/// Counts the rows that are sent to COPY: the driver does not return the server's count. A WHERE clause or ON_ERROR may
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
        var options = new StatementReading(command).Copy;
        _isCsv = options.IsCsv;
        // The server rejects a value that is not one byte.
        _quote = options.Quote is { } quote && char.IsAscii(quote) ? (byte)quote : (byte)'"';
        _escape = options.Escape is { } escape && char.IsAscii(escape) ? (byte)escape : _quote;
        _marks = _isCsv ? SearchValues.Create([(byte)'\n', _quote, _escape]) : TextMarks;
        _rows = options.HasHeader ? -1 : 0;
    }

    /// <summary>Rows so far; a last row without a line end counts too.</summary>
    public long Rows => Math.Max(0, _rows + (_isInRow ? 1 : 0));

    /// <summary>Counts the next part of the data.</summary>
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
