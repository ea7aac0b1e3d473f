using System.Security.Cryptography;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Migrations;

namespace PgMigrate.Authoring;

/// <summary>The only writer of migration files: creates a new one, never overwrites.</summary>
internal static class MigrationWriter
{
    private const int Attempts = 50;
    private const int LongestPauseMs = 100;

    /// <summary>Chooses version and name after those in the folder; writes nothing.</summary>
    /// <exception cref="MigrationCreationException">No usable name, or the folder cannot be read.</exception>
    public static async Task<MigrationDraft> DraftAsync(
        string folder, MigrationDraftRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var existing = Directory.Exists(folder)
                ? await Task.Run(() => RequirePlain(folder), cancellationToken).ConfigureAwait(false)
                : [];
            var path = Path.Combine(folder, MigrationTemplate.NameAfter(existing, request));
            return new MigrationDraft(path, MigrationTemplate.TextFor(request));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MigrationCreationException(
                ErrorCodes.FolderUnreadable, $"The folder '{folder}' cannot be read: {e.Message}", e);
        }
    }

    // A file of PgMigrate's format in the folder of another tool would make the folder ambiguous.
    private static IReadOnlyList<string> RequirePlain(string folder)
    {
        var listing = FolderListing.Of(Path.GetFullPath(folder), []);
        var named = MigrationFormats.Read(listing, allowUnversioned: true);
        var marks = named.Files.Select(file => (FileMark?)FileMarks.Find(ReadIfThere(file.UpPath))).ToArray();
        var format = MigrationFormats.ChooseByMarks(named.Format, named.Files, marks, []);
        return format is NativeFormat
            ? listing.SqlFiles
            : throw new MigrationCreationException(
                ErrorCodes.FolderFormatForeign,
                $"The folder '{folder}' is written for {format.Name}, and this would write a file of PgMigrate's own. "
                    + $"Write the next migration as {format.Name} does, or name another folder with -Path.");
    }

    // If someone else writes the same version at the same time, one of the two files is deleted again.
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
    /// Writes a draft, and creates its folder when it is missing. Never overwrites. If another
    /// writer took its version, the file gets the next one.
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
                // Another writer was faster, even with the same name.
            }

            if (attempt == Attempts)
            {
                throw new MigrationCreationException(
                    ErrorCodes.FileNotWritten, $"The file '{draft.FilePath}' was not written: other writers took "
                        + "each next version first. Run it again.");
            }

            // Two writers that collide both delete their file; a random pause keeps them from colliding again.
            await Task.Delay(RandomNumberGenerator.GetInt32(LongestPauseMs), cancellationToken).ConfigureAwait(false);
            draft = await DraftAsync(folder, request, cancellationToken).ConfigureAwait(false);
        }
    }

    // Checked after writing: of two simultaneous writers, the later one sees the other's file and deletes its own, so
    // that each remaining file has a version of its own, without a lock that could be left behind.
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
                ErrorCodes.FileNotWritten,
                $"The file '{file.FullName}' was written, but it is not known whether its version is taken: "
                    + $"{e.Message}",
                e);
        }
    }

    private static MigrationVersion? VersionOf(string fileName) =>
        MigrationFileName.TryParse(fileName, false, out var parsed, out _) ? parsed.Version : null;

    /// <summary>Writes the file, and creates its folder when it is missing. Never overwrites.</summary>
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
                ErrorCodes.FileNotWritten, $"The file '{draft.FilePath}' could not be written: {e.Message}", e);
        }
    }
}
