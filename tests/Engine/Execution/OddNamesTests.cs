using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Names that would be more than names if they were not quoted, against the real server.</summary>
public class OddNamesTests
{
    public static TheoryData<string> Names =>
    [
        "plain", "Mixed Case", "a\"b", "\"", "a'b", "a''; DROP TABLE public.canary; --", "a\"; DROP TABLE public.canary; --",
        "line\nbreak", "a;\nDROP TABLE public.canary;\n", "-- comment", "/* open", "back\\slash", "E'\\''", "$1", "$$", "$tag$",
        "{history}", "{log}", "{undo}", "{{schema}}", "%s %I", "Größe 表 🐘", "e\u0301", "\u202Eright to left", "select", "tab\there",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_odd_name_is_only_a_name(string name)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE made (i int);\n-- DOWN\nDROP TABLE made;"),
            ("002_b.sql", "SELECT 1;\n-- DOWN\nSELECT 2;"));
        await box.Database.ExecuteAsync("CREATE TABLE public.canary (i int)");
        box.Options = box.Options with { Schema = name, HistoryTable = name, Module = name, CreateSchema = true };

        var applied = (await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true })).Succeeded();
        var again = (await box.RunAsync(Sandbox.Apply)).Succeeded();
        var undone = (await box.RunAsync(Sandbox.Undo)).Succeeded();

        Assert.Equal(2, applied.Count);
        Assert.Empty(again);
        Assert.Single(undone);
        await using var migrator = await box.OpenAsync();
        Assert.Equal(
            [nameof(MigrationState.Applied), nameof(MigrationState.Pending)],
            (await migrator.GetStatusAsync(CancellationToken.None)).Migrations.Select(row => row.State));
        Assert.Equal(3, (await migrator.GetLogAsync(null, CancellationToken.None)).Count);
        Assert.Equal([name], await Migrator.ListModulesAsync(box.Database.Target, name, name, CancellationToken.None));
        Assert.Single(await migrator.RemoveRecordsAsync(["1"], new RunOptions(), CancellationToken.None));
        Assert.True(await box.Database.HasTableAsync("public.canary"));
        Assert.Equal(
            [name, name + "_log", "made"],
            (await box.Database.ListAsync(
                $"SELECT tablename FROM pg_tables WHERE schemaname = {SqlIdentifier.Literal(name)}"))
                .Order(StringComparer.Ordinal)
                .OrderBy(table => table == "made"));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_schema_that_is_not_an_identifier_is_not_inserted_into_a_script()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE {{schema}}.t (i int);"));
        var values = new PlaceholderValues { Schema = "a\"; DROP TABLE public.canary; --" };

        var run = await box.RunAsync(Sandbox.Apply with { Placeholders = values });

        Assert.Equal("PlaceholderInvalid", run.Failed<PlanBlockedException>().Code);
    }

    [Theory]
    [InlineData("{{tables.a\"; DROP TABLE public.canary; --}}")]
    [InlineData("{{tables.s.a b}}")]
    [InlineData("{{vars.x;y}}")]
    public async Task A_placeholder_that_is_not_a_name_blocks_the_run(string placeholder)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", $"SELECT * FROM {placeholder};"));
        await box.Database.ExecuteAsync("CREATE TABLE public.canary (i int)");

        var run = await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true });

        Assert.NotNull(run.Error);
        Assert.DoesNotContain(run.Results, result => result.Is(MigrationOutcome.Applied));
        Assert.True(await box.Database.HasTableAsync("public.canary"));
    }
}
