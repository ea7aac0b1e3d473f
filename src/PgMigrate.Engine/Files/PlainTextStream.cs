using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PgMigrate.Files;

/// <summary>
/// Reads a large file of plain UTF-8 with LF, as its first reading found it. Nothing is translated, so the bytes are
/// hashed, and COPY rows sent, as they are. A file that is no longer plain has another checksum.
/// </summary>
internal sealed class PlainTextStream : TextSource
{
    private const int RowsBuffer = 256 * 1024;
    private const int LongestCharacter = 4;
    private static readonly UTF8Encoding Strict = new(false, true);

    private readonly SafeFileHandle _file;
    private readonly PlainHash? _hash;
    private readonly int _rowsBuffer;
    private byte[] _bytes = [];
    private long _offset;
    private long _hashed;

    /// <summary>Opens a file; the checksum costs time and is optional.</summary>
    public PlainTextStream(string path, bool withChecksum, int rowsBuffer = RowsBuffer)
    {
        _file = File.OpenHandle(
            path, share: FileShare.ReadWrite | FileShare.Delete, options: FileOptions.SequentialScan);
        _hash = withChecksum ? new PlainHash() : null;
        _rowsBuffer = Math.Max(rowsBuffer, LongestCharacter);
    }

    public override bool HasBytes => true;

    public override string Continue(ReadOnlyMemory<char> text, int count)
    {
        var bytes = Fill(Math.Max(count, LongestCharacter));
        var cut = IsAtEnd ? 0 : PlainFileChecksum.CutCharacter(bytes.Span);
        bytes = bytes[..^cut];
        Take(bytes.Span);
        try
        {
            return string.Create(text.Length + Strict.GetCharCount(bytes.Span), (text, bytes), (all, parts) =>
            {
                parts.text.Span.CopyTo(all);
                Strict.GetChars(parts.bytes.Span, all[parts.text.Length..]);
            });
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("The file contains bytes that are not text.", e);
        }
    }

    public override IEnumerable<ReadOnlyMemory<byte>> ReadRows(ReadOnlyMemory<char> unused)
    {
        _offset -= Strict.GetByteCount(unused.Span);
        IsAtEnd = false;
        WereRowsClosed = false;
        var startsLine = true;
        while (!IsAtEnd)
        {
            var window = Fill(_rowsBuffer);
            var close = FindClose(window.Span, startsLine);
            if (close >= 0)
            {
                yield return window[..close];
                Take(window.Span[..Math.Min(window.Length, close + 3)]);
                IsAtEnd = IsAtEnd && close + 3 >= window.Length;
                WereRowsClosed = true;
                yield break;
            }

            // The closing line must not be split: whole lines are returned, unless one is longer than the buffer.
            var lines = IsAtEnd ? window.Length : window.Span.LastIndexOf((byte)'\n') + 1;
            startsLine = lines > 0;
            window = lines > 0 ? window[..lines] : window[..^PlainFileChecksum.CutCharacter(window.Span)];
            yield return window;
            Take(window.Span);
        }
    }

    public override string Finish()
    {
        while (!IsAtEnd)
        {
            Take(Fill(RowsBuffer).Span);
        }

        return _hash?.Finish() ?? throw new InvalidOperationException("No checksum was requested.");
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        _hash?.Dispose();
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    // Start of a line that is only a backslash-dot; negative when there is none.
    private int FindClose(ReadOnlySpan<byte> window, bool startsLine)
    {
        if (startsLine && IsClose(window))
        {
            return 0;
        }

        for (var start = 0; window[start..].IndexOf("\n\\."u8) is var found and >= 0; start += found + 1)
        {
            if (IsClose(window[(start + found + 1)..]))
            {
                return start + found + 1;
            }
        }

        return -1;
    }

    private bool IsClose(ReadOnlySpan<byte> line) =>
        line.StartsWith("\\.\n"u8) || (IsAtEnd && line.SequenceEqual("\\."u8));

    private ReadOnlyMemory<byte> Fill(int count)
    {
        if (_bytes.Length < count)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(count);
        }

        var length = 0;
        while (length < count
            && RandomAccess.Read(_file, _bytes.AsSpan(length, count - length), _offset + length) is var read and > 0)
        {
            length += read;
        }

        IsAtEnd = length < count;
        return _bytes.AsMemory(0, length);
    }

    // What is returned to the buffer is read twice and hashed once.
    private void Take(ReadOnlySpan<byte> bytes)
    {
        var known = (int)Math.Clamp(_hashed - _offset, 0, bytes.Length);
        _hash?.Append(bytes[known..]);
        _offset += bytes.Length;
        _hashed = Math.Max(_hashed, _offset);
    }
}
