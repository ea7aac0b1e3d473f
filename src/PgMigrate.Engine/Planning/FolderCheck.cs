using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>Checks a folder without a database: everything a first run would be refused for; pure.</summary>
public static class FolderCheck
{
    /// <summary>All problems, by file and line; those without a file come first.</summary>
    public static IReadOnlyList<MigrationProblem> Check(MigrationFolderContent folder, PlaceholderValues placeholders)
    {
        var request = new PlanRequest
        {
            Direction = MigrationDirection.Apply,
            OutOfOrder = OutOfOrderPolicy.Apply,
            Placeholders = placeholders,
        };
        var plan = MigrationPlanner.Plan(folder, Nothing, request);
        // Where a baseline script stands for them, the files below it are not part of a first run.
        var planned = plan.Steps.Select(step => step.Migration!.FilePath).ToHashSet(StringComparer.Ordinal);
        var covered = folder.Migrations.Where(migration => !planned.Contains(migration.FilePath)).ToList();
        var others = covered.SelectMany(migration => migration.Problems)
            .Concat(covered.SelectMany(migration => ScriptRenderer.Render(migration.Up, placeholders).Problems));
        var downs = folder.Migrations
            .Where(migration => migration.Down is not null)
            .Select(migration => ScriptRenderer.Render(migration.Down!, placeholders))
            .SelectMany(script => script.Problems)
            .ToList();
        // Of these a plan warns; here they are errors.
        var places = downs.Select(PlaceOf).ToHashSet();
        return plan.Problems
            .Where(problem => problem.Is(ProblemSeverity.Error) || !places.Contains(PlaceOf(problem)))
            .Concat(others).Concat(downs)
            .Where(problem => !IsAboutAnotherModule(problem))
            .Distinct()
            .OrderBy(problem => problem.FileName, StringComparer.Ordinal)
            .ThenBy(problem => problem.Line)
            .ThenBy(problem => problem.Column)
            .ToList();
    }

    private static (string, string?, int?, int?) PlaceOf(MigrationProblem problem) =>
        (problem.Code, problem.FileName, problem.Line, problem.Column);

    private static HistorySnapshot Nothing { get; } = new()
    {
        Entries = [],
        TableExists = false,
        SchemaExists = true,
        IsEmpty = true,
    };

    // Only a database knows what another module has applied.
    private static bool IsAboutAnotherModule(MigrationProblem problem) =>
        problem.Code == DependencyOrder.OtherModuleMissing;
}
