using System.Text;
using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Folders that are larger, longer or otherwise more than usual.</summary>
public class OddFolderTests
{
    [Fact]
    public async Task Ten_thousand_files_are_listed_planned_and_counted()
    {
        const int Count = 10_000;
        await using var box = await Sandbox.CreateAsync(
            [.. Enumerable.Range(1, Count).Select(number => ($"{number}_x.sql", $"SELECT {number};"))]);

        var plan = await box.PlanAsync(Sandbox.Apply);
        var applied = (await box.RunAsync(Sandbox.Apply with { Steps = 3 })).Succeeded();
        var status = await box.StatusAsync();

        Assert.Empty(plan.Problems);
        Assert.Equal(Enumerable.Range(1, Count).Select(number => $"{number}"), plan.Steps.Select(step => step.Version.Text));
        Assert.Equal(["1", "2", "3"], applied.Select(result => result.Version));
        Assert.Equal(Enumerable.Range(1, Count), status.Select(row => row.Order));
        Assert.Equal(Count - 3, status.Count(row => row.Pending));
        await using var migrator = await box.OpenAsync();
        var summary = await migrator.GetSummaryAsync(CancellationToken.None);
        Assert.Equal((Count, 3, Count - 3, "3"), (summary.Files, summary.Applied, summary.Pending, summary.CurrentVersion));
    }

    [Fact]
    public async Task A_name_of_two_hundred_characters_is_kept_and_truncated_only_where_the_server_does()
    {
        // Two bytes a letter in the middle, so that the cut at 63 bytes would fall into one; 255 bytes are a file's most.
        var name = $"001_{new string('ä', 40)}{new string('x', 156)}";
        Assert.Equal(200, name.Length);
        await using var box = await Sandbox.CreateAsync(
            ($"{name}.sql", "CREATE TABLE t AS SELECT application_name AS v FROM pg_stat_activity "
                + "WHERE pid = pg_backend_pid();\n-- DOWN\nDROP TABLE t;"));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.Equal((name, 0), (result.Name, result.Notices));
        Assert.Equal(
            [$"{name} {name}.sql"], await box.Database.ListAsync("SELECT name || ' ' || filename FROM schema_migrations"));
        Assert.Equal($"{name}.sql", Assert.Single(await box.LogAsync()).FileName);
        // The server writes other than ASCII letters in its own way.
        var shown = await box.Database.ScalarAsync<string>("SELECT v FROM t");
        Assert.StartsWith("PgMigrate default 001_", shown, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(shown!), 23, 63);
        Assert.Equal(name, Assert.Single(await box.StatusAsync()).Name);
        Assert.Equal("1", Assert.Single((await box.RunAsync(Sandbox.Undo with { Versions = [name] })).Succeeded()).Version);
    }

    [Fact]
    public async Task Version_00_is_version_0_and_comes_first()
    {
        await using var box = await Sandbox.CreateAsync(
            ("01_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;"),
            ("00_init.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"));

        Assert.Equal(
            "0", Assert.Single((await box.RunAsync(Sandbox.Apply with { Target = "00" })).Succeeded()).Version);
        Assert.Equal("1", Assert.Single(await box.ApplyAllAsync()).Version);
        Assert.Equal("1", Assert.Single((await box.RunAsync(Sandbox.Undo with { Target = "0" })).Succeeded()).Version);
        Assert.Equal("0", Assert.Single((await box.RunAsync(Sandbox.Undo with { Versions = ["000"] })).Succeeded()).Version);

        box.Folder.Write("000_again.sql", "SELECT 1;");
        Assert.Equal("DuplicateVersion", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
    }

    [Fact]
    public async Task A_placeholder_in_a_quoted_body_is_replaced_and_an_error_after_it_has_the_right_place()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE {{tables.t}} AS SELECT 7 AS i;\n"
                + "CREATE FUNCTION seven() RETURNS int LANGUAGE sql AS $body$ SELECT i FROM {{tables.t}} $body$;\n"
                + "CREATE TABLE {{tables.u}} AS SELECT seven();"),
            ("002_b.sql", "DO $$ BEGIN PERFORM {{schema}}.seven(); END $$; SELECT nothing;"));
        box.Options = box.Options with { Schema = "my_app", CreateSchema = true };
        var request = Sandbox.Apply with { Placeholders = new() { Schema = "my_app" } };

        var run = await box.RunAsync(request);

        Assert.StartsWith("002_b.sql:1:56: ", run.Failed<MigrationApplyException>().Message, StringComparison.Ordinal);
        Assert.Equal(7, await box.Database.ScalarAsync<int>("SELECT seven FROM my_app.u"));
    }
}
