using System.Text.Json;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace PgMigrate.Tests.Scratch;

/// <summary>The schemas of other tools' suites load.</summary>
public class SchemaPairsTests(ITestOutputHelper output)
{
    private const int SampleSize = 60;

    [RealDataFact]
    public async Task The_schemas_of_other_suites_load()
    {
        var sides = Sides().ToList();
        var isAll = Environment.GetEnvironmentVariable("PGMIGRATE_SOAK") is { Length: > 0 };
        var step = isAll ? 1 : Math.Max(1, sides.Count / SampleSize);
        var chosen = sides.Where((_, i) => i % step == 0).ToList();
        var failures = new List<string>();
        var server = await Loading.ServerAsync();
        await CreateRolesAsync(chosen.SelectMany(side => side.Roles).Distinct());
        foreach (var side in chosen)
        {
            if (await TryLoadAsync(server, side) is { } failure)
            {
                failures.Add($"{side.Name}: {failure}");
            }
        }

        output.WriteLine($"{chosen.Count - failures.Count} of {chosen.Count} load");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static async Task<string?> TryLoadAsync(ScratchServer server, Side side)
    {
        await using var database = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        try
        {
            await SchemaLoader.LoadAsync(database, [Loading.Text(side.Sql)], CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is PgMigrateException or NpgsqlException or InvalidOperationException)
        {
            return e.Message;
        }
    }

    // Roles belong to the server: they stay, as those of the suites do.
    private static async Task CreateRolesAsync(IEnumerable<string> statements)
    {
        await using var connection = new NpgsqlConnection(await PostgresServer.ConnectionStringAsync());
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            try
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateObject)
            {
                // Two suites use the same name.
            }
        }
    }

    private static IEnumerable<Side> Sides()
    {
        var folder = Path.Combine(RealData.Folder!, "..", "schema-pairs");
        foreach (var line in File.ReadLines(Path.Combine(folder, "pairs.jsonl")))
        {
            using var pair = JsonDocument.Parse(line);
            var root = pair.RootElement;
            string[] roles = root.TryGetProperty("roles", out var all) ? [.. all.EnumerateArray().Select(role => role.GetString()!)] : [];
            foreach (var side in new[] { "a", "b" })
            {
                if (LoadsOn(root, side, PostgresServer.Major))
                {
                    yield return new Side($"{root.GetProperty("id").GetString()} {side}", root.GetProperty($"{side}_sql").GetString()!, roles);
                }
            }
        }
    }

    private static bool LoadsOn(JsonElement pair, string side, int major) =>
        (pair.TryGetProperty($"{side}_loads", out var own) ? own : pair.GetProperty("loads"))
            .EnumerateArray().Any(one => one.GetInt32() == major);

    private sealed record Side(string Name, string Sql, string[] Roles);
}
