using System.Text;
using PgMigrate.Errors;

namespace PgMigrate.Autogenerate;

/// <summary>
/// What an export will do in its folder. Only files that an export wrote are replaced or removed; they say so in their
/// first line.
/// </summary>
internal sealed class SchemaFolder
{
    private static readonly UTF8Encoding Utf8 = new(false);
    private readonly string _folder;

    private SchemaFolder(string folder) => _folder = folder;

    /// <summary>All files of the schema, as full paths.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>Those that are new or change.</summary>
    public IReadOnlyList<ExportedFile> Changed { get; private init; } = [];

    /// <summary>Files of earlier exports whose objects are gone.</summary>
    public IReadOnlyList<string> Stale { get; private init; } = [];

    /// <summary>SQL files that no export wrote: they stay, and -SchemaPath reads them too.</summary>
    public IReadOnlyList<string> Foreign { get; private init; } = [];

    /// <summary>Looks at the folder; writes nothing.</summary>
    /// <exception cref="MigrationCreationException">It has files and may not be changed, or a file that no export wrote
    /// is where one has to be written.</exception>
    public static SchemaFolder Plan(string folder, IReadOnlyList<ExportedFile> files, bool isReplaced)
    {
        RequireFree(folder, isReplaced);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            var paths = files.Select(file => PathOf(folder, file)).ToList();
            var there = FilesIn(folder).ToList();
            var own = there.Where(IsExported).ToHashSet(StringComparer.Ordinal);
            if (paths.Find(path => Path.Exists(path) && !IsExported(path)) is { } taken)
            {
                throw new MigrationCreationException(
                    ErrorCodes.FileNotWritten,
                    $"The file '{taken}' was not written by an export, and is not replaced: nothing was written. Move "
                        + "it away, or name another folder with -OutFolder.");
            }

            return new SchemaFolder(folder)
            {
                Files = paths,
                Changed = [.. files.Where(file => PathOf(folder, file) is var path
                    && !(own.Contains(path) && File.ReadAllText(path) == file.Text))],
                Stale = [.. own.Except(paths, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                Foreign = [.. there.Where(path => !own.Contains(path)).Order(StringComparer.Ordinal)],
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(folder, e);
        }
    }

    /// <summary>Fails when the folder has files and shall keep them: before a scratch database is made for
    /// it.</summary>
    /// <exception cref="MigrationCreationException">It has.</exception>
    public static void RequireFree(string folder, bool isReplaced)
    {
        if (File.Exists(folder))
        {
            throw new MigrationCreationException(
                ErrorCodes.FileNotWritten, $"'{folder}' is a file. Name a folder with -OutFolder.");
        }

        if (!isReplaced && Directory.Exists(folder)
            && Directory.EnumerateFileSystemEntries(folder).Any(e => !Path.GetFileName(e).StartsWith('.')))
        {
            throw new MigrationCreationException(
                ErrorCodes.FileNotWritten,
                $"The folder '{folder}' is not empty. Add -Force to replace the files that an export wrote there, or "
                    + "name another folder with -OutFolder.");
        }
    }

    /// <summary>
    /// Writes all texts beside their places first: a full disk changes nothing. Then removes <paramref name="stale"/>,
    /// and moves the new files to their places.
    /// </summary>
    /// <exception cref="MigrationCreationException">A file cannot be written.</exception>
    public async Task WriteAsync(IReadOnlyList<string> stale, CancellationToken cancellationToken)
    {
        var part = Path.Combine(_folder, $".pgmigrate-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(part);
            for (var i = 0; i < Changed.Count; i++)
            {
                await File.WriteAllTextAsync(PartOf(part, i), Changed[i].Text, Utf8, cancellationToken)
                    .ConfigureAwait(false);
            }

            // First: where upper and lower case are the same, it may be the place of a new file.
            foreach (var path in stale)
            {
                File.Delete(path);
            }

            for (var i = 0; i < Changed.Count; i++)
            {
                var path = PathOf(_folder, Changed[i]);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Move(PartOf(part, i), path, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(_folder, e);
        }
        finally
        {
            Remove(part);
        }
    }

    private static string PartOf(string part, int index) =>
        Path.Combine(part, index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static void Remove(string part)
    {
        try
        {
            Directory.Delete(part, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Hidden from -SchemaPath; the error that led here says what is wrong with the folder.
        }
    }

    // In the folders of the kinds, and not behind links.
    private static IEnumerable<string> FilesIn(string folder) => !Directory.Exists(folder)
        ? []
        : new DirectoryInfo(folder).EnumerateDirectories()
            .Where(d => !d.Name.StartsWith('.') && d.LinkTarget is null)
            .SelectMany(d => d.EnumerateFiles())
            .Concat(new DirectoryInfo(folder).EnumerateFiles())
            .Where(f => f.Extension.Equals(".sql", StringComparison.OrdinalIgnoreCase) && !f.Name.StartsWith('.'))
            .Select(f => f.FullName);

    private static bool IsExported(string path)
    {
        using var reader = new StreamReader(path, Utf8);
        return new FileInfo(path).LinkTarget is null && reader.ReadLine() == SchemaFolderLayout.Mark;
    }

    private static string PathOf(string folder, ExportedFile file) =>
        Path.Combine([folder, .. file.Path.Split('/')]);

    private static MigrationCreationException NotWritten(string folder, Exception cause) => new(
        ErrorCodes.FileNotWritten, $"The schema could not be written to '{folder}': {cause.Message}", cause);
}
