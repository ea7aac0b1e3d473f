using PgMigrate.Migrations;
using PgMigrate.Scripts;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>A file as the parser sees it, with every problem found in it.</summary>
internal sealed record Parsed(Migration Migration, IReadOnlyList<MigrationProblem> FileProblems)
{
    public static Parsed From(string text, string fileName = "001_x.sql")
    {
        Assert.True(MigrationFileName.TryParse(fileName, allowUnversioned: true, out var name, out _), fileName);
        var migration = Migration.FromText(name, "/folder/" + fileName, text);
        return new Parsed(migration, migration.Problems);
    }

    /// <summary>Those of the file and those that keep its UP or DOWN script from running.</summary>
    public IReadOnlyList<MigrationProblem> Problems =>
        [.. FileProblems, .. RenderedUp.Problems, .. Rendered(Migration.Down)?.Problems ?? []];

    public IEnumerable<string> Codes => Problems.Select(problem => problem.Code);

    public IEnumerable<string> Up => RenderedUp.Held!.Select(statement => statement.Text);

    public IEnumerable<string>? Down => Rendered(Migration.Down)?.Held!.Select(statement => statement.Text);

    public SqlScript RenderedUp => Rendered(Migration.Up)!;

    private static SqlScript? Rendered(SqlScript? script) =>
        script is null ? null : ScriptRenderer.Render(script, new PlaceholderValues());
}
