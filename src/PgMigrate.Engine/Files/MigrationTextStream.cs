using System.Buffers;
using System.Text;

namespace PgMigrate.Files;

/// <summary>
/// Reads the text of a large file in parts, as <see cref="MigrationText"/> reads a small one as a whole.
/// </summary>
internal sealed class MigrationTextStream : TextSource
{
    private const int ByteBuffer = 64 * 1024;
    private readonly StreamReader _reader;
    private readonly TrimmedHash? _hash;
    private bool _heldCarriageReturn;

    /// <summary>Opens a file; the checksum costs time and is optional.</summary>
    public MigrationTextStream(string path, bool withChecksum)
    {
        _hash = withChecksum ? new TrimmedHash() : null;
        var file = new FileStream(path, new FileStreamOptions
        {
            Options = FileOptions.SequentialScan,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 1,
        });
        // A byte order mark selects UTF-16; without one only UTF-8 is accepted.
        _reader = new StreamReader(file, new UTF8Encoding(false, true), detectEncodingFromByteOrderMarks: true,
            ByteBuffer);
    }

    public override string Continue(ReadOnlyMemory<char> text, int count)
    {
        var buffer = ArrayPool<char>.Shared.Rent(count + 1);
        try
        {
            var length = 0;
            if (_heldCarriageReturn)
            {
                buffer[length++] = '\r';
                _heldCarriageReturn = false;
            }

            while (length < count && _reader.Read(buffer.AsSpan(length, count - length)) is var more and > 0)
            {
                length += more;
            }

            IsAtEnd = length < count;
            if (!IsAtEnd && buffer[length - 1] == '\r')
            {
                _heldCarriageReturn = true;
                length--;
            }

            var read = Clean(buffer.AsSpan(0, length));
            return text.IsEmpty ? read : string.Concat(text.Span, read);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("The file contains bytes that are not text.", e);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    public override string Finish()
    {
        while (!IsAtEnd)
        {
            Read(ByteBuffer);
        }

        return _hash?.Finish() ?? throw new InvalidOperationException("No checksum was requested.");
    }

    protected override void Dispose(bool disposing)
    {
        _reader.Dispose();
        _hash?.Dispose();
    }

    private string Clean(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
        {
            throw new InvalidDataException("The file contains a NUL character.");
        }

        var clean = text.ToString();
        if (clean.Contains('\r', StringComparison.Ordinal))
        {
            clean = clean.Replace("\r\n", "\n", StringComparison.Ordinal);
        }

        _hash?.Append(clean);
        return clean;
    }
}
