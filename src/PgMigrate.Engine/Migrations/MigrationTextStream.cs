using System.Buffers;
using System.Text;

namespace PgMigrate.Migrations;

/// <summary>Reads the text of a large file part by part, as <see cref="MigrationText"/> reads a small one at once.</summary>
internal sealed class MigrationTextStream : IDisposable
{
    private const int ByteBuffer = 64 * 1024;
    private readonly StreamReader _reader;
    private readonly TrimmedHash? _hash;
    private bool _heldCarriageReturn;

    /// <summary>Opens a file; a checksum costs time, and not everybody needs one.</summary>
    public MigrationTextStream(string path, bool withChecksum)
    {
        _hash = withChecksum ? new TrimmedHash() : null;
        var file = new FileStream(path, new FileStreamOptions
        {
            Options = FileOptions.SequentialScan,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 1,
        });
        // A byte order mark chooses UTF-16; without one nothing but UTF-8 is accepted.
        _reader = new StreamReader(file, new UTF8Encoding(false, true), detectEncodingFromByteOrderMarks: true, ByteBuffer);
    }

    /// <summary>True when everything was read.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>The next characters, line ends as LF; empty at the end.</summary>
    /// <exception cref="InvalidDataException">They are not text.</exception>
    public string Read(int count)
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

            while (length < count && _reader.Read(buffer.AsSpan(length, count - length)) is var read and > 0)
            {
                length += read;
            }

            IsAtEnd = length < count;
            if (!IsAtEnd && buffer[length - 1] == '\r')
            {
                _heldCarriageReturn = true;
                length--;
            }

            return Finish(buffer.AsSpan(0, length));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("The file holds bytes that are not text.", e);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>Checksum of everything that was read.</summary>
    public string Checksum() => _hash?.Finish() ?? throw new InvalidOperationException("No checksum was asked for.");

    public void Dispose()
    {
        _reader.Dispose();
        _hash?.Dispose();
    }

    private string Finish(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
        {
            throw new InvalidDataException("The file holds a NUL character.");
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
