using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Migrations;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Planning;

/// <summary>Chooses what a baseline records as applied without running it; pure.</summary>
internal static class BaselinePlanner
{
    public static List<PlannedStep> Plan(
        MigrationComparison comparison, HistorySnapshot history, PlanRequest request, List<MigrationProblem> problems)
    {
        if (history.Entries.Count > 0)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.HistoryNotEmpty,
                Message = $"The module already has {Counted.Of(history.Entries.Count, "record")}, and a baseline "
                    + "starts an empty history. Remove -Baseline to apply what is pending; or choose another "
                    + "-Module.",
            });
            return [];
        }

        if (MigrationPlanner.Find(comparison.Rows, request.Baseline!, "Baseline", problems) is not { } last)
        {
            return [];
        }

        var covered = comparison.Rows
            .Where(row => row.Order <= last.Order && row.Migration is { Kind: MigrationKind.Versioned })
            .ToLookup(row => row.IsTemplate);
        ApplyPlanner.AddTemplates(covered[true], problems);
        return covered[false].Select(ToStep).ToList();
    }

    private static PlannedStep ToStep(MigrationRow row) => new()
    {
        Direction = MigrationDirection.Apply,
        Version = row.Version,
        Name = row.Name,
        FileName = row.FileName,
        FilePath = row.Migration!.FilePath,
        // The file is not run, so a problem in it does not matter.
        Script = new SqlScript { Held = [], Source = new SqlSource(row.FileName, row.Migration.FilePath, "") },
        Migration = row.Migration,
        IsRecordOnly = true,
    };
}
