using System.Text;
using System.Text.Unicode;

namespace PgMigrate.Files;

/// <summary>
/// The checksum rule, defined once: SHA-256 over UTF-8 without BOM, CRLF as LF, outer whitespace trimmed.
/// </summary>
internal static class MigrationChecksum
{
    /// <summary>The blanks of ASCII.</summary>
    internal static ReadOnlySpan<byte> PlainBlanks => " \t\n\v\f"u8;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<char> text) => DigestOf(text).ToString();

    /// <summary>The same as bytes.</summary>
    internal static Sha256Digest DigestOf(ReadOnlySpan<char> text)
    {
        var trimmed = text.Trim();
        var bytes = new byte[Encoding.UTF8.GetByteCount(trimmed)];
        Encoding.UTF8.GetBytes(trimmed, bytes);
        return Sha256Digest.Of(bytes);
    }

    /// <summary>
    /// The same for the bytes of a file, without decoding them; null when they are not plain UTF-8 with LF, and have to
    /// be decoded first.
    /// </summary>
    internal static Sha256Digest? TryOfBytes(ReadOnlySpan<byte> bytes)
    {
        var trimmed = bytes.Trim(PlainBlanks);
        // Outside ASCII there are more kinds of blanks, and the byte order marks.
        var isPlain = !trimmed.IsEmpty && trimmed[0] < 0x80 && trimmed[^1] < 0x80
            && !bytes.ContainsAny((byte)'\r', (byte)0)
            && Utf8.IsValid(bytes);
        return isPlain ? Sha256Digest.Of(trimmed) : null;
    }
}
