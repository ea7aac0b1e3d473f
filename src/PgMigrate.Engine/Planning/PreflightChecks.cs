using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Sql;

namespace PgMigrate.Planning;

/// <summary>Checks folder, schema and database before anything is applied or recorded; pure.</summary>
internal static class PreflightChecks
{
    /// <summary>Adds their problems.</summary>
    public static void AddTo(
        List<MigrationProblem> problems, MigrationFolderContent folder, HistorySnapshot history, PlanRequest request)
    {
        if (folder.FileCount == 0)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.FolderEmpty,
                Message = $"The migrations folder '{folder.FolderPath}' contains no *.sql file. Name another folder "
                    + "with -Path, or write the first file with New-PgMigration.",
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
                Message = "The tracking table does not exist or is empty, but the database already has tables: "
                    + "running every migration again could destroy data. If this is the right database and the right "
                    + "tracking table (-Schema, -HistoryTable): record what the database already has with -Baseline "
                    + "and its last version; or add -AllowNonEmpty to run everything.",
            });
        }

        if (history.SimilarModule is { } similar)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.ModuleCaseDiffers,
                Message = $"The tracking table has the module '{similar}', which differs from the requested name "
                    + "in upper and lower case only: its migrations would all run again. Use exactly that name with "
                    + "-Module.",
            });
        }

        if (history is { Entries.Count: 0, OtherTable: { } other } && !request.AllowNonEmpty)
        {
            problems.Add(new MigrationProblem
            {
                Code = ErrorCodes.HistoryElsewhere,
                Message = $"Another tracking table, {other}, already has the history of this module. Name it with "
                    + "-Schema and -HistoryTable; or choose another -Module; or add -AllowNonEmpty to start a new "
                    + "history here.",
            });
        }
    }
}
