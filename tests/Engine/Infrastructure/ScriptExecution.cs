using Npgsql;
using PgMigrate.Sql;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>For a test's own statements: the driver takes one a command, since its SQL rewriting is off.</summary>
internal static class ScriptExecution
{
    /// <summary>Runs all statements of a text in one round trip.</summary>
    public static async Task ExecuteScriptAsync(this NpgsqlConnection connection, string sql)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in SqlSplitter.Split(sql).Statements())
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement.Text));
        }

        await batch.ExecuteNonQueryAsync();
    }
}
