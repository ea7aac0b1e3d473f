using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests;

public class MigratorTests
{
    [Fact]
    public async Task A_status_has_the_state_of_each_migration()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "-- Description: first\nSELECT 1;\n-- DOWN\nSELECT 2;"), ("002_b.sql", "SELECT 2;"),
            ("003_c.sql", "SELECT 3;"), ("005_e.sql", "SELECT 5;"));
        await box.ApplyAllAsync();
        box.Folder.Write("002_b.sql", "SELECT 'changed';");
        box.Folder.Delete("003_c.sql");
        box.Folder.Write("004_d.sql", "SELECT 4;");
        box.Folder.Write("006_f.sql", "SELECT 6;");

        var rows = await box.StatusAsync();

        Assert.Equal(
            ["1 Applied", "2 Modified", "3 Missing", "4 OutOfOrder", "5 Applied", "6 Pending"],
            rows.Select(row => $"{row.Version} {row.State}"));
        Assert.Equal([true, true, true, false, true, false], rows.Select(row => row.Applied));
        Assert.All(rows, row => Assert.NotEqual(row.Applied, row.Pending));
        Assert.Equal(("first", true, "default", "public", "schema_migrations"),
            (rows[0].Description, rows[0].HasUndo, rows[0].Module, rows[0].Schema, rows[0].HistoryTable));
        Assert.Equal(box.Folder.PathOf("001_a.sql"), rows[0].FilePath);
        Assert.Equal(box.Database.Name, rows[0].Connection.Database);
        Assert.NotEqual(rows[1].Checksum, rows[1].CurrentChecksum);
        Assert.Equal(("003_c.sql", null, null), (rows[2].FileName, rows[2].FilePath, rows[2].CurrentChecksum));
        Assert.True(rows[0].DurationMs > 0);
        Assert.NotNull(rows[0].AppliedBy);
        Assert.Null(rows[3].AppliedAt);
        Assert.Null(rows[3].Checksum);
    }

    [Fact]
    public async Task A_summary_counts_the_states()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 2;"));
        await using (var migrator = await box.OpenAsync())
        {
            var before = await migrator.GetSummaryAsync(CancellationToken.None);
            Assert.Equal((false, 2, 0, 2, null),
                (before.IsUpToDate, before.Total, before.Applied, before.Pending, before.CurrentVersion));
        }

        await box.ApplyAllAsync();
        await using (var migrator = await box.OpenAsync())
        {
            var after = await migrator.GetSummaryAsync(CancellationToken.None);
            Assert.Equal((true, 2, 2, 0, "2"),
                (after.IsUpToDate, after.Total, after.Applied, after.Pending, after.CurrentVersion));
        }

        box.Folder.Write("001_a.sql", "SELECT 'changed';");
        await using (var migrator = await box.OpenAsync())
        {
            var changed = await migrator.GetSummaryAsync(CancellationToken.None);
            Assert.Equal((false, 1), (changed.IsUpToDate, changed.Modified));
        }
    }

    [Fact]
    public async Task A_summary_with_a_broken_file_is_not_up_to_date()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Folder.Write("no_version.sql", "SELECT 1;");
        await using var migrator = await box.OpenAsync();

        Assert.False((await migrator.GetSummaryAsync(CancellationToken.None)).IsUpToDate);
    }

    [Fact]
    public async Task The_log_lists_the_newest_first_and_of_this_module_alone()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT 1;\n-- DOWN\nSELECT -1;"), ("002_b.sql", "SELECT nope;"));
        await box.RunAsync(Sandbox.Apply);
        (await box.RunAsync(Sandbox.Undo)).Succeeded();
        await box.Database.ExecuteAsync(
            "INSERT INTO schema_migrations_log (module_name, version, filename, event) "
                + "VALUES ('other', '1', 'x', 'applied')");

        var lines = await box.LogAsync();

        Assert.Equal(["1 undone", "2 failed", "1 applied"], lines.Select(line => $"{line.Version} {line.Event}"));
        Assert.True(lines[0].Id > lines[1].Id);
        Assert.Equal(["undone", "failed"], (await box.LogAsync(2)).Select(line => line.Event));
        Assert.Equal("42703", lines[1].SqlState);
        Assert.True(lines[2].DurationMs > 0);
        Assert.All(lines, line => Assert.Equal(64, line.Checksum!.Length));
    }

    [Fact]
    public async Task Dependencies_are_recorded_and_outlive_their_file()
    {
        await using var box = await Sandbox.CreateAsync(("007_x.sql", "SELECT 7;"));
        box.Options = box.Options with { Module = "billing" };
        await box.ApplyAllAsync();
        box.Folder.Delete("007_x.sql");
        box.Folder.Write(
            "001_a.sql", "-- Depends: 002_b, billing:7\nINSERT INTO t VALUES (1);\n-- DOWN\nDELETE FROM t;");
        box.Folder.Write("002_b.sql", "CREATE TABLE t (i int);\n-- DOWN\nDROP TABLE t;");
        box.Options = box.Options with { Module = "default" };

        Assert.Equal(["2", "1"], (await box.ApplyAllAsync()).Select(result => result.Version));
        Assert.Equal(
            ["{}", "{002_b,billing:7}"],
            await box.Database.ListAsync(
                "SELECT depends_on FROM schema_migrations WHERE module_name = 'default' ORDER BY id"));

        box.Folder.Delete("001_a.sql");
        var rows = await box.StatusAsync();
        Assert.Equal(["2 Applied", "1 Missing"], rows.Select(row => $"{row.Version} {row.State}"));
        Assert.Equal(["002_b", "billing:7"], rows[1].DependsOn);
        Assert.Equal(
            "StillNeeded",
            (await box.RunAsync(Sandbox.Undo with { Versions = ["2"] })).Failed<Errors.PlanBlockedException>().Code);
    }

    [Fact]
    public async Task The_default_module_is_the_schema_or_default()
    {
        await using var box = await Sandbox.CreateAsync();

        foreach (var (schema, module, expected) in
            new[] { (null, null, "default"), ("public", null, "public"), ("public", "m", "m"), (null, "m", "m") })
        {
            box.Options = box.Options with { Schema = schema, Module = module };
            await using var migrator = await box.OpenAsync();
            Assert.Equal(expected, migrator.Module);
            Assert.Equal("public", migrator.Schema);
        }
    }
}
