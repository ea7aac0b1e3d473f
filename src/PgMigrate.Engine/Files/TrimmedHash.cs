using System.Security.Cryptography;
using System.Text;

namespace PgMigrate.Files;

/// <summary>
/// The checksum rule for a text that arrives in parts: trailing blanks are held back until more follows.
/// </summary>
internal sealed class TrimmedHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly StringBuilder _blanks = new();
    private byte[] _bytes = [];
    private bool _hasStarted;

    public void Append(ReadOnlySpan<char> text)
    {
        var start = _hasStarted ? text : text.TrimStart();
        var body = start.TrimEnd();
        if (body.Length > 0)
        {
            foreach (var chunk in _blanks.GetChunks())
            {
                Add(chunk.Span);
            }

            _blanks.Clear();
            Add(body);
            _hasStarted = true;
        }

        if (_hasStarted)
        {
            _blanks.Append(start[body.Length..]);
        }
    }

    /// <summary>The checksum of what was appended so far; more can follow.</summary>
    public string Current => Convert.ToHexString(_hash.GetCurrentHash()).ToLowerInvariant();

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Finish() => Convert.ToHexString(_hash.GetHashAndReset()).ToLowerInvariant();

    public void Dispose() => _hash.Dispose();

    private void Add(ReadOnlySpan<char> text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_bytes.Length < most)
        {
            _bytes = new byte[most];
        }

        _hash.AppendData(_bytes, 0, _encoder.GetBytes(text, _bytes, flush: false));
    }
}
