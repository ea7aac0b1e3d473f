using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PgMigrate.Files;

/// <summary>
/// A SHA-256 checksum as its 32 bytes. As text it takes five times the memory, which thousands of unchanged files do
/// not need.
/// </summary>
/// <param name="First">Its first half, as in memory.</param>
/// <param name="Second">Its second half.</param>
internal readonly record struct Sha256Digest(UInt128 First, UInt128 Second)
{
    private const int TextLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>The checksum of these bytes.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> bytes)
    {
        var digest = default(Sha256Digest);
        SHA256.HashData(bytes, MemoryMarshal.AsBytes(new Span<Sha256Digest>(ref digest)));
        return digest;
    }

    /// <summary>True when this text is the same checksum.</summary>
    public bool IsWrittenAs(ReadOnlySpan<char> text)
    {
        Span<char> own = stackalloc char[TextLength];
        Write(own);
        return text.SequenceEqual(own);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[TextLength];
        Write(text);
        return new string(text);
    }

    private void Write(Span<char> text)
    {
        const string Digits = "0123456789abcdef";
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<Sha256Digest>(in this));
        for (var i = 0; i < bytes.Length; i++)
        {
            text[2 * i] = Digits[bytes[i] >> 4];
            text[(2 * i) + 1] = Digits[bytes[i] & 0xF];
        }
    }
}
