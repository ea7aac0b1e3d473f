using System.Collections.Immutable;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>The result of reading a large file again: the checksum of UP, and the texts of other sections.</summary>
/// <param name="UpChecksum">SHA-256 of the UP text.</param>
/// <param name="Texts">The texts of the other sections, without one that is too long.</param>
/// <param name="Problems">The problems of the parts.</param>
internal sealed record SectionTexts(
    string UpChecksum,
    IReadOnlyDictionary<ScriptPartKind, string> Texts,
    IReadOnlyList<MigrationProblem> Problems)
{
    private const int Chunk = 256 * 1024;
    private const int LongestText = 4 * 1024 * 1024;

    /// <summary>Reads the file again, unless it has only one part.</summary>
    public static SectionTexts Read(TextFile file, SectionReader sections)
    {
        var up = (sections.SectionOf(ScriptPartKind.Up) ?? default).Range;
        if (up == TextRange.Whole)
        {
            return new SectionTexts(file.Checksum, ImmutableDictionary<ScriptPartKind, string>.Empty, []);
        }

        using var hash = new TrimmedHash();
        using var text = file.Open(withChecksum: false);
        var others = Enum.GetValues<ScriptPartKind>()
            .Where(kind => kind != ScriptPartKind.Up && sections.SectionOf(kind) is not null)
            .ToDictionary(kind => kind, kind => (sections.SectionOf(kind)!.Value.Range, Text: new StringBuilder()));
        for (long offset = 0; !text.IsAtEnd;)
        {
            var chunk = text.Read(Chunk);
            hash.Append(Part(chunk, offset, up));
            foreach (var (range, section) in others.Values.Where(other => other.Text.Length <= LongestText))
            {
                section.Append(Part(chunk, offset, range));
            }

            offset += chunk.Length;
        }

        var held = others.Where(other => other.Value.Text.Length <= LongestText)
            .ToDictionary(other => other.Key, other => other.Value.Text.ToString());
        return new SectionTexts(hash.Finish(), held, held.Count < others.Count ? [TooLong(file)] : []);
    }

    private static MigrationProblem TooLong(TextFile file) => new()
    {
        Code = ErrorCodes.DownTooLarge,
        Message = $"The DOWN section is recorded and can have at most {LongestText / 1024 / 1024} million characters. "
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
