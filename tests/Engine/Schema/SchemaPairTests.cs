using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using PgMigrate.Tests.Scratch;
using Xunit;
using Xunit.Abstractions;

namespace PgMigrate.Tests.Schema;

/// <summary>
/// Pairs of states from the suites of other tools: the migration from one to the other is drafted and proved, or refused by
/// name. With PGMIGRATE_SOAK all of them, and pg_dump judges the result where it is installed.
/// </summary>
public class SchemaPairTests(ITestOutputHelper output)
{
    // On the older runtime the same code draws the same plans: a few are enough.
    private static readonly int SampleSize =
        Environment.GetEnvironmentVariable("PGMIGRATE_TEST_RUNTIME") == "8" ? 15 : 150;
    private const double LeastRight = 0.97;
    private static readonly CompareOptions Everything = new() { IncludePrivileges = true };
    private static readonly bool IsSoak = Environment.GetEnvironmentVariable("PGMIGRATE_SOAK") is { Length: > 0 };

    // For work on one of them: a regular expression over their ids, and a folder for what was drafted.
    private static readonly string? Only = Environment.GetEnvironmentVariable("PGMIGRATE_PAIRS");
    private static readonly string? Folder = Environment.GetEnvironmentVariable("PGMIGRATE_PAIRS_OUT");

    [RealDataFact]
    public async Task A_migration_between_the_states_of_a_pair_is_proved_or_refused()
    {
        var all = SchemaPair.ReadAll().Where(pair => pair.Loads.Current.Contains(PostgresServer.Major)
            && pair.Loads.Desired.Contains(PostgresServer.Major)).ToList();
        var step = IsSoak || Only is not null ? 1 : Math.Max(1, all.Count / SampleSize);
        var pairs = all.Where((pair, i) => i % step == 0 && (Only is null || Regex.IsMatch(pair.Id, Only))).ToList();
        var server = await Loading.ServerAsync();
        await SchemaPair.CreateRolesAsync(pairs);
        var outcomes = new List<(string Id, string? Refused, string? Wrong)>();
        await Parallel.ForEachAsync(pairs, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (pair, _) =>
        {
            var text = new StringBuilder();
            var (refused, wrong) = await DraftAsync(server, pair, text);
            if (Folder is not null)
            {
                var name = pair.Id.Length > 150 ? pair.Id[..110] + pair.Id[^40..] : pair.Id;
                await File.WriteAllTextAsync(
                    Path.Combine(Folder, name.Replace('/', '~') + ".txt"), $"{refused ?? wrong ?? "ok"}\n{text}", CancellationToken.None);
            }

            lock (outcomes)
            {
                outcomes.Add((pair.Id, refused, wrong));
            }
        });
        var lines = outcomes.Where(o => o.Refused is not null || o.Wrong is not null)
            .Select(o => $"{o.Id}: {o.Wrong ?? o.Refused}").Order(StringComparer.Ordinal).ToList();
        output.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{outcomes.Count - lines.Count} of {outcomes.Count} are right, {outcomes.Count(o => o.Refused is not null)} are refused"));
        lines.ForEach(output.WriteLine);
        Assert.DoesNotContain(outcomes, o => o.Wrong is not null);
        Assert.True(Only is not null || outcomes.Count - lines.Count >= LeastRight * outcomes.Count, string.Join("\n", lines));
    }

    private static async Task<(string? Refused, string? Wrong)> DraftAsync(ScratchServer server, SchemaPair pair, StringBuilder text)
    {
        try
        {
            await using var database = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
            await SchemaLoader.LoadAsync(database, [Loading.Text(pair.Current)], CancellationToken.None);
            var options = new MigratorOptions();
            var current = SchemaReplay.Of(database, await SchemaReplay.ReadAsync(database, options, CancellationToken.None), options);
            var (desired, _) = await DesiredSchema.ReadAsync(server, [Loading.Text(pair.Desired)], CancellationToken.None);
            var changes = SchemaChanges.Make(current.Snapshot, desired, Everything);
            if (changes.Count == 0)
            {
                return (null, pair.SameOn.Count > 0 ? null : await JudgeAsync(server, database, pair.Desired, "no change"));
            }

            var files = await MigrationDrafter.DraftAsync(current, desired, changes, Everything, CancellationToken.None);
            foreach (var file in files)
            {
                text.AppendLine(file.Up).AppendLine("-- DOWN").AppendLine(file.Down);
            }

            await MigrationProof.ProveAsync(current, desired, files, Everything, CancellationToken.None);
            return (null, IsSoak ? await JudgeBothWaysAsync(server, current, files, pair) : null);
        }
        catch (PgMigrateException e)
        {
            text.AppendLine(e.Message);
            return ($"{e.Code} {e.Message.ReplaceLineEndings(" ")}", null);
        }
    }

    private static async Task<string?> JudgeBothWaysAsync(
        ScratchServer server, SchemaReplay current, IReadOnlyList<DraftedFile> files, SchemaPair pair)
    {
        await using var clone = await current.Database.CloneAsync(CancellationToken.None);
        foreach (var file in files)
        {
            await RunAsync(clone, file.Up);
        }

        var up = await JudgeAsync(server, clone, pair.Desired, "UP");
        foreach (var file in files.Reverse())
        {
            await RunAsync(clone, file.Down);
        }

        return up ?? await JudgeAsync(server, clone, pair.Current, "DOWN");
    }

    private static async Task RunAsync(ScratchDatabase database, string sql)
    {
        await using var session = await database.OpenForLoadAsync(CancellationToken.None);
        await using var transaction = await session.Connection.BeginTransactionAsync();
        foreach (var piece in SqlSplitter.Split(sql).Pieces.Where(piece => piece.Kind == SqlPieceKind.Statement))
        {
            await using var command = new NpgsqlCommand(
                sql.Substring(piece.Offset, piece.Length).TrimEnd(';'), session.Connection, transaction);
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    // What pg_dump and the catalogs say, through a program that knows nothing of this one.
    private static async Task<string?> JudgeAsync(ScratchServer server, ScratchDatabase reached, string sql, string way)
    {
        if (!IsSoak || Psql.Missing is not null)
        {
            return null;
        }

        await using var wanted = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        await SchemaLoader.LoadAsync(wanted, [Loading.Text(sql)], CancellationToken.None);
        var start = new ProcessStartInfo(
            Path.Combine(SchemaPair.Folder!, "same-schema"),
            [
                "--exclude-table", "public.schema_migrations", "--exclude-table", "public.schema_migrations_log",
                await UrlAsync(reached), await UrlAsync(wanted),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var judge = Process.Start(start)!;
        var errors = judge.StandardError.ReadToEndAsync();
        var said = await judge.StandardOutput.ReadToEndAsync();
        await judge.WaitForExitAsync();
        return judge.ExitCode == 0 ? null : $"{way}: {said}{await errors}";
    }

    private static async Task<string> UrlAsync(ScratchDatabase database)
    {
        var settings = new NpgsqlConnectionStringBuilder(await PostgresServer.ConnectionStringAsync());
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"postgresql://{settings.Username}@{settings.Host}:{settings.Port}/{database.Name}");
    }
}
