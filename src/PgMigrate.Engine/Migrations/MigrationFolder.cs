using PgMigrate.Errors;

namespace PgMigrate.Migrations;

/// <summary>The only reader of migration files.</summary>
public static class MigrationFolder
{
    /// <summary>Reads and parses every <c>*.sql</c> file of a folder; subfolders and dot-files are left out.</summary>
    /// <exception cref="InitializationException">The folder does not exist or cannot be read.</exception>
    public static Task<MigrationFolderContent> ReadAsync(
        string folderPath, bool allowUnversioned, CancellationToken cancellationToken) =>
        // One work item for the whole folder: an awaited read per file costs more than the reading itself.
        Task.Run(() => Read(folderPath, allowUnversioned, cancellationToken), cancellationToken);

    private static MigrationFolderContent Read(
        string folderPath, bool allowUnversioned, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(folderPath);
        var problems = new List<MigrationProblem>();
        var migrations = new List<Migration>();
        var paths = FindFiles(folder);
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!MigrationFileName.TryParse(Path.GetFileName(path), allowUnversioned, out var name, out var problem))
            {
                problems.Add(problem with { FilePath = path });
            }
            else if (ReadFile(name, path, problems) is { } migration)
            {
                migrations.Add(migration);
            }
        }

        migrations.Sort((left, right) => left.Version.CompareTo(right.Version));
        problems.AddRange(FindDuplicates(migrations));
        if (FindMixedNumbering(migrations) is { } mixed)
        {
            problems.Add(mixed);
        }

        return new MigrationFolderContent(folder, migrations, problems) { FileCount = paths.Count };
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

    private static Migration? ReadFile(MigrationFileName name, string path, List<MigrationProblem> problems)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(Problem(name, path, "FileUnreadable", $"The file cannot be read: {e.Message}", null));
            return null;
        }

        if (!MigrationText.TryDecode(bytes, out var text, out var bad))
        {
            problems.Add(Problem(name, path, bad.Value.Code, bad.Value.Message, bad.Value.Line));
            return null;
        }

        var migration = MigrationParser.Parse(name, path, text, out var found);
        problems.AddRange(found);
        return migration;
    }

    private static IEnumerable<MigrationProblem> FindDuplicates(List<Migration> sorted)
    {
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].Version == sorted[i - 1].Version)
            {
                yield return Problem(sorted[i].File, sorted[i].FilePath, "DuplicateVersion",
                    $"Version {sorted[i].Version} stands twice: {sorted[i - 1].FileName} and {sorted[i].FileName}. "
                        + "Give one of them another version.", null);
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
        MigrationFileName name, string path, string code, string message, int? line) => new()
        {
            Code = code,
            Message = message,
            FileName = name.FileName,
            FilePath = path,
            Line = line,
        };
}
