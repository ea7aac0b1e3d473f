using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Sql;

namespace PgMigrate.Planning;

/// <summary>What must be true of folder, schema and database before anything is applied or recorded; pure.</summary>
internal static class PreflightChecks
{
    /// <summary>Adds what is wrong with them.</summary>
    public static void AddTo(
        List<MigrationProblem> problems, MigrationFolderContent folder, HistorySnapshot history, PlanRequest request)
    {
        if (folder.FileCount == 0)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.FolderEmpty,
                Message = $"The migrations folder '{folder.FolderPath}' holds no *.sql file. Name another folder with "
                    + "-Path, or write the first file with New-PgMigration.",
            });
        }

        if (!history.SchemaExists && !request.CreateSchema)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.SchemaNotFound,
                Message = $"The schema {SqlIdentifier.Quote(history.Schema)} does not exist. Add -CreateSchema, or "
                    + $"run: CREATE SCHEMA {SqlIdentifier.Quote(history.Schema)};",
            });
        }

        if (history.IsEmpty && history is { HasUserTables: true, WasEmptied: false } && !request.AllowNonEmpty
            && request.Baseline is null)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.DatabaseNotEmpty,
                Message = "The tracking table is absent or empty, but the database already has tables: running every "
                    + "migration again could destroy data. If this is the right database and the right tracking table "
                    + "(-Schema, -HistoryTable): record what is in it already with -Baseline and the last version it "
                    + "has; or add -AllowNonEmpty to run everything.",
            });
        }

        if (history.SimilarModule is { } similar)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.ModuleCaseDiffers,
                Message = $"The tracking table holds the module '{similar}', which differs from the one that was named "
                    + "in upper and lower case only: its migrations would all run again. Name it exactly so with "
                    + "-Module.",
            });
        }

        if (history is { Entries.Count: 0, OtherTable: { } other } && !request.AllowNonEmpty)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.HistoryElsewhere,
                Message = $"Another tracking table, {other}, already holds the history of this module. Name it with "
                    + "-Schema and -HistoryTable; or choose another -Module; or add -AllowNonEmpty to start anew here.",
            });
        }
    }
}
