using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>What a new file is to be.</summary>
/// <param name="Name">What it does, in a few words.</param>
/// <param name="Numbering">How its version is chosen.</param>
/// <param name="Content">SQL of the UP section; null for a template to fill in.</param>
/// <param name="Down">SQL of the DOWN section.</param>
/// <param name="Description">One line for the header.</param>
/// <param name="Now">The time a timestamp is made from.</param>
public sealed record MigrationDraftRequest(
    string Name,
    MigrationNumbering Numbering,
    string? Content,
    string? Down,
    string? Description,
    DateTimeOffset Now)
{
    /// <summary>What it needs, for the header.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Whether the content stands between BEGIN and COMMIT, for readers and tools that look for them.</summary>
    public bool InTransaction { get; init; }
}

/// <summary>A file that is ready to be written.</summary>
/// <param name="FilePath">Full path; nothing stands there yet.</param>
/// <param name="Text">Its text, LF.</param>
public sealed record MigrationDraft(string FilePath, string Text);

/// <summary>Names and writes new migration files.</summary>
public static class MigrationTemplate
{
    private const int LongestName = 150;
    private const int SequentialDigits = 3;
    private const string TimestampFormat = "yyyyMMddHHmmss";
    private const int Attempts = 50;
    private const int LongestPauseMs = 100;

    /// <summary>Chooses version and name after what the folder holds; nothing is written.</summary>
    /// <exception cref="MigrationCreationException">No usable name, or the folder cannot be read.</exception>
    public static async Task<MigrationDraft> DraftAsync(
        string folder, MigrationDraftRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var existing = Directory.Exists(folder)
                ? await Task.Run(() => RequirePlain(folder), cancellationToken).ConfigureAwait(false)
                : [];
            return new MigrationDraft(Path.Combine(folder, NameAfter(existing, request)), TextFor(request));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MigrationCreationException(
                "FolderUnreadable", $"The folder '{folder}' cannot be read: {e.Message}", e);
        }
    }

    // A file of ours in the folder of another tool would make it neither's.
    private static IReadOnlyList<string> RequirePlain(string folder)
    {
        var listing = FolderListing.Of(Path.GetFullPath(folder), []);
        var named = MigrationFormats.Read(listing, allowUnversioned: true);
        var marks = named.Files.Select(file => (FileMark?)FileMarks.Find(ReadIfThere(file.UpPath))).ToArray();
        var format = MigrationFormats.ChooseByMarks(named.Format, named.Files, marks, []);
        return format is NativeFormat
            ? listing.SqlFiles
            : throw new MigrationCreationException(
                "FolderFormatForeign",
                $"The folder '{folder}' is written for {format.Name}, and this would write a file of PgMigrate's own. Write "
                    + $"the next migration as {format.Name} does, or name another folder with -Path.");
    }

    // Somebody who writes a file at the same time takes it back when its version is taken.
    private static byte[] ReadIfThere(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    /// <summary>
    /// Writes a draft, and its folder when that is missing. Never overwrites. When somebody else has taken its version
    /// meanwhile, the file gets the next one.
    /// </summary>
    /// <exception cref="MigrationCreationException">It cannot be written.</exception>
    public static async Task<FileInfo> CreateAsync(
        MigrationDraft draft, MigrationDraftRequest request, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(draft.FilePath)!;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var file = await WriteAsync(draft, cancellationToken).ConfigureAwait(false);
                if (!await Task.Run(() => IsTaken(folder, file), CancellationToken.None).ConfigureAwait(false))
                {
                    return file;
                }
            }
            catch (MigrationCreationException) when (attempt < Attempts && File.Exists(draft.FilePath))
            {
                // Somebody was faster, with the same name even.
            }

            if (attempt == Attempts)
            {
                throw new MigrationCreationException(
                    "FileNotWritten", $"The file '{draft.FilePath}' was not written: others take each next version first. "
                        + "Run it again.");
            }

            // Each of two who met takes his file back; a pause by chance keeps them from meeting again.
            await Task.Delay(RandomNumberGenerator.GetInt32(LongestPauseMs), cancellationToken).ConfigureAwait(false);
            draft = await DraftAsync(folder, request, cancellationToken).ConfigureAwait(false);
        }
    }

    // Looked at after writing: of two who write at the same time, the later one sees the other's file. Who sees one takes
    // his own back, so that of those who stay each has a version of its own, without a lock that could be left behind.
    private static bool IsTaken(string folder, FileInfo file)
    {
        try
        {
            var version = VersionOf(file.Name);
            if (!FolderListing.Of(Path.GetFullPath(folder), []).SqlFiles
                .Any(name => name != file.Name && VersionOf(name) is { } other && other.Equals(version)))
            {
                return false;
            }

            file.Delete();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MigrationCreationException(
                "FileNotWritten",
                $"The file '{file.FullName}' was written, but it cannot be told whether its version is taken: {e.Message}",
                e);
        }
    }

    private static MigrationVersion? VersionOf(string fileName) =>
        MigrationFileName.TryParse(fileName, false, out var parsed, out _) ? parsed.Version : null;

    /// <summary>Writes the file, and its folder when that is missing. Never overwrites.</summary>
    /// <exception cref="MigrationCreationException">The file exists or cannot be written.</exception>
    public static async Task<FileInfo> WriteAsync(MigrationDraft draft, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(draft.FilePath)!);
            cancellationToken.ThrowIfCancellationRequested();
            var stream = new FileStream(draft.FilePath, FileMode.CreateNew, FileAccess.Write);
            try
            {
                await using (stream.ConfigureAwait(false))
                {
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(draft.Text), CancellationToken.None)
                        .ConfigureAwait(false);
                }
            }
            catch (IOException)
            {
                // A full disk, most likely: half a migration must not be left behind.
                File.Delete(draft.FilePath);
                throw;
            }

            return new FileInfo(draft.FilePath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MigrationCreationException(
                "FileNotWritten", $"The file '{draft.FilePath}' could not be written: {e.Message}", e);
        }
    }

    /// <summary>The next file name after those of a folder; pure.</summary>
    /// <exception cref="MigrationCreationException">The name holds no letter or digit.</exception>
    public static string NameAfter(IReadOnlyList<string> existing, MigrationDraftRequest request)
    {
        var title = Sanitise(request.Name);
        var files = existing
            .Select(name => MigrationFileName.TryParse(name, false, out var parsed, out _) ? parsed : null)
            .OfType<MigrationFileName>()
            .OrderBy(file => file.Version)
            .ToList();
        var style = request.Numbering switch
        {
            MigrationNumbering.Sequential => NumberingStyle.Sequential,
            MigrationNumbering.Timestamp => NumberingStyle.Timestamp,
            MigrationNumbering.Versioned => NumberingStyle.Versioned,
            _ => files.LastOrDefault()?.Style ?? NumberingStyle.Sequential,
        };
        return style switch
        {
            NumberingStyle.Timestamp => $"{NextTimestamp(files, request.Now)}_{title}.sql",
            NumberingStyle.Versioned => string.Create(
                CultureInfo.InvariantCulture, $"V{NextNumber(files)}__{title}.sql"),
            _ => $"{NextNumber(files).ToString(CultureInfo.InvariantCulture).PadLeft(WidthOf(files), '0')}_{title}.sql",
        };
    }

    /// <summary>The text of a new file; pure.</summary>
    public static string TextFor(MigrationDraftRequest request)
    {
        var text = new StringBuilder();
        if (request.Description is { } description)
        {
            text.Append("-- Description: ").Append(description.ReplaceLineEndings(" ").Trim()).Append('\n');
        }

        if (request.DependsOn.Count > 0)
        {
            text.Append("-- Depends: ").AppendJoin(", ", request.DependsOn).Append('\n');
        }

        if (request.InTransaction)
        {
            request = request with
            {
                Content = $"BEGIN;\n\n{Terminated(request.Content) ?? "-- Write here what changes the schema."}\n\nCOMMIT;\n",
            };
        }

        if (request.Content is { } content && request.Down is null)
        {
            // Given as it is to be run: nothing is added to it.
            return text.Append(WithLineFeeds(content)).ToString();
        }

        return text.Append("-- UP\n")
            .Append(Terminated(request.Content) ?? "-- Write here what changes the schema.")
            .Append("\n\n-- DOWN\n")
            .Append(Terminated(request.Down) ?? "-- Write here what takes it back, or delete this section.")
            .Append('\n')
            .ToString();
    }

    // Not ReplaceLineEndings: a form feed or U+2028 inside a literal is data.
    [return: NotNullIfNotNull(nameof(sql))]
    private static string? WithLineFeeds(string? sql) => sql?.Replace("\r\n", "\n", StringComparison.Ordinal);

    // A section marker ends no statement: the last one needs its semicolon.
    private static string? Terminated(string? sql)
    {
        if (WithLineFeeds(sql)?.Trim() is not { } text)
        {
            return null;
        }

        var isOpen = SqlSplitter.Split(text).Pieces is [.., { Kind: SqlPieceKind.Statement } last]
            && text[last.Offset + last.Length - 1] != ';';
        var lastLine = text[(text.LastIndexOf('\n') + 1)..];
        return !isOpen ? text : lastLine.Contains("--", StringComparison.Ordinal) ? text + "\n;" : text + ";";
    }

    private static string Sanitise(string name)
    {
        var title = new StringBuilder();
        foreach (var character in name.Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(character))
            {
                title.Append(character);
            }
            else if (title.Length > 0 && title[^1] != '_')
            {
                title.Append('_');
            }
        }

        var trimmed = title.ToString().Trim('_');
        return trimmed.Length is 0 or > LongestName
            ? throw new MigrationCreationException(
                "NameInvalid",
                trimmed.Length == 0
                    ? $"'{name}' holds no letter or digit. Say in a few words what the migration does."
                    : $"The name is longer than {LongestName} characters.")
            : trimmed;
    }

    private static long NextNumber(List<MigrationFileName> files)
    {
        var last = files.LastOrDefault(file => file.Style is not NumberingStyle.Timestamp)?.Version.Text ?? "0";
        return long.TryParse(last.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number + 1
            : throw new MigrationCreationException(
                "VersionTooLarge", $"No number follows version {last}. Use -Numbering Timestamp.");
    }

    private static int WidthOf(List<MigrationFileName> files) =>
        files.LastOrDefault(file => file.Style == NumberingStyle.Sequential)?.FileName.IndexOf('_', StringComparison.Ordinal)
            ?? SequentialDigits;

    private static string NextTimestamp(List<MigrationFileName> files, DateTimeOffset now)
    {
        var time = now.UtcDateTime;
        if (files.LastOrDefault(file => file.Style == NumberingStyle.Timestamp) is { } last
            && DateTime.TryParseExact(last.Version.Text, TimestampFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var newest)
            && newest >= time)
        {
            time = newest.AddSeconds(1); // a clock that is behind the newest file would make the new one late
        }

        var used = files.Select(file => file.Version.Text).ToHashSet(StringComparer.Ordinal);
        while (used.Contains(Format(time)))
        {
            time = time.AddSeconds(1); // two files made within one second
        }

        return Format(time);

        static string Format(DateTime time) => time.ToString(TimestampFormat, CultureInfo.InvariantCulture);
    }
}
