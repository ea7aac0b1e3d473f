using System.Globalization;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

/// <summary>
/// No file ends as applied with live SQL that was neither run nor refused: files made at random are applied, and compared
/// with psql running the same text.
/// </summary>
public class GeneratedFileTests
{
    // PGMIGRATE_SOAK asks for the number that takes minutes.
    private static readonly int FilesPerFormat =
        Environment.GetEnvironmentVariable("PGMIGRATE_SOAK") is { Length: > 0 } ? 1250 : 60;

    [PsqlFact]
    public async Task PgMigrate_applies_what_psql_runs_without_the_down_sections()
    {
        // A failure names its seed: put it here to see it again.
        var seed = Environment.TickCount;
        foreach (var layout in Layouts)
        {
            await CompareAsync(layout, new Random(seed), seed);
        }
    }

    private static IReadOnlyList<Layout> Layouts { get; } =
    [
        new("native", withMarkers: true, (name, text) => [($"{name}_x.sql", text)]),
        new("golang-migrate", withMarkers: true, (name, text) => [($"{name}_x.up.sql", text)]),
        new("golang-migrate", withMarkers: false, (name, text) =>
            [($"{name}_x.up.sql", text), ($"{name}_x.down.sql", "SELECT 1;")]),
        new("flyway", withMarkers: true, (name, text) => [($"V{name}__x.sql", text)]),
        new("flyway", withMarkers: false, (name, text) => [($"V{name}__x.sql", text), ($"U{name}__x.sql", "SELECT 1;")]),
        new("diesel", withMarkers: false, (name, text) => [($"{name}_x/up.sql", text), ($"{name}_x/down.sql", "SELECT 1;")]),
        new("goose", withMarkers: false, (name, text) =>
            [($"{name}_x.sql", $"-- +goose Up\n{text}\n-- +goose Down\nSELECT 1;")]),
        new("dbmate", withMarkers: false, (name, text) =>
            [($"{name}_x.sql", $"-- migrate:up\n{text}\n-- migrate:down\nSELECT 1;")]),
    ];

    private static async Task CompareAsync(Layout layout, Random random, int seed)
    {
        var files = Enumerable.Range(1, FilesPerFormat)
            .Select(number => number.ToString("0000", CultureInfo.InvariantCulture))
            .ToDictionary(name => name, name => GeneratedFile.Make(name, random, layout.WithMarkers));
        await using var box = await Sandbox.CreateAsync();
        await using var psql = await TestDatabase.CreateAsync();
        foreach (var (name, file) in files)
        {
            layout.Write(box.Folder, name, file.Text);
        }

        var refused = await RefusedAsync(box.Folder, layout);
        foreach (var name in refused)
        {
            layout.Delete(box.Folder, name);
        }

        var kept = files.Where(file => !refused.Contains(file.Key)).ToList();
        const string Table = "CREATE TABLE ran (file text, number int);";
        await Task.WhenAll(box.Database.ExecuteAsync(Table), psql.ExecuteAsync(Table));
        await Psql.RunAsync(psql, string.Concat(kept.Select(file => $"{file.Value.Text}\n")));

        var run = await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true });

        Assert.All(run.Succeeded(), result => Assert.Equal(layout.Format, result.Format));

        var ran = await RowsAsync(box.Database);
        var all = await RowsAsync(psql);
        foreach (var (name, file) in kept)
        {
            var up = all[name].Except(file.Down);
            Assert.True(up.SequenceEqual(ran[name]), $"Seed {seed}, {layout.Format}, {name}:\n{file.Text}");
        }

        // Neither answer is the only one.
        Assert.InRange(kept.Count, FilesPerFormat / 10, layout.RefusesSome ? FilesPerFormat - 1 : FilesPerFormat);
    }

    // Each text is read twice: as a whole, and as one that is too large for that.
    private static async Task<HashSet<string>> RefusedAsync(TestFolder folder, Layout layout)
    {
        var whole = await MigrationFolder.ReadAsync(
            [folder.FullPath], false, LargeMigration.Threshold, CancellationToken.None);
        var parts = await MigrationFolder.ReadAsync([folder.FullPath], false, mostHeld: 0, CancellationToken.None);
        Assert.Equal(layout.Format, whole.Format);
        Assert.Equal(whole.Migrations.Count, parts.Migrations.Count);
        foreach (var (held, large) in whole.Migrations.Zip(parts.Migrations))
        {
            var (one, other) = (Describe(held), Describe(large));
            var text = await File.ReadAllTextAsync(held.FilePath);
            Assert.True(one == other, $"{text}\n--- held\n{one}\n--- large\n{other}");
        }

        return whole.Migrations.Where(migration => ProblemsOf(migration).Any())
            .Select(migration => Layout.NameOf(migration.FileName))
            .ToHashSet();
    }

    private static string Describe(Migration migration)
    {
        var problems = ProblemsOf(migration).Select(problem => $"{problem.Line}:{problem.Column} {problem.Code}").ToList();
        var texts = Rendered(migration.Up).Read().Select(statement => statement.Text);
        return string.Join('\n', [migration.FileName, .. problems, .. problems.Count > 0 ? [] : texts, migration.DownText]);
    }

    private static IEnumerable<MigrationProblem> ProblemsOf(Migration migration) =>
        migration.Problems.Concat(Rendered(migration.Up).Problems)
            .Where(problem => problem.Is(ProblemSeverity.Error));

    private static SqlScript Rendered(SqlScript script) => ScriptRenderer.Render(script, new PlaceholderValues());

    private static async Task<ILookup<string, int>> RowsAsync(TestDatabase database) =>
        (await database.ListAsync("SELECT concat(file, ' ', number) FROM ran ORDER BY file, number"))
        .Select(row => row.Split(' '))
        .ToLookup(row => row[0], row => int.Parse(row[1], CultureInfo.InvariantCulture));

    private sealed class Layout(
        string format, bool withMarkers, Func<string, string, IReadOnlyList<(string Name, string Text)>> files)
    {
        public string Format => format;

        public bool WithMarkers => withMarkers;

        /// <summary>True where headings that name a section could divide a file.</summary>
        public bool RefusesSome => withMarkers;

        public static string NameOf(string fileName) => fileName.TrimStart('V')[..4];

        public void Write(TestFolder folder, string name, string text)
        {
            foreach (var (path, content) in files(name, text))
            {
                folder.WriteBelow(path, content);
            }
        }

        public void Delete(TestFolder folder, string name)
        {
            foreach (var (path, _) in files(name, ""))
            {
                folder.Delete(path);
                if (Path.GetDirectoryName(path) is { Length: > 0 } below && !Directory.EnumerateFiles(folder.PathOf(below)).Any())
                {
                    Directory.Delete(folder.PathOf(below));
                }
            }
        }
    }
}
