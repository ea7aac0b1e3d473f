using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Steps;

/// <summary>The commands that precede the statements of a step.</summary>
internal static class StepOpening
{
    private const string Savepoint = "pgmigrate_step";

    /// <summary>
    /// Adds them to the first batch of a step. <paramref name="previous"/> is the step before it in the same
    /// transaction; null when this step begins the transaction.
    /// </summary>
    public static void AddTo(NpgsqlBatch batch, PlannedStep step, PlannedStep? previous, RunContext context)
    {
        if (previous is not null)
        {
            AddReset(batch, previous, context.Session);
        }
        else
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(step.Script.Begin));
        }

        // SET, not set_config: a SELECT takes a snapshot, and then the script's own SET TRANSACTION fails.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"SET LOCAL application_name = {ApplicationName(context.Module, step)}"));
        if (step.SharesTransaction)
        {
            AddStart(batch, step);
        }
    }

    /// <summary>The application name of a session while it runs a step, as a literal.</summary>
    public static string ApplicationName(string module, PlannedStep step) =>
        SqlIdentifier.Literal(Shorten($"PgMigrate {module} {step.FileName}"));

    // The server would shorten it too, but with a notice.
    private static string Shorten(string name)
    {
        while (!SqlIdentifier.Fits(name))
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        }

        return name;
    }

    private static void AddReset(NpgsqlBatch batch, PlannedStep previous, DatabaseSession session)
    {
        if (MaySetSavepoint(previous))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"RELEASE SAVEPOINT {Savepoint}"));
        }

        SessionReset.AddTo(batch, session);
    }

    // The start time of the step, and a savepoint that encloses its own: no later file can roll back to those.
    private static void AddStart(NpgsqlBatch batch, PlannedStep step)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HistoryTable.MarkStart));
        if (MaySetSavepoint(step))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"SAVEPOINT {Savepoint}"));
        }
    }

    // Only for scripts that need it: a savepoint costs a transaction id.
    private static bool MaySetSavepoint(PlannedStep step) => step.Script.Facts.SetsSavepoint;
}
