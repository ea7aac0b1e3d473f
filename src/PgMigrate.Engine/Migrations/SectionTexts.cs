using System.Text;
using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>The result of reading a large file a second time: the checksum of UP, and the text of DOWN.</summary>
/// <param name="UpChecksum">SHA-256 of the UP text.</param>
/// <param name="Down">The text of DOWN; null when there is none, or it is too long.</param>
/// <param name="Problems">The problems of the parts.</param>
internal sealed record SectionTexts(string UpChecksum, string? Down, IReadOnlyList<MigrationProblem> Problems)
{
    private const int Chunk = 256 * 1024;
    private const int LongestDown = 4 * 1024 * 1024;

    /// <summary>Reads the file again, unless it has only one part.</summary>
    public static SectionTexts Read(TextFile file, SectionReader sections)
    {
        if (sections.Up == TextRange.Whole)
        {
            return new SectionTexts(file.Checksum, null, []);
        }

        using var hash = new TrimmedHash();
        using var text = file.Open(withChecksum: false);
        var down = sections.Down is null ? null : new StringBuilder();
        for (long offset = 0; !text.IsAtEnd;)
        {
            var chunk = text.Read(Chunk);
            hash.Append(Part(chunk, offset, sections.Up));
            if (down?.Length <= LongestDown)
            {
                down.Append(Part(chunk, offset, sections.Down!.Value));
            }

            offset += chunk.Length;
        }

        return down?.Length > LongestDown
            ? new SectionTexts(hash.Finish(), null, [TooLong(file)])
            : new SectionTexts(hash.Finish(), down?.ToString(), []);
    }

    private static MigrationProblem TooLong(TextFile file) => new()
    {
        Code = ErrorCodes.DownTooLarge,
        Message = $"The DOWN section is recorded and can have at most {LongestDown / 1024 / 1024} million characters. "
            + "Undo this much with a migration of its own.",
        FileName = file.FileName,
        FilePath = file.FilePath,
    };

    private static ReadOnlySpan<char> Part(string chunk, long offset, TextRange range)
    {
        var from = Math.Clamp(range.Start - offset, 0, chunk.Length);
        var to = Math.Clamp(range.End - offset, from, chunk.Length);
        return chunk.AsSpan((int)from, (int)(to - from));
    }
}
