using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>Checks a folder without a database: everything that would block a first run; pure.</summary>
public static class FolderCheck
{
    /// <summary>All problems, by file and line; those without a file first.</summary>
    public static IReadOnlyList<MigrationProblem> Check(MigrationFolderContent folder, PlaceholderValues placeholders)
    {
        var request = new PlanRequest
        {
            Direction = MigrationDirection.Apply,
            OutOfOrder = OutOfOrderPolicy.Apply,
            Placeholders = placeholders,
        };
        var plan = MigrationPlanner.Plan(folder, Nothing, request);
        // The files that a baseline script replaces are not part of a first run.
        var planned = plan.Steps.Select(step => step.Migration!.FilePath).ToHashSet(StringComparer.Ordinal);
        var covered = folder.Migrations.Where(migration => !planned.Contains(migration.FilePath)).ToList();
        var others = covered.SelectMany(migration => migration.Problems)
            .Concat(covered.SelectMany(migration => ScriptRenderer.Render(migration.Up, placeholders).Problems));
        var downs = folder.Migrations
            .Where(migration => migration.Down is not null)
            .Select(migration => ScriptRenderer.Render(migration.Down!, placeholders))
            .SelectMany(script => script.Problems)
            .ToList();
        // A plan warns of these; here they are errors.
        var places = downs.Select(PlaceOf).ToHashSet();
        return InFileOrder(
            plan.Problems
                .Where(problem => problem.Is(ProblemSeverity.Error) || !places.Contains(PlaceOf(problem)))
                .Concat(others).Concat(downs)
                .Where(problem => !IsAboutAnotherModule(problem)),
            folder);
    }

    /// <summary>
    /// Each problem once, in the order of the files: by version, then by line. Those without a file come first, and
    /// files that are not migrations last, by name.
    /// </summary>
    internal static IReadOnlyList<MigrationProblem> InFileOrder(
        IEnumerable<MigrationProblem> problems, MigrationFolderContent folder)
    {
        var places = folder.Migrations.Select((file, index) => (file.FilePath, index))
            .DistinctBy(file => file.FilePath)
            .ToDictionary(file => file.FilePath, file => file.index, StringComparer.Ordinal);
        return problems.Distinct()
            .OrderBy(problem => problem.FileName is null ? -1
                : problem.FilePath is { } path && places.TryGetValue(path, out var place) ? place
                : int.MaxValue)
            .ThenBy(problem => problem.FileName, StringComparer.Ordinal)
            .ThenBy(problem => problem.Line)
            .ThenBy(problem => problem.Column)
            .ToList();
    }

    private static (string, string?, int?, int?) PlaceOf(MigrationProblem problem) =>
        (problem.Code, problem.FileName, problem.Line, problem.Column);

    internal static HistorySnapshot Nothing { get; } = new()
    {
        Entries = [],
        TableExists = false,
        SchemaExists = true,
        IsEmpty = true,
    };

    // Only a database knows what another module has applied.
    internal static bool IsAboutAnotherModule(MigrationProblem problem) =>
        problem.Code == DependencyOrder.OtherModuleMissing;
}
