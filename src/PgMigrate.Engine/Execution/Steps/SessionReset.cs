using Npgsql;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Steps;

/// <summary>The commands that remove what a file left in its session.</summary>
internal static class SessionReset
{
    // DISCARD ALL would release the migration lock. The run's own settings follow RESET ALL.
    private static readonly string[] Commands =
    [
        "RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *",
        "DISCARD TEMP", "DISCARD SEQUENCES",
    ];

    /// <summary>Adds them and the run's settings to a batch. All of them are allowed in a transaction.</summary>
    public static void AddTo(NpgsqlBatch batch, DatabaseSession session)
    {
        foreach (var command in Commands)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(command));
        }

        session.Settings.AddTo(batch);
    }
}
