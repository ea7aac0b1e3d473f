using System.Buffers;
using System.Security.Cryptography;

namespace PgMigrate.Files;

/// <summary>
/// The checksum rule for bytes that arrive in parts and are plain UTF-8 with LF: trailing blanks are held back until
/// more follows.
/// </summary>
internal sealed class PlainHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _blanks = new();

    /// <summary>The last non-blank byte; 0 before the first.</summary>
    public byte Last { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var start = Last == 0 ? bytes.TrimStart(MigrationChecksum.PlainBlanks) : bytes;
        var body = start.TrimEnd(MigrationChecksum.PlainBlanks);
        if (!body.IsEmpty)
        {
            _hash.AppendData(_blanks.WrittenSpan);
            _blanks.ResetWrittenCount();
            _hash.AppendData(body);
            Last = body[^1];
        }

        if (Last != 0)
        {
            _blanks.Write(start[body.Length..]);
        }
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Finish() => Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();

    public void Dispose() => _hash.Dispose();
}
