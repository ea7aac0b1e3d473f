using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Migrations.Formats;

namespace PgMigrate.Folders;

/// <summary>Decides the format of a folder: by its names first, then by the markers in its files.</summary>
internal static class MigrationFormats
{
    private static readonly MigrationFormat[] WithFolders =
        [new SqitchFormat(), new PrismaFormat(), new DieselFormat()];

    /// <summary>Reads a folder by its names; a folder that fits two formats is read as neither.</summary>
    public static FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var found = WithFolders.Select(format => (Format: format, Evidence: format.FindEvidence(folder)))
            .Where(candidate => candidate.Evidence is not null)
            .ToList();
        MigrationFormat[] flat = [FlywayFormat.For(folder, isAlone: found.Count == 0), new PairFormat()];
        found.AddRange(flat.Select(format => (format, format.FindEvidence(folder)))
            .Where(candidate => candidate.Item2 is not null));
        if (found.Count == 0)
        {
            return NativeFormat.Instance.Read(folder, allowUnversioned);
        }

        // Pairs and plain files have the same numbers; no other format has plainly numbered files.
        if (found[0].Format is not PairFormat && FindPlain(folder) is { } plain)
        {
            found.Add((NativeFormat.Instance, plain));
        }

        return found.Count == 1 ? found[0].Format.Read(folder, allowUnversioned) : Ambiguous(folder, found);
    }

    /// <summary>
    /// The format of a folder of plain names: the one whose markers most of its files have. A problem for each file
    /// without them; an unreadable file does not count.
    /// </summary>
    public static MigrationFormat ChooseByMarks(
        MigrationFormat named,
        IReadOnlyList<FormatFile> files,
        FileMark?[] marks,
        List<MigrationProblem> problems)
    {
        if (named != NativeFormat.Instance || Array.TrueForAll(marks, mark => mark is null or FileMark.None))
        {
            return named;
        }

        // On a tie the first: a marker is stronger evidence than none.
        var chosen = new[] { FileMark.Goose, FileMark.Dbmate, FileMark.None }
            .MaxBy(wanted => marks.Count(mark => mark is { } held && Fits(held, wanted)));
        if (chosen == FileMark.None)
        {
            // The markers are rejected by their lines, as in every file of PgMigrate's format.
            return named;
        }

        var format = OfMark(named, chosen);
        var example = files[Array.FindIndex(marks, mark => mark is { } held && Fits(held, chosen))].Name.FileName;
        for (var i = 0; i < marks.Length; i++)
        {
            if (marks[i] is { } held && !Fits(held, chosen))
            {
                problems.Add(Mixed(files[i], held, (format, chosen, example)));
            }
        }

        return format;
    }

    /// <summary>
    /// The format to read a file with: that of its folder; or its own, so that a file that is rejected for its format
    /// is not rejected again for every marker.
    /// </summary>
    public static MigrationFormat ForFile(MigrationFormat ofFolder, FileMark mark) =>
        (ofFolder == GooseFormat.Instance && !Fits(mark, FileMark.Goose))
            || (ofFolder == DbmateFormat.Instance && !Fits(mark, FileMark.Dbmate))
                ? OfMark(NativeFormat.Instance, mark)
                : ofFolder;

    // A file with the markers of two tools is read as one of the folder, which rejects the others by their lines.
    private static bool Fits(FileMark held, FileMark wanted) =>
        wanted == FileMark.None ? held == FileMark.None : held.HasFlag(wanted);

    private static MigrationFormat OfMark(MigrationFormat unmarked, FileMark mark) => mark switch
    {
        FileMark.None => unmarked,
        FileMark.Dbmate => DbmateFormat.Instance,
        _ => GooseFormat.Instance,
    };

    private static MigrationProblem Mixed(
        FormatFile file, FileMark held, (MigrationFormat Format, FileMark Mark, string Example) folder)
    {
        var (up, down) = folder.Mark == FileMark.Goose ? ("+goose Up", "+goose Down") : ("migrate:up", "migrate:down");
        var own = held == FileMark.None ? "has no such markers" : $"is written for {OfMark(folder.Format, held).Name}";
        return new MigrationProblem
        {
            Code = ErrorCodes.FormatMixed,
            FileName = file.Name.FileName,
            FilePath = file.UpPath,
            Message = $"{folder.Example} is written for {folder.Format.Name}, but this file {own}. A folder has one "
                + $"format: add the lines '-- {up}' and '-- {down}' to it, or move it to another folder.",
        };
    }

    private static string? FindPlain(FolderListing folder) => folder.SqlFiles.FirstOrDefault(name =>
        char.IsAsciiDigit(name[0]) && MigrationFileName.TryParse(name, false, out _, out _));

    private static FormatReading Ambiguous(
        FolderListing folder, IReadOnlyList<(MigrationFormat Format, string? Evidence)> found) => new(
            NativeFormat.Instance,
            [],
            [
                new MigrationProblem
                {
                    Code = ErrorCodes.FormatAmbiguous,
                    FilePath = folder.Root,
                    Message = $"The folder '{folder.Root}' fits more than one format: "
                        + string.Join(", ", found.Select(candidate => $"{candidate.Evidence} "
                        + $"({candidate.Format.Name})"))
                        + ". Give each format its own folder; no file of this one is read.",
                },
            ]);
}

/// <summary>Whose markers a file contains.</summary>
[Flags]
internal enum FileMark
{
    None = 0,
    Goose = 1,
    Dbmate = 2,
}

/// <summary>
/// Finds the markers of other tools without parsing: scanning the bytes is cheap enough for every file.
/// </summary>
internal static class FileMarks
{
    /// <summary>The tool whose markers follow two dashes at the start of a line.</summary>
    public static FileMark Find(ReadOnlySpan<byte> bytes) =>
        (StandsIn(bytes, "+goose"u8) ? FileMark.Goose : FileMark.None)
        | (StandsIn(bytes, "migrate:up"u8) || StandsIn(bytes, "migrate:down"u8) ? FileMark.Dbmate : FileMark.None);

    private static bool StandsIn(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mark)
    {
        for (var rest = bytes; rest.IndexOf(mark) is var at and >= 0; rest = rest[(at + mark.Length)..])
        {
            var before = rest[..at];
            var line = before[(before.LastIndexOfAny((byte)'\n', (byte)'\r') + 1)..].Trim(" \t\r\uFEFF"u8);
            if (line.SequenceEqual("--"u8))
            {
                return true;
            }
        }

        return false;
    }
}
