using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class BaselineTests
{
    private static readonly (string, string)[] Three =
    [
        ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"), ("002_b.sql", "CREATE TABLE b (i int);"),
        ("003_c.sql", "CREATE TABLE c (i int);"),
    ];

    [Theory]
    [InlineData("2")]
    [InlineData("002_b")]
    public async Task A_baseline_records_up_to_a_version_and_runs_nothing(string baseline)
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.Database.ExecuteAsync("CREATE TABLE a (i int); CREATE TABLE b (i int);");

        var results = (await box.RunAsync(Baseline(baseline))).Succeeded();

        Assert.Equal(
            ["1 001_a.sql Recorded", "2 002_b.sql Recorded"],
            results.Select(result => $"{result.Order} {result.FileName} {result.Outcome}"));
        Assert.All(results, result => Assert.NotNull(result.AppliedAt));
        Assert.Equal(
            ["Baseline", "Baseline", "Pending"], (await box.StatusAsync()).Select(row => row.State.ToString()));
        Assert.Equal(["baseline", "baseline"], (await box.LogAsync()).Select(line => line.Event));
        Assert.Equal(
            ["baseline", "baseline"],
            await box.Database.ListAsync("SELECT kind FROM schema_migrations ORDER BY id"));
        Assert.Equal(["003_c.sql"], (await box.ApplyAllAsync()).Select(result => result.FileName));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_baseline_that_fails_in_the_middle_records_nothing()
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.Database.ExecuteAsync("CREATE TABLE a (i int);");
        await using (var migrator = await box.OpenAsync())
        {
            await migrator.InitializeAsync(new RunOptions(), CancellationToken.None);
        }

        await box.Database.ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON schema_migrations FOR EACH ROW WHEN (NEW.version = '3')
            EXECUTE FUNCTION refuse();
            """);

        Assert.Equal("HistoryWriteFailed", (await box.RunAsync(Baseline("3"))).Failed<InitializationException>().Code);

        Assert.Empty(await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_baseline_is_rejected_when_the_history_has_records()
    {
        await using var box = await Sandbox.CreateAsync(Three[..1]);
        await box.ApplyAllAsync();
        box.Folder.Write("002_b.sql", "SELECT 1;");

        var error = (await box.RunAsync(Baseline("2"))).Failed<PlanBlockedException>();

        Assert.Equal("HistoryNotEmpty", error.Code);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_baseline_with_an_unknown_version_is_rejected()
    {
        await using var box = await Sandbox.CreateAsync(Three);

        Assert.Equal("MigrationNotFound", (await box.RunAsync(Baseline("9"))).Failed<PlanBlockedException>().Code);
    }

    [Fact]
    public async Task A_file_that_could_not_run_can_be_recorded_and_a_changed_one_is_seen()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 'open"));
        (await box.RunAsync(Baseline("1"))).Succeeded();

        box.Folder.Write("001_a.sql", "SELECT 'shut';");

        Assert.Equal(nameof(MigrationState.Modified), (await box.StatusAsync())[0].State);
    }

    [Fact]
    public async Task What_was_recorded_can_be_undone()
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.Database.ExecuteAsync("CREATE TABLE a (i int);");
        (await box.RunAsync(Baseline("1"))).Succeeded();

        (await box.RunAsync(Sandbox.Undo)).Succeeded();

        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'a'"));
    }

    [Fact]
    public async Task The_error_for_a_database_with_tables_names_the_baseline()
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.Database.ExecuteAsync("CREATE TABLE a (i int);");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("DatabaseNotEmpty", error.Code);
        Assert.Contains("-Baseline", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removing_several_records_is_one_transaction()
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.ApplyAllAsync();
        await box.Database.ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
            CREATE TRIGGER refuse BEFORE DELETE ON schema_migrations FOR EACH ROW WHEN (OLD.version = '3')
            EXECUTE FUNCTION refuse();
            """);
        await using var migrator = await box.OpenAsync();

        await Assert.ThrowsAnyAsync<Exception>(() =>
            migrator.RemoveRecordsAsync(["2", "3"], new RunOptions(), CancellationToken.None));

        Assert.Equal(["1", "2", "3"], await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }

    private static PlanRequest Baseline(string version) => Sandbox.Apply with { Baseline = version };
}
