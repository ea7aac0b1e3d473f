using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace PgMigrate.Tests.Scratch;

/// <summary>The schemas of other tools' suites load.</summary>
public class SchemaPairLoadTests(ITestOutputHelper output)
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
        await SchemaPair.CreateRolesAsync(chosen.Select(side => side.Pair));
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

    private static IEnumerable<Side> Sides()
    {
        foreach (var pair in SchemaPair.ReadAll())
        {
            if (pair.Loads.Current.Contains(PostgresServer.Major))
            {
                yield return new Side($"{pair.Id} a", pair.Current, pair);
            }

            if (pair.Loads.Desired.Contains(PostgresServer.Major))
            {
                yield return new Side($"{pair.Id} b", pair.Desired, pair);
            }
        }
    }

    private sealed record Side(string Name, string Sql, SchemaPair Pair);
}
