using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>What runs of other tools' folders against a real server.</summary>
public class FormatRunTests
{
    [Fact]
    public async Task A_repeatable_file_runs_last_and_again_when_it_has_changed()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V1__t.sql", "CREATE TABLE t (n int);"), ("R__b.sql", "INSERT INTO t VALUES (2);"),
            ("R__a.sql", "INSERT INTO t VALUES (1);"));

        Assert.Equal(
            ["V1__t.sql", "R__a.sql", "R__b.sql"], (await box.ApplyAllAsync()).Select(result => result.FileName));
        Assert.Empty(await box.ApplyAllAsync());

        box.Folder.Write("R__a.sql", "INSERT INTO t VALUES (10);");
        box.Folder.Write("V2__u.sql", "CREATE TABLE u (n int);");
        var rows = await box.StatusAsync();
        Assert.Equal(nameof(MigrationState.RepeatableChanged), rows.Single(row => row.Name == "R__a").State);
        Assert.True(rows.Single(row => row.Name == "R__a").Pending);
        Assert.Equal(["V2__u.sql", "R__a.sql"], (await box.ApplyAllAsync()).Select(result => result.FileName));

        Assert.Equal(13, await box.Database.ScalarAsync<long>("SELECT sum(n) FROM t"));
        Assert.Equal(["1", "R__b", "2", "R__a"], await box.RecordedAsync());
        Assert.Equal(
            ["versioned", "repeatable", "versioned", "repeatable"],
            await box.Database.ListAsync("SELECT kind FROM schema_migrations ORDER BY id"));
        Assert.Equal("2", (await box.SummaryAsync()).CurrentVersion);
    }

    [Fact]
    public async Task A_repeatable_file_that_fails_again_keeps_its_record_of_before()
    {
        await using var box = await Sandbox.CreateAsync(("V1__t.sql", "SELECT 1;"), ("R__a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Folder.Write("R__a.sql", "SELECT nope;");

        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Equal(nameof(MigrationState.RepeatableChanged), (await box.StatusAsync())[1].State);
        Assert.Equal(["1", "R__a"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_repeatable_no_transaction_file_runs_again_as_well()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V1__t.sql", "CREATE TABLE t (n int);"), ("R__a.sql", "VACUUM t;\nVACUUM (ANALYZE) t;"));
        await box.ApplyAllAsync();
        box.Folder.Write("R__a.sql", "VACUUM (FREEZE) t;\nVACUUM t;");

        Assert.Equal(["R__a.sql"], (await box.ApplyAllAsync()).Select(result => result.FileName));
        Assert.Empty(await box.ApplyAllAsync());
        Assert.Equal(["versioned", "repeatable"], await box.Database.ListAsync("SELECT kind FROM schema_migrations ORDER BY id"));
    }

    [Fact]
    public async Task An_undo_skips_repeatable_files()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V1__t.sql", "CREATE TABLE t (n int);"), ("U1__t.sql", "DROP TABLE t;"), ("R__a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();

        Assert.Equal(["V1__t.sql"], (await box.RunAsync(Sandbox.Undo)).Succeeded().Select(result => result.FileName));
        var one = await box.RunAsync(Sandbox.Undo with { Versions = ["R__a"] });
        Assert.Equal("NoUndo", one.Failed<PlanBlockedException>().Code);
        Assert.Equal(["R__a"], await box.RecordedAsync());
    }

    [Theory]
    [InlineData("001_a.up.sql", "001_a.down.sql", "")]
    [InlineData("001_a.up.sql", "001_a.down.sql", "-- nothing to do\n")]
    [InlineData("V1__a.sql", "U1__a.sql", " ")]
    [InlineData("20240131120000_a/migration.sql", "20240131120000_a/down.sql", "")]
    [InlineData("2024-01-31-120000_a/up.sql", "2024-01-31-120000_a/down.sql", "-- This file should undo anything in `up.sql`")]
    [InlineData("001_a.sql", null, "-- +goose Up\nSELECT 1;\n-- +goose Down\n")]
    [InlineData("001_a.sql", null, "-- migrate:up\nSELECT 1;\n-- migrate:down\n")]
    public async Task A_down_script_without_sql_removes_only_the_record(string up, string? down, string text)
    {
        await using var box = await Sandbox.CreateAsync();
        box.Folder.WriteBelow(up, down is null ? text : "SELECT 1;");
        if (down is not null)
        {
            box.Folder.WriteBelow(down, text);
        }

        await box.ApplyAllAsync();
        Assert.True(Assert.Single(await box.StatusAsync()).HasUndo);

        var plan = await box.PlanAsync(Sandbox.Undo with { All = true });
        Assert.Equal("NoStatement", Assert.Single(plan.Problems).Code);
        var result = Assert.Single((await box.RunAsync(Sandbox.Undo with { All = true })).Succeeded());

        Assert.Equal(0, result.StatementCount);
        Assert.Empty(await box.RecordedAsync());
    }

    [Theory]
    [InlineData("001_a.up.sql", "")]
    [InlineData("V1__a.sql", "\n\n")]
    [InlineData("20240131120000_a/migration.sql", " ")]
    public async Task An_empty_up_file_is_recorded_as_its_tool_does(string name, string text)
    {
        await using var box = await Sandbox.CreateAsync();
        box.Folder.WriteBelow(name, text);

        Assert.Equal("NoStatement", Assert.Single((await box.PlanAsync(Sandbox.Apply)).Problems).Code);
        await box.ApplyAllAsync();

        Assert.Single(await box.RecordedAsync());
        Assert.Empty(await box.ApplyAllAsync());
    }

    [Fact]
    public async Task A_baseline_script_replaces_all_files_before_it_where_nothing_is_applied()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V1__a.sql", "SELECT nope;"), ("V2__b.sql", "SELECT nope;"), ("V3__c.sql", "CREATE TABLE c (n int);"),
            ("B2__base.sql", "CREATE TABLE base (n int);"), ("B1__old.sql", "SELECT nope;"));

        Assert.Equal(
            ["B2__base Pending", "V3__c Pending"], (await box.StatusAsync()).Select(row => $"{row.Name} {row.State}"));
        Assert.Equal(0, (await box.SummaryAsync()).Applied);
        Assert.Equal(["B2__base.sql", "V3__c.sql"], (await box.ApplyAllAsync()).Select(result => result.FileName));
        Assert.Empty(await box.ApplyAllAsync());
        Assert.Equal(
            ["V1__a Baseline", "B2__base Applied", "V3__c Applied"],
            (await box.StatusAsync()).Select(row => $"{row.Name} {row.State}"));
        Assert.Equal(["baseline_script", "versioned"], await box.Database.ListAsync("SELECT kind FROM schema_migrations ORDER BY id"));
        Assert.True((await box.SummaryAsync()).IsUpToDate);
    }

    [Fact]
    public async Task A_baseline_script_is_ignored_where_something_is_applied()
    {
        await using var box = await Sandbox.CreateAsync(("V1__a.sql", "SELECT 1;"), ("R__r.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Folder.Write("V2__b.sql", "SELECT 2;");
        box.Folder.Write("B2__base.sql", "SELECT nope;");

        Assert.Equal(["V2__b.sql"], (await box.ApplyAllAsync()).Select(result => result.FileName));
        Assert.Equal(["V1__a", "V2__b", "R__r"], (await box.StatusAsync()).Select(row => row.Name));
    }

    [Fact]
    public async Task A_pair_records_its_down_script_and_warns_when_it_has_changed()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.up.sql", "CREATE TABLE a (n int);"), ("001_a.down.sql", "DROP TABLE a;"),
            ("002_b.up.sql", "SELECT 2;"), ("002_b.down.sql", "-- nothing\n"));
        await box.ApplyAllAsync();
        Assert.Equal(
            ["DROP TABLE a;", "-- nothing"], await box.Database.ListAsync("SELECT coalesce(undo_sql, '') FROM schema_migrations ORDER BY id"));
        Assert.DoesNotContain((await box.PlanAsync(Sandbox.Apply)).Problems, problem => problem.Code == "DownChanged");

        box.Folder.Write("001_a.down.sql", "DROP TABLE IF EXISTS a;");
        box.Folder.Write("002_b.down.sql", "SELECT 3;");
        var plan = await box.PlanAsync(Sandbox.Apply);

        Assert.False(plan.IsBlocked);
        Assert.Equal(
            ["001_a.up.sql", "002_b.up.sql"],
            plan.Problems.Where(problem => problem.Code == "DownChanged").Select(problem => problem.FileName));
        Assert.Contains("UndoDiffers", (await box.PlanAsync(Sandbox.Undo with { All = true })).Errors.Select(problem => problem.Code));
    }

    [Fact]
    public async Task An_error_in_a_down_file_names_that_file()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.up.sql", "SELECT 1;"), ("001_a.down.sql", "SELECT 1;\nSELECT nope;"));
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>().Result.Error!;

        Assert.Equal(("001_a.down.sql", 2, 8), (error.FileName, error.Line, error.Column));
        Assert.Equal(box.Folder.PathOf("001_a.down.sql"), error.FilePath);
    }

    [Fact]
    public async Task A_plan_of_sqitch_runs_in_its_own_order_and_back()
    {
        await using var box = await Sandbox.CreateAsync(
            ("sqitch.plan", "%project=p\nzoo\nant [zoo]\nmid\n"));
        foreach (var (name, up, down) in new[]
        {
            ("zoo", "CREATE TABLE zoo (n int);", "DROP TABLE zoo;"), ("ant", "ALTER TABLE zoo ADD a int;", "ALTER TABLE zoo DROP a;"),
            ("mid", "CREATE TABLE mid (n int);", "DROP TABLE mid;"),
        })
        {
            box.Folder.WriteBelow($"deploy/{name}.sql", $"BEGIN;\n{up}\nCOMMIT;");
            box.Folder.WriteBelow($"revert/{name}.sql", $"BEGIN;\n{down}\nCOMMIT;");
        }

        Assert.Equal(["zoo", "ant", "mid"], (await box.ApplyAllAsync()).Select(result => result.Name));
        Assert.Equal(["zoo", "ant", "mid"], (await box.StatusAsync()).Select(row => row.Version));
        Assert.Empty(await box.ApplyAllAsync());
        box.Folder.Write("sqitch.plan", "%project=p\nzoo\nlate\nant [zoo]\nmid\n");
        box.Folder.WriteBelow("deploy/late.sql", "SELECT 1;");
        Assert.Equal(nameof(MigrationState.OutOfOrder), (await box.StatusAsync())[1].State);
        Assert.Equal(
            ["mid", "ant", "zoo"],
            (await box.RunAsync(Sandbox.Undo with { All = true })).Succeeded().Select(result => result.Name));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task A_recorded_no_transaction_down_script_runs_without_its_file()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql",
            "-- migrate:up\nCREATE TABLE t (n int);\n-- migrate:down transaction:false\n"
                + "CREATE INDEX CONCURRENTLY i ON t (n);\nDROP TABLE t;"));
        await box.ApplyAllAsync();
        box.Folder.Delete("1_a.sql");

        (await box.RunAsync(Sandbox.Undo)).Succeeded();

        Assert.Empty(await box.RecordedAsync());
    }
}
