using Microsoft.Win32.SafeHandles;
using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.Migrations;
using PgMigrate.Migrations.Formats;

namespace PgMigrate.Folders;

/// <summary>The only reader of migration files.</summary>
public static class MigrationFolder
{
    private const int WorthSharing = 1000;

    // Enough of a large file to recognise the tool of its markers.
    private const int StartOfLarge = 256 * 1024;

    /// <summary>Reads one folder.</summary>
    /// <exception cref="InitializationException">The folder does not exist or cannot be read.</exception>
    public static Task<MigrationFolderContent> ReadAsync(
        string folderPath, bool allowUnversioned, CancellationToken cancellationToken) =>
        ReadAsync([folderPath], allowUnversioned, cancellationToken);

    /// <summary>Reads several folders as one set, each in its own format, all numbered together.</summary>
    /// <exception cref="InitializationException">A folder does not exist or cannot be read.</exception>
    public static Task<MigrationFolderContent> ReadAsync(
        IReadOnlyList<string> folderPaths, bool allowUnversioned, CancellationToken cancellationToken) =>
        ReadAsync(folderPaths, allowUnversioned, LargeMigration.Threshold, cancellationToken);

    /// <summary>The same; files with more bytes than <paramref name="mostHeld"/> are read in parts.</summary>
    internal static Task<MigrationFolderContent> ReadAsync(
        IReadOnlyList<string> folderPaths, bool allowUnversioned, long mostHeld, CancellationToken cancellationToken) =>
        // One work item for the whole folder: an awaited read per file costs more than the reading itself.
        Task.Run(() => Read(folderPaths, allowUnversioned, mostHeld, cancellationToken), cancellationToken);

    private static MigrationFolderContent Read(
        IReadOnlyList<string> folderPaths, bool allowUnversioned, long mostHeld, CancellationToken cancellationToken)
    {
        var folders = folderPaths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var migrations = new List<Migration>();
        var problems = new List<MigrationProblem>();
        var fileCount = 0;
        var formats = new List<string>();
        foreach (var folder in folders)
        {
            var reading = ReadNames(folder, folders, allowUnversioned);
            fileCount += reading.Reading.Files.Count + reading.Reading.Problems.Count(IsError);
            problems.AddRange(reading.Reading.Problems);
            formats.Add(ReadFiles(
                reading.Listing, reading.Reading, (migrations, problems), mostHeld, cancellationToken));
        }

        if (!IsSorted(migrations))
        {
            migrations.Sort(Compare);
        }

        problems.AddRange(FindDuplicates(migrations));
        if (FindMixedNumbering(migrations) is { } mixed)
        {
            problems.Add(mixed);
        }

        if (folders.Count > 1 && formats.Contains(new SqitchFormat().Name))
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.FormatMixed,
                Message = "A plan of Sqitch has its own order, which versions of other folders do not fit into. Name "
                    + "only its folder with -Path.",
            });
        }

        return new MigrationFolderContent(new FolderCollection(folders), migrations, problems)
        {
            FileCount = fileCount,
            Format = string.Join(", ", formats.Distinct(StringComparer.Ordinal)),
        };
    }

    /// <summary>
    /// The parsed file names, by version; reads no file. A file with a problem in its name is left out.
    /// </summary>
    /// <exception cref="InitializationException">A folder does not exist or cannot be read.</exception>
    internal static IReadOnlyList<MigrationFileName> ReadNames(IReadOnlyList<string> folderPaths)
    {
        var folders = folderPaths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))).ToList();
        return folders.SelectMany(folder => ReadNames(folder, folders, allowUnversioned: true).Reading.Files)
            .Select(file => file.Name)
            .OrderBy(name => name.Version)
            .ToList();
    }

    private static bool IsError(MigrationProblem problem) => problem.Is(ProblemSeverity.Error);

    private static int Compare(Migration left, Migration right) =>
        left.Version.CompareTo(right.Version) is var order and not 0 ? order : left.Kind.CompareTo(right.Kind);

    // Reads all files, then decides the format by their markers. Returns the name of the format.
    private static string ReadFiles(
        FolderListing listing,
        FormatReading reading,
        (List<Migration> Migrations, List<MigrationProblem> Problems) found,
        long mostHeld,
        CancellationToken cancellationToken)
    {
        var files = reading.Files;
        var bytes = new FileBytes[files.Count];
        var unreadable = new MigrationProblem?[files.Count];
        InParts(files.Count, i =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes[i] = ReadBytes(files[i], mostHeld, out unreadable[i]);
        });

        var format = MigrationFormats.ChooseByMarks(
            reading.Format,
            files,
            Array.ConvertAll(bytes, read => read.Up is null ? default(FileMark?) : read.Marks),
            found.Problems);
        if (format == GooseFormat.Instance)
        {
            found.Problems.AddRange(GooseFormat.FindGoFiles(listing));
        }

        var migrations = new Migration?[files.Count];
        InParts(files.Count, i =>
        {
            var own = MigrationFormats.ForFile(format, bytes[i].Marks);
            migrations[i] = bytes[i] switch
            {
                { Up: null } => null,
                { IsLarge: true } large => ReadLarge(listing.Root, own, files[i], large.Beside, out unreadable[i]),
                var read => Migration.Read(listing.Root, own, files[i], (read.Up, read.Beside), out unreadable[i]),
            };
        });
        found.Migrations.EnsureCapacity(found.Migrations.Count + migrations.Length);
        found.Migrations.AddRange(migrations.OfType<Migration>());
        found.Problems.AddRange(unreadable.OfType<MigrationProblem>());
        return format.Name;
    }

    // Opening thousands of files is most of the time of a run that finds nothing to do.
    private static void InParts(int count, Action<int> act)
    {
        var half = count < WorthSharing ? 0 : count / 2;
        if (half == 0)
        {
            Range(0, count);
        }
        else
        {
            Parallel.Invoke(() => Range(0, half), () => Range(half, count));
        }

        void Range(int start, int end)
        {
            for (var i = start; i < end; i++)
            {
                act(i);
            }
        }
    }

    // Up is null for a file that cannot be read.
    private readonly record struct FileBytes(byte[]? Up, byte[][] Beside, FileMark Marks, bool IsLarge);

    private static bool IsSorted(List<Migration> migrations)
    {
        for (var i = 1; i < migrations.Count; i++)
        {
            if (Compare(migrations[i], migrations[i - 1]) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private static (FolderListing Listing, FormatReading Reading) ReadNames(
        string folder, IReadOnlyCollection<string> folders, bool allowUnversioned)
    {
        try
        {
            var listing = FolderListing.Of(folder, folders);
            return (listing, MigrationFormats.Read(listing, allowUnversioned));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InitializationException(
                ErrorCodes.FolderNotFound,
                $"The migrations folder '{folder}' does not exist. Name an existing one with -Path, or write the "
                    + "first file with New-PgMigration.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InitializationException(
                ErrorCodes.FolderUnreadable, $"The migrations folder '{folder}' cannot be read: {e.Message}", e);
        }
    }

    private static FileBytes ReadBytes(FormatFile file, long mostHeld, out MigrationProblem? problem)
    {
        problem = null;
        try
        {
            var (up, isLarge) = RegularFile.IsEmpty(file.UpPath) ? ([], false) : ReadUp(file.UpPath, mostHeld);
            var beside = file.Beside.Count == 0 ? []
                : file.Beside.Select(part => RegularFile.ReadAllBytes(part.Path)).ToArray();
            return new FileBytes(up, beside, FileMarks.Find(up), isLarge);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = Problem(file.Name, file.UpPath, ErrorCodes.FileUnreadable, "The file cannot be read: "
                + $"{e.Message}");
            return default;
        }
    }

    // Only the start of a large file.
    private static (byte[] Bytes, bool IsLarge) ReadUp(string path, long mostHeld)
    {
        using var handle = File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        var isLarge = length > mostHeld;
        return (ReadAll(handle, (int)Math.Min(length, isLarge ? StartOfLarge : length)), isLarge);
    }

    private static Migration? ReadLarge(
        string root, MigrationFormat format, FormatFile file, byte[][] bytes, out MigrationProblem? problem)
    {
        var beside = Migration.ReadBeside(root, format, file, bytes, out problem);
        var large = problem is null ? LargeMigration.Read(file, out problem) : null;
        return large is null ? null : Migration.FromLarge(large, format, file, beside, root);
    }

    private static byte[] ReadAll(SafeFileHandle file, int length)
    {
        var bytes = new byte[length];
        var done = 0;
        while (done < length && RandomAccess.Read(file, bytes.AsSpan(done), done) is var read and > 0)
        {
            done += read;
        }

        return done == length ? bytes : bytes[..done];
    }

    private static IEnumerable<MigrationProblem> FindDuplicates(List<Migration> sorted)
    {
        for (var i = 1; i < sorted.Count; i++)
        {
            var (first, second) = (sorted[i - 1], sorted[i]);
            if (first.Version == second.Version && first.Kind == second.Kind)
            {
                // Files of two folders can have the same name.
                var isOneFolder = Path.GetDirectoryName(first.FilePath) == Path.GetDirectoryName(second.FilePath);
                yield return Problem(second.File, second.FilePath, ErrorCodes.DuplicateVersion,
                    $"Version {second.Version} appears twice: {(isOneFolder ? first.FileName : first.FilePath)} and "
                        + $"{(isOneFolder ? second.FileName : second.FilePath)}. Give one of them another version.");
            }
        }
    }

    private static MigrationProblem? FindMixedNumbering(List<Migration> migrations)
    {
        var styles = migrations.Where(migration => migration.Version.IsNumeric)
            .DistinctBy(migration => migration.File.Style)
            .Select(migration => $"{migration.FileName} ({migration.File.Style})")
            .ToList();
        return styles.Count < 2 ? null : new MigrationProblem
        {
            Code = ErrorCodes.MixedNumbering,
            Severity = nameof(ProblemSeverity.Warning),
            Message = $"The folder mixes numbering styles: {string.Join(", ", styles)}. Versions are compared as "
                + "numbers, so every timestamp sorts after every plain number.",
        };
    }

    private static MigrationProblem Problem(
        MigrationFileName name, string path, string code, string message) => new()
        {
            Code = code,
            Message = message,
            FileName = name.FileName,
            FilePath = path,
        };
}
