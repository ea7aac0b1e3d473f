using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Scratch;

/// <summary>Loads texts into scratch databases of the server of this run.</summary>
internal static class Loading
{
    public static async Task<ScratchServer> ServerAsync(TestDatabase? like = null) => await ScratchServer.ResolveAsync(
        like?.Target, like is null ? await TargetAsync() : null, onTarget: false, _ => null, CancellationToken.None);

    public static async Task<PgMigrate.Connections.DatabaseTarget> TargetAsync() =>
        PgMigrate.Connections.DatabaseTarget.Resolve(
            new PgMigrate.Connections.ConnectionInput { ConnectionString = await PostgresServer.ConnectionStringAsync() },
            _ => null);

    public static SqlSource Text(string sql, string name = "schema.sql") => new(name, null, sql.ReplaceLineEndings("\n"));

    /// <summary>Loads texts, and hands the database to a look at it.</summary>
    public static async Task<SchemaLoad> LoadAsync(Func<ScratchDatabase, Task>? look, params string[] texts)
    {
        await using var database = await ScratchDatabase.CreateAsync(await ServerAsync(), CancellationToken.None);
        var load = await SchemaLoader.LoadAsync(
            database, [.. texts.Select((text, i) => Text(text, $"{i}.sql"))], CancellationToken.None);
        await (look?.Invoke(database) ?? Task.CompletedTask);
        return load;
    }

    public static async Task<PlanBlockedException> RefusedAsync(params string[] texts) =>
        await Assert.ThrowsAsync<PlanBlockedException>(() => LoadAsync(null, texts));

    /// <summary>First column of every row, as text.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(this ScratchDatabase database, string sql)
    {
        await using var session = await database.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, session.Connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
        {
            values.Add(await reader.IsDBNullAsync(0) ? "" : reader.GetString(0));
        }

        return values;
    }

    /// <summary>Tables of the schema public, in order.</summary>
    public static Task<IReadOnlyList<string>> TablesAsync(this ScratchDatabase database) => database.ListAsync(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') ORDER BY 1");

    public static async Task<bool> ExistsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(await PostgresServer.ConnectionStringAsync());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_database WHERE datname = $1", connection);
        command.Parameters.AddWithValue(database);
        return await command.ExecuteScalarAsync() is 1L;
    }
}
