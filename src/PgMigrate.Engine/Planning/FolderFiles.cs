using PgMigrate.Migrations;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>A folder as objects, without a database; pure.</summary>
public static class FolderFiles
{
    /// <summary>Every readable migration, in plan order.</summary>
    public static IReadOnlyList<MigrationFile> List(MigrationFolderContent folder)
    {
        var orders = MigrationComparison.Of(folder.Migrations, FolderCheck.Nothing).Rows
            .ToDictionary(row => row.Version, row => row.Order);
        var places = new List<(int Order, Migration File)>(folder.Migrations.Count);
        foreach (var file in folder.Migrations)
        {
            // A file that a first run skips, because a baseline script replaces it, follows the version before it.
            var order = orders.TryGetValue(file.Version, out var known) ? known : places.LastOrDefault().Order;
            places.Add((order, file));
        }

        return places.OrderBy(place => place.Order).Select((place, index) => ToFile(place.File, index + 1, folder))
            .ToList();
    }

    /// <summary>What is wrong with the files, by file and line.</summary>
    public static IReadOnlyList<MigrationProblem> ProblemsOf(MigrationFolderContent folder)
    {
        var comparison = MigrationComparison.Of(folder.Migrations, FolderCheck.Nothing);
        List<MigrationProblem> problems =
            [.. folder.Problems, .. folder.Migrations.SelectMany(file => file.Problems), .. comparison.Problems];
        if (folder.FileCount == 0)
        {
            PreflightChecks.AddTo(problems, folder, FolderCheck.Nothing,
                new PlanRequest { Direction = MigrationDirection.Apply });
        }

        return FolderCheck.InFileOrder(problems.Where(problem => !FolderCheck.IsAboutAnotherModule(problem)), folder);
    }

    private static MigrationFile ToFile(Migration file, int order, MigrationFolderContent folder) => new()
    {
        Order = order,
        Version = file.Version.Text,
        VersionKey = file.Version.Key,
        Name = file.Name,
        FileName = file.FileName,
        FilePath = file.FilePath,
        Folder = file.Folder,
        Folders = folder.Folders,
        Format = file.Format,
        Kind = file.Kind.ToString(),
        StatementCount = file.Up.Count,
        HasUndo = file.Down is not null,
        Transaction = file.Up.Transaction == ScriptTransaction.Wrapped,
        IsTemplate = file.IsTemplate,
        Description = file.Description,
        DependsOn = file.DependsOn,
        Checksum = file.Checksum,
    };
}
