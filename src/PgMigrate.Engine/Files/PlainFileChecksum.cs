using System.Text.Unicode;

namespace PgMigrate.Files;

/// <summary>
/// The checksum of a large file by the rule of <see cref="MigrationChecksum"/>, from its bytes alone.
/// </summary>
internal static class PlainFileChecksum
{
    // It is read three times, best from the processor's cache.
    private const int BufferSize = 128 * 1024;
    private const int LongestCharacter = 4;

    /// <summary>Null when the file is not plain UTF-8 with LF, and has to be decoded first.</summary>
    public static string? TryOf(string path, int bufferSize = BufferSize)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var hash = new PlainHash();
        var buffer = new byte[bufferSize + LongestCharacter];
        long offset = 0;
        var cut = 0;
        while (RandomAccess.Read(file, buffer.AsSpan(cut), offset) is var read and > 0)
        {
            offset += read;
            ReadOnlySpan<byte> window = buffer.AsSpan(0, cut + read);
            cut = CutCharacter(window);
            var text = window[..^cut];
            if (text.ContainsAny((byte)'\r', (byte)0) || !Utf8.IsValid(text))
            {
                return null;
            }

            if (hash.Last == 0 && text.TrimStart(MigrationChecksum.PlainBlanks) is [>= 0x80, ..])
            {
                return null; // a byte order mark, or a blank of another alphabet
            }

            hash.Append(text);
            window[^cut..].CopyTo(buffer);
        }

        return hash.Last is > 0 and < 0x80 && cut == 0 ? hash.Finish() : null;
    }

    /// <summary>How many bytes at the end belong to a character that the next part completes.</summary>
    public static int CutCharacter(ReadOnlySpan<byte> text)
    {
        for (var length = 1; length < LongestCharacter && length <= text.Length; length++)
        {
            var first = text[^length];
            if (first >= 0xC0)
            {
                var whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
                return length < whole ? length : 0;
            }

            if (first < 0x80)
            {
                return 0;
            }
        }

        return 0;
    }
}
