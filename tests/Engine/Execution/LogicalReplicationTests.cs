using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Two real servers, one a subscriber of the other.</summary>
public class LogicalReplicationTests
{
    [Fact]
    public async Task A_published_history_is_a_warning_and_a_subscribed_one_an_error()
    {
        await using var publisher = await LoopbackServer.StartAsync("wal_level = logical");
        await using var subscriber = await LoopbackServer.StartAsync();
        using var folder = new TestFolder(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
            ("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;"));
        var options = new MigratorOptions { FolderPaths = [folder.FullPath] };
        await using (var before = await Migrator.OpenAsync(publisher.Target, options, CancellationToken.None))
        {
            Assert.Empty((await before.PlanAsync(Sandbox.Apply, CancellationToken.None)).Problems);
        }

        await publisher.ExecuteAsync("CREATE PUBLICATION everything FOR ALL TABLES");
        await using var source = await Migrator.OpenAsync(publisher.Target, options, CancellationToken.None);
        await AssertWarnsAsync(source); // not created yet, and published as soon as it is
        await RunAsync(source, Sandbox.Apply with { Steps = 1 });
        await AssertWarnsAsync(source);

        await using (var copy = await Migrator.OpenAsync(subscriber.Target, options, CancellationToken.None))
        {
            await copy.InitializeAsync(new RunOptions(), CancellationToken.None);
        }

        var port = publisher.Port.ToString(CultureInfo.InvariantCulture);
        await subscriber.ExecuteAsync(
            "CREATE TABLE a (i int)",
            $"CREATE SUBSCRIPTION copy CONNECTION 'host=127.0.0.1 port={port} user=postgres dbname=postgres' "
                + "PUBLICATION everything");
        await subscriber.WaitUntilAsync("SELECT count(*) = 1 FROM schema_migrations");

        await using var migrator = await Migrator.OpenAsync(subscriber.Target, options, CancellationToken.None);
        foreach (var request in new[] { Sandbox.Apply, Sandbox.Undo })
        {
            var plan = await migrator.PlanAsync(request, CancellationToken.None);
            Assert.Equal("HistorySubscribed", Assert.Single(plan.Errors).Code);
            await Assert.ThrowsAsync<PlanBlockedException>(() => RunAsync(migrator, request));
        }

        var remove = await Assert.ThrowsAsync<InitializationException>(
            () => migrator.RemoveRecordsAsync(["1"], new RunOptions(), CancellationToken.None));
        Assert.Equal("HistorySubscribed", remove.Code);
        Assert.True((await migrator.GetStatusAsync(CancellationToken.None)).Migrations[0].Applied);
        await subscriber.ExecuteAsync("DROP SUBSCRIPTION copy");
        Assert.Empty((await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None)).Errors);
    }

    [PostgresFact(15)]
    public Task A_publication_of_the_whole_schema_is_a_warning() =>
        Only_a_publication_that_includes_the_tracking_table_is_a_warning("TABLES IN SCHEMA public", true);

    [Theory]
    [InlineData("TABLE schema_migrations", true)]
    [InlineData("TABLE schema_migrations_log", false)]
    [InlineData("TABLE a", false)]
    public async Task Only_a_publication_that_includes_the_tracking_table_is_a_warning(string tables, bool warns)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await box.ApplyAllAsync();
        await box.Database.ExecuteAsync($"CREATE PUBLICATION p FOR {tables}");
        box.Folder.Write("002_b.sql", "SELECT 1;");

        var plan = await box.PlanAsync(Sandbox.Apply);

        Assert.Equal(warns ? "Warning:HistoryPublished" : "", plan.ProblemCodes());
    }

    private static async Task AssertWarnsAsync(Migrator migrator)
    {
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        Assert.Equal("Warning:HistoryPublished", plan.ProblemCodes());
        Assert.Contains("everything", plan.Problems[0].Message, StringComparison.Ordinal);
    }

    private static async Task RunAsync(Migrator migrator, PlanRequest request)
    {
        var plan = await migrator.PlanAsync(request, CancellationToken.None);
        await foreach (var _ in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            // Only the end counts.
        }
    }
}
