using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Files;

/// <summary>Decodes the bytes of a file into the text that is hashed and run.</summary>
internal static class MigrationText
{
    /// <summary>Code of the problem of an empty file.</summary>
    internal const string Empty = ErrorCodes.FileEmpty;

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>
    /// UTF-8 with or without BOM, or UTF-16 with one; CRLF becomes LF. False with a message that names line and byte
    /// when the bytes are not text.
    /// </summary>
    public static bool TryDecode(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out string? text,
        [NotNullWhen(false)] out (string Code, string Message, int? Line)? problem)
    {
        problem = null;
        text = null;
        try
        {
            text = bytes switch
            {
                [0xEF, 0xBB, 0xBF, ..] => StrictUtf8.GetString(bytes[3..]),
                [0xFF, 0xFE, ..] => new UnicodeEncoding(false, false, true).GetString(bytes[2..]),
                [0xFE, 0xFF, ..] => new UnicodeEncoding(true, false, true).GetString(bytes[2..]),
                _ => StrictUtf8.GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            problem = DescribeInvalid(bytes);
            return false;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            var (line, _) = SqlPosition.At(text, text.IndexOf('\0', StringComparison.Ordinal));
            problem = (ErrorCodes.FileEncoding, "The text contains a NUL character, which PostgreSQL does not accept. "
                + "Is it UTF-16 without a byte order mark? Save it as UTF-8.", line);
            return false;
        }

        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (string.IsNullOrWhiteSpace(text))
        {
            problem = (Empty, "The file is empty. Write its SQL, or delete it.", null);
            return false;
        }

        return true;
    }

    private static (string Code, string Message, int? Line) DescribeInvalid(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return (ErrorCodes.FileEncoding, "The file starts like UTF-16 but does not continue so. Save it as "
                + "UTF-8.", null);
        }

        var offset = 0;
        var line = 1;
        var last = default(Rune);
        while (Rune.DecodeFromUtf8(bytes[offset..], out var rune, out var consumed)
            == System.Buffers.OperationStatus.Done)
        {
            offset += consumed;
            line += rune.Value == '\r' || (rune.Value == '\n' && last.Value != '\r') ? 1 : 0;
            last = rune;
        }

        var message = string.Create(CultureInfo.InvariantCulture,
            $"Byte 0x{bytes[offset]:X2} at byte offset {offset} is not UTF-8. Save the file as UTF-8.");
        return (ErrorCodes.FileEncoding, message, line);
    }
}
