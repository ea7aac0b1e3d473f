namespace PgMigrate.Migrations;

/// <summary>Tells the format of a folder: by its names first, then by the marks in its files.</summary>
internal static class MigrationFormats
{
    private static readonly MigrationFormat[] WithFolders = [new SqitchFormat(), new PrismaFormat(), new DieselFormat()];

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

        // Pairs and plain files are numbered alike; every other format knows no plainly numbered file.
        if (found[0].Format is not PairFormat && FindPlain(folder) is { } plain)
        {
            found.Add((NativeFormat.Instance, plain));
        }

        return found.Count == 1 ? found[0].Format.Read(folder, allowUnversioned) : Ambiguous(folder, found);
    }

    /// <summary>
    /// The format that marks in the files make of a folder of plain names; a problem when not all of them agree.
    /// </summary>
    public static MigrationFormat ChooseByMarks(
        MigrationFormat named,
        IReadOnlyList<FormatFile> files,
        FileMark[] marks,
        List<MigrationProblem> problems)
    {
        var all = marks.Aggregate(FileMark.None, (known, mark) => known | mark);
        if (named != NativeFormat.Instance || all == FileMark.None)
        {
            return named;
        }

        var format = all.HasFlag(FileMark.Goose) ? GooseFormat.Instance : (MigrationFormat)DbmateFormat.Instance;
        var wanted = all.HasFlag(FileMark.Goose) ? FileMark.Goose : FileMark.Dbmate;
        if (Array.FindIndex(marks, mark => mark != wanted) is var other and >= 0)
        {
            var marked = files[Array.FindIndex(marks, mark => mark.HasFlag(wanted))].Name.FileName;
            problems.Add(new MigrationProblem
            {
                Code = "FormatMixed",
                FileName = files[other].Name.FileName,
                FilePath = files[other].UpPath,
                Message = $"{marked} is written for {format.Name}, but this file is not written for it alone. A folder "
                    + "has one format: move one of them, or write both alike.",
            });
        }

        return format;
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
                    Code = "FormatAmbiguous",
                    FilePath = folder.Root,
                    Message = $"The folder '{folder.Root}' fits more than one format: "
                        + string.Join(", ", found.Select(candidate => $"{candidate.Evidence} ({candidate.Format.Name})"))
                        + ". Give each format a folder of its own; nothing of this one is read.",
                },
            ]);
}

/// <summary>Whose marks a file holds.</summary>
[Flags]
internal enum FileMark
{
    None = 0,
    Goose = 1,
    Dbmate = 2,
}

/// <summary>Finds the marks of other tools without parsing: a look at the bytes is cheap enough for every file.</summary>
internal static class FileMarks
{
    /// <summary>Whose marks stand behind two dashes at the start of a line.</summary>
    public static FileMark Find(ReadOnlySpan<byte> bytes) =>
        (StandsIn(bytes, "+goose"u8) ? FileMark.Goose : FileMark.None)
        | (StandsIn(bytes, "migrate:up"u8) || StandsIn(bytes, "migrate:down"u8) ? FileMark.Dbmate : FileMark.None);

    private static bool StandsIn(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mark)
    {
        for (var rest = bytes; rest.IndexOf(mark) is var at and >= 0; rest = rest[(at + mark.Length)..])
        {
            var before = rest[..at];
            var line = before[(before.LastIndexOf((byte)'\n') + 1)..].Trim(" \t\r\uFEFF"u8);
            if (line.SequenceEqual("--"u8))
            {
                return true;
            }
        }

        return false;
    }
}
