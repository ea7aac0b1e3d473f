using System.Security.Cryptography;
using System.Text;

namespace PgMigrate.Migrations;

/// <summary>The checksum rule, in one place: SHA-256 over UTF-8 without BOM, CRLF as LF, outer whitespace trimmed.</summary>
public static class MigrationChecksum
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var trimmed = text.Trim();
        var bytes = new byte[Encoding.UTF8.GetByteCount(trimmed)];
        Encoding.UTF8.GetBytes(trimmed, bytes);
        return Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();
    }
}
