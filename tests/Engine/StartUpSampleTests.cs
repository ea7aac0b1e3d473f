using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Shop;
using Xunit;

namespace PgMigrate.Tests;

/// <summary>Runs docs/examples/dotnet/StartUp.cs, which is compiled into this project.</summary>
public class StartUpSampleTests
{
    [Fact]
    public async Task The_sample_applies_pending_migrations_and_reports_them()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "SELECT 1;"));
        using var log = new StringWriter();

        Assert.Equal(2, await StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, log));
        Assert.Equal(0, await StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, log));

        Assert.Matches(@"^applied 001_a\.sql in \d+ ms\s+applied 002_b\.sql in \d+ ms\s+$", log.ToString());
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task Two_instances_that_start_together_apply_each_migration_once()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT pg_sleep(0.2); CREATE TABLE a (i int);"));

        var applied = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, TextWriter.Null)));

        Assert.Equal([0, 0, 1], applied.Order());
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_failure_ends_the_start_up_with_its_place()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "SELECT nope;"));
        using var log = new StringWriter();

        await Assert.ThrowsAsync<MigrationApplyException>(() =>
            StartUp.MigrateAsync(box.Database.ConnectionString, box.Folder.FullPath, log));

        Assert.Contains("MigrationFailed: 002_b.sql:1:8: ", log.ToString(), StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
    }
}
