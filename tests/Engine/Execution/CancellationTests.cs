using System.Diagnostics;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class CancellationTests
{
    private const string IsSleeping =
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        + "AND state = 'active' AND wait_event = 'PgSleep')";

    private const string IsIdleInTransaction =
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
        + "AND state LIKE 'idle in transaction%')";

    [Fact]
    public async Task A_cancelled_statement_is_rolled_back_immediately_and_the_lock_is_free()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"),
            ("002_b.sql", "CREATE TABLE b (i int); SELECT pg_sleep(600);"),
            ("003_c.sql", "CREATE TABLE c (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        using var cancel = new CancellationTokenSource();

        var running = RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), cancel.Token));
        await box.Database.WaitUntilAsync(IsSleeping);
        var clock = Stopwatch.StartNew();
        await cancel.CancelAsync();
        var run = await running;

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.IsAssignableFrom<OperationCanceledException>(run.Error);
        Assert.Equal(["1"], run.Results.Select(result => result.Version));
        Assert.False(await box.Database.ScalarAsync<bool>(IsSleeping));
        Assert.False(await box.Database.ScalarAsync<bool>(IsIdleInTransaction));
        await box.AssertLockIsFreeAsync();
        Assert.False(await box.Database.HasTableAsync("b"));
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_token_that_is_already_cancelled_runs_nothing()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);

        var run = await RunRecord.OfAsync(
            migrator.RunAsync(plan, new RunOptions(), new CancellationToken(canceled: true)));

        Assert.IsAssignableFrom<OperationCanceledException>(run.Error);
        Assert.False(await box.Database.HasTableAsync("a"));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_consumer_that_stops_pulling_after_a_step_ends_the_run_and_frees_the_lock()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);

        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            if (happened is StepFinished)
            {
                break;
            }
        }

        await box.AssertLockIsFreeAsync();
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("b"));
    }

    [Fact]
    public async Task The_session_of_a_statement_that_ignores_the_cancel_request_is_terminated()
    {
        // What a cancel request that arrives between two statements does: nothing.
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql",
                """
                CREATE TABLE a (i int);
                DO $$ BEGIN
                    BEGIN
                        PERFORM pg_sleep(600);
                    EXCEPTION WHEN query_canceled THEN
                        PERFORM pg_sleep(600);
                    END;
                END $$;
                """));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);

        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            if (happened is StatementRunning)
            {
                break;
            }
        }

        await box.AssertLockIsFreeAsync();
        Assert.False(await box.Database.HasTableAsync("a"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task A_consumer_that_stops_pulling_in_the_middle_of_a_step_rolls_it_back()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int); DO $$ BEGIN RAISE NOTICE 'now'; END $$; SELECT pg_sleep(600);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var clock = Stopwatch.StartNew();

        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            // The notice itself may wait in the server's buffer until the batch ends.
            if (happened is NoticeRaised or StatementRunning)
            {
                break;
            }
        }

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        await box.AssertLockIsFreeAsync();
        Assert.False(await box.Database.ScalarAsync<bool>(IsSleeping));
        Assert.False(await box.Database.HasTableAsync("a"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task A_consumer_that_pauses_in_the_middle_of_a_step_holds_no_transaction()
    {
        const int Count = 200_000;
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"DO $$ BEGIN FOR i IN 1..{Count} LOOP RAISE NOTICE '%', i; END LOOP; END $$;"),
            ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var events = migrator.RunAsync(plan, new RunOptions(), CancellationToken.None).GetAsyncEnumerator();
        var seen = new List<MigrationEvent>();
        await using (events)
        {
            while (seen is not [.., NoticeRaised])
            {
                Assert.True(await events.MoveNextAsync());
                seen.Add(events.Current);
            }

            // Nothing pulls now; the step still ends, and the next one does not start.
            await box.Database.WaitUntilAsync("SELECT EXISTS (SELECT FROM schema_migrations)");
            Assert.False(await box.Database.ScalarAsync<bool>(IsIdleInTransaction));
            while (seen is not [.., StepFinished])
            {
                Assert.True(await events.MoveNextAsync());
                seen.Add(events.Current);
            }

            Assert.False(await box.Database.HasTableAsync("b"));
        }

        var notices = seen.OfType<NoticeRaised>().ToList();
        Assert.Equal(Count, seen.OfType<StepFinished>().Single().Result.Notices);
        Assert.InRange(notices.Count, 1, 600); // bounded, whatever the script says
        Assert.Equal(Count - notices.Count, seen.OfType<NoticesDropped>().Single().Count);
        Assert.Equal($"{Count}", notices[^1].Message);
        await box.AssertLockIsFreeAsync();
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task Cancelling_the_creation_of_the_tracking_table_leaves_nothing_behind()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        await using var other = await box.Database.ConnectAsync();
        await using var blocking = await other.BeginTransactionAsync();
        await using var command = other.CreateCommand();
        command.CommandText = "CREATE TABLE schema_migrations (i int)"; // the same name, not committed
        await command.ExecuteNonQueryAsync();
        using var cancel = new CancellationTokenSource();

        var running = RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), cancel.Token));
        await box.Database.WaitUntilBlockedAsync();
        await cancel.CancelAsync();
        var run = await running;
        await blocking.RollbackAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(run.Error);
        Assert.False(await box.Database.ScalarAsync<bool>(IsIdleInTransaction));
        await box.AssertLockIsFreeAsync();
        Assert.False(await box.Database.HasTableAsync("schema_migrations"));
    }
}
