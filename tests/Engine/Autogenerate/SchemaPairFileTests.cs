using System.Text;
using System.Text.RegularExpressions;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;
using PgMigrate.Tests.Infrastructure;
using PgMigrate.Tests.Scratch;
using Xunit;
using Xunit.Abstractions;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>The schemas of other tools' suites go through files, and are the same afterwards. With PGMIGRATE_SOAK all of
/// them.</summary>
public class SchemaPairFileTests(ITestOutputHelper output)
{
    private const int SampleSize = 40;
    private static readonly CompareOptions Everything = new() { IncludePrivileges = true, IncludeOwner = true };
    private static readonly string? Only = Environment.GetEnvironmentVariable("PGMIGRATE_PAIRS");

    private static readonly int Sample =
        Environment.GetEnvironmentVariable("PGMIGRATE_SOAK") is { Length: > 0 } ? int.MaxValue : SampleSize;

    [RealDataFact]
    public async Task A_plan_between_snapshots_is_the_plan_between_their_databases()
    {
        var failures = await ForEachAsync(async (server, pair) =>
        {
            var current = await ReadAsync(server, pair.Current);
            var desired = await ReadAsync(server, pair.Desired);
            foreach (var options in new[] { new CompareOptions(), Everything })
            {
                var live = Plan(current, desired, options);
                var stored = Plan(ThroughFile(current), ThroughFile(desired), options);
                if (live != stored)
                {
                    return $"{live}\n--- through files ---\n{stored}";
                }
            }

            return SnapshotWriter.Write(current, true).AsSpan().SequenceEqual(
                SnapshotWriter.Write(ThroughFile(current), true)) ? null : "the file is not the same again";
        });
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [RealDataFact]
    public async Task A_folder_reads_back_as_the_schema_that_was_exported()
    {
        var failures = await ForEachAsync(async (server, pair) =>
        {
            var schema = await ReadAsync(server, pair.Desired);
            using var folder = new TestFolder();
            try
            {
                var exported = SchemaComparer.ToSchema("pair", schema);
                var plan = SchemaFolder.Plan(folder.FullPath, SchemaComparer.ExportFiles(exported, new()), false);
                if (plan.Files.Count == 0)
                {
                    return null;
                }

                await plan.WriteAsync([], CancellationToken.None);
                if (await ReadBackAsync(server, schema, SchemaLoader.ReadFiles(folder.FullPath)) is not { } failure)
                {
                    return null;
                }

                // What the statements cannot make in their order, their files cannot make either.
                var text = SchemaComparer.ExportText(exported, new());
                var inOne = await ReadBackAsync(server, schema, [Loading.Text(text)]);
                output.WriteLine($"{pair.Id}: {(inOne is null ? "only the folder" : "one file too")}: {failure}");
                return inOne is null ? failure : null;
            }
            catch (PgMigrateException e) when (e.Code == ErrorCodes.SchemaKindNotSupported)
            {
                return null;
            }
        });
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static async Task<string?> ReadBackAsync(
        ScratchServer server, Snapshot schema, IReadOnlyList<PgMigrate.Sql.SqlSource> texts)
    {
        try
        {
            var (back, _) = await DesiredSchema.ReadAsync(server, texts, CancellationToken.None);
            var different = SnapshotDiff.Differences(schema, back, new RuleBook(schema, back), new CompareOptions())
                .Select(d => $"{d.Any} ({string.Join(", ", d.Changed)})").ToList();
            return different.Count == 0 ? null : string.Join("; ", different);
        }
        catch (PgMigrateException e) when (e.Code != ErrorCodes.SchemaOrderAmbiguous)
        {
            return $"{e.Code} {e.Message}";
        }
    }

    private async Task<List<string>> ForEachAsync(Func<ScratchServer, SchemaPair, Task<string?>> check)
    {
        var all = SchemaPair.ReadAll().Where(pair => pair.Loads.Current.Contains(PostgresServer.Major)
            && pair.Loads.Desired.Contains(PostgresServer.Major)).ToList();
        var step = Only is null ? Math.Max(1, all.Count / Sample) : 1;
        var pairs = all.Where((pair, i) => i % step == 0 && (Only is null || Regex.IsMatch(pair.Id, Only))).ToList();
        var server = await Loading.ServerAsync();
        await SchemaPair.CreateRolesAsync(pairs);
        var failures = new List<string>();
        foreach (var pair in pairs)
        {
            try
            {
                if (await check(server, pair) is { } failure)
                {
                    failures.Add($"{pair.Id}: {failure}");
                }
            }
            catch (PgMigrateException e)
            {
                failures.Add($"{pair.Id}: {e.Code} {e.Message}");
            }
        }

        output.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{pairs.Count - failures.Count} of {pairs.Count}"));
        return failures;
    }

    private static async Task<Snapshot> ReadAsync(ScratchServer server, string sql)
    {
        await using var database = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        await SchemaLoader.LoadAsync(database, [Loading.Text(sql)], CancellationToken.None);
        return await SchemaReplay.ReadAsync(database, new MigratorOptions(), CancellationToken.None);
    }

    private static Snapshot ThroughFile(Snapshot snapshot) =>
        SnapshotParser.Read("x.json", SnapshotWriter.Write(snapshot, true)).Snapshot;

    // Everything that a plan says, or why there is none.
    private static string Plan(Snapshot current, Snapshot desired, CompareOptions options)
    {
        try
        {
            var text = new StringBuilder();
            foreach (var change in SchemaChanges.Make(current, desired, options))
            {
                text.AppendLine(change.Node.ToString()).AppendJoin(", ", change.Node.Pair.Changed).AppendLine()
                    .AppendJoin(";\n", change.Statements).AppendLine().AppendJoin("\n", change.Losses).AppendLine();
            }

            return text.ToString();
        }
        catch (PgMigrateException e)
        {
            return $"{e.Code} {e.Message}";
        }
    }
}
