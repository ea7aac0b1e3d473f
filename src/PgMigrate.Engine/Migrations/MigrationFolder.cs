using Microsoft.Win32.SafeHandles;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>The only reader of migration files.</summary>
public static class MigrationFolder
{
    private const int WorthSharing = 1000;

    /// <summary>Reads every <c>*.sql</c> file of a folder; subfolders and dot-files are left out.</summary>
    /// <exception cref="InitializationException">The folder does not exist or cannot be read.</exception>
    public static Task<MigrationFolderContent> ReadAsync(
        string folderPath, bool allowUnversioned, CancellationToken cancellationToken) =>
        // One work item for the whole folder: an awaited read per file costs more than the reading itself.
        Task.Run(() => Read(folderPath, allowUnversioned, cancellationToken), cancellationToken);

    private static MigrationFolderContent Read(
        string folderPath, bool allowUnversioned, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(folderPath);
        var paths = FindFiles(folder);
        var found = new (Migration? Migration, MigrationProblem? Problem)[paths.Count];
        if (paths.Count < WorthSharing)
        {
            ReadRange(0, paths.Count);
        }
        else
        {
            // Opening thousands of files is most of a run that finds nothing to do.
            var half = paths.Count / 2;
            Parallel.Invoke(() => ReadRange(0, half), () => ReadRange(half, paths.Count));
        }

        var migrations = found.Select(file => file.Migration).OfType<Migration>().ToList();
        var problems = found.Select(file => file.Problem).OfType<MigrationProblem>().ToList();
        if (!IsSorted(migrations))
        {
            migrations.Sort((left, right) => left.Version.CompareTo(right.Version));
        }

        problems.AddRange(FindDuplicates(migrations));
        if (FindMixedNumbering(migrations) is { } mixed)
        {
            problems.Add(mixed);
        }

        return new MigrationFolderContent(folder, migrations, problems) { FileCount = paths.Count };

        void ReadRange(int start, int end)
        {
            for (var i = start; i < end; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                found[i] = ReadFile(folder, paths[i], allowUnversioned);
            }
        }
    }

    private static bool IsSorted(List<Migration> migrations)
    {
        for (var i = 1; i < migrations.Count; i++)
        {
            if (migrations[i].Version < migrations[i - 1].Version)
            {
                return false;
            }
        }

        return true;
    }

    private static List<string> FindFiles(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder)
                .Where(path => path.EndsWith(".sql", StringComparison.OrdinalIgnoreCase)
                    && !Path.GetFileName(path.AsSpan()).StartsWith("."))
                .Order(StringComparer.Ordinal)
                .ToList();
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InitializationException(
                "FolderNotFound",
                $"The migrations folder '{folder}' does not exist. Name an existing one with -Path, or write the "
                    + "first file with New-PgMigration.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InitializationException(
                "FolderUnreadable", $"The migrations folder '{folder}' cannot be read: {e.Message}", e);
        }
    }

    private static (Migration? Migration, MigrationProblem? Problem) ReadFile(
        string folder, string path, bool allowUnversioned)
    {
        if (!MigrationFileName.TryParse(Path.GetFileName(path), allowUnversioned, out var name, out var problem))
        {
            return (null, problem with { FilePath = path });
        }

        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > LargeMigration.Threshold)
            {
                return (LargeMigration.Read(name, path, out problem), problem);
            }

            var bytes = ReadAll(file, (int)length);
            if (IncludeReader.MayStandIn(bytes) && MigrationText.TryDecode(bytes, out var text, out _))
            {
                var source = new SqlSource(name.FileName, path, text);
                return (Migration.FromText(name, source, IncludeReader.Read(folder, source)), null);
            }

            return (Migration.Read(name, path, bytes, out problem), problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, Problem(name, path, "FileUnreadable", $"The file cannot be read: {e.Message}"));
        }
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
            if (sorted[i].Version == sorted[i - 1].Version)
            {
                yield return Problem(sorted[i].File, sorted[i].FilePath, "DuplicateVersion",
                    $"Version {sorted[i].Version} stands twice: {sorted[i - 1].FileName} and {sorted[i].FileName}. "
                        + "Give one of them another version.");
            }
        }
    }

    private static MigrationProblem? FindMixedNumbering(List<Migration> migrations)
    {
        var styles = migrations.Where(migration => migration.Version.IsNumeric)
            .GroupBy(migration => migration.File.Style)
            .Select(group => $"{group.First().FileName} ({group.Key})")
            .ToList();
        return styles.Count < 2 ? null : new MigrationProblem
        {
            Code = "MixedNumbering",
            Severity = ProblemSeverity.Warning,
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
