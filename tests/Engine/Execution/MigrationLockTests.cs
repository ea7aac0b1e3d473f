using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Sessions;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class MigrationLockTests
{
    // A gate the test opens: the migration waits at an advisory lock that another session holds.
    private const string Gated = "SELECT pg_advisory_xact_lock(4711); CREATE TABLE a (i int);";

    private const string IsAtTheGate =
        "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        + "WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objid = 4711 AND NOT l.granted)";

    [Fact]
    public void The_key_never_changes_between_releases() =>
        // The first eight bytes of: printf 'PgMigrate\0public\0schema_migrations' | sha256sum
        Assert.Equal(6418084968587485059, MigrationLock.KeyOf("public", "schema_migrations"));

    [Fact]
    public void Each_tracking_table_has_its_own_key()
    {
        (string Schema, string Table)[] tables =
            [("public", "a"), ("public", "b"), ("a", "public"), ("publica", ""), ("", "publica"), ("Public", "a")];

        Assert.Equal(tables.Length, tables.Select(at => MigrationLock.KeyOf(at.Schema, at.Table)).Distinct().Count());
    }

    [Fact]
    public async Task Two_concurrent_runs_apply_each_migration_once()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Gated), ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var gate = await CloseGateAsync(box);
        await using var first = await box.OpenAsync();
        await using var second = await box.OpenAsync();
        var firstPlan = await first.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var secondPlan = await second.PlanAsync(Sandbox.Apply, CancellationToken.None);

        var firstRun = RunRecord.OfAsync(first.RunAsync(firstPlan, new RunOptions(), CancellationToken.None));
        await box.Database.WaitUntilAsync(IsAtTheGate);
        var events = second.RunAsync(secondPlan, new RunOptions(), CancellationToken.None).GetAsyncEnumerator();
        await using (events)
        {
            Assert.True(await events.MoveNextAsync());
            var waiting = Assert.IsType<LockWaiting>(events.Current);
            Assert.Contains("application PgMigrate default 001_a.sql", waiting.Holder, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(60), waiting.Limit);

            await OpenGateAsync(gate);
            Assert.Equal(2, (await firstRun).Succeeded().Count);
            while (await events.MoveNextAsync())
            {
                Assert.IsType<LockWaiting>(events.Current); // and no step
            }
        }

        Assert.Equal(["1", "2"], await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task Tables_that_a_concurrent_run_creates_do_not_count_as_existing_ones()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));
        await using var other = await box.Database.ConnectAsync();
        await other.ExecuteScriptAsync(
            "CREATE TEMP TABLE kept AS TABLE schema_migrations; DELETE FROM schema_migrations; DROP TABLE a;");

        // Of all that is read, only the look for tables needs pg_depend: there it stops, and the history was empty.
        await other.ExecuteScriptAsync("BEGIN; LOCK TABLE pg_depend IN ACCESS EXCLUSIVE MODE;");
        var planning = migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        await WaitForStopAsync(other);
        await other.ExecuteScriptAsync(
            "CREATE TABLE a (i int); INSERT INTO schema_migrations OVERRIDING SYSTEM VALUE TABLE kept; COMMIT;");

        var again = await planning;
        Assert.Empty(again.Errors);
        Assert.Empty(again.Steps);
    }

    private static async Task WaitForStopAsync(NpgsqlConnection other)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var command = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'pg_depend'::regclass AND NOT granted "
                + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            other);
        while (await command.ExecuteScalarAsync(limit.Token) is not true)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    [Fact]
    public async Task Waiting_ends_with_an_error_that_names_the_holder()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Gated));
        await using var gate = await CloseGateAsync(box);
        await using var first = await box.OpenAsync();
        await using var second = await box.OpenAsync();
        var plan = await first.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var firstRun = RunRecord.OfAsync(first.RunAsync(plan, new RunOptions(), CancellationToken.None));
        await box.Database.WaitUntilAsync(IsAtTheGate);

        foreach (var limit in new[] { TimeSpan.Zero, TimeSpan.FromMilliseconds(200) })
        {
            var run = await RunRecord.OfAsync(
                second.RunAsync(plan, new RunOptions { LockWait = limit }, CancellationToken.None));
            var error = run.Failed<LockTimeoutException>();
            Assert.Equal("LockTimeout", error.Code);
            Assert.Contains("application PgMigrate default 001_a.sql", error.Message, StringComparison.Ordinal);
            Assert.Matches("process [0-9]+, user ", error.Message);
            Assert.Equal(limit == TimeSpan.Zero, run.Events.Count == 0);
        }

        await OpenGateAsync(gate);
        Assert.Single((await firstRun).Succeeded());
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_plan_shrinks_to_what_is_left_under_the_lock()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        (await box.RunAsync(Sandbox.Apply with { Target = "1" })).Succeeded();

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal(["2"], run.Succeeded().Select(result => result.Version));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_plan_that_is_no_longer_valid_is_rejected_under_the_lock()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        box.Folder.Delete("001_a.sql");
        box.Folder.Write("002_b.sql", "CREATE TABLE b (i int);");
        await box.ApplyAllAsync();

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal("OutOfOrder", run.Failed<PlanBlockedException>().Code);
        Assert.False(await box.Database.HasTableAsync("a"));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_dependency_on_another_module_is_checked_again_under_the_lock()
    {
        await using var users = await Sandbox.CreateAsync(("001_users.sql", "CREATE TABLE users (i int);\n-- DOWN\nDROP TABLE users;"));
        users.Options = users.Options with { Module = "users" };
        await users.ApplyAllAsync();
        using var orders = new TestFolder(
            [("001_orders.sql", "-- Depends: users:001\nCREATE TABLE orders (i int);"), ("002_more.sql", "CREATE TABLE more (i int);")]);
        await using var migrator = await Migrator.OpenAsync(
            users.Database.Target,
            new MigratorOptions { FolderPaths = [orders.FullPath], Module = "orders" },
            CancellationToken.None);
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        Assert.Single((await users.RunAsync(Sandbox.Undo)).Succeeded());

        var refused = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));
        Assert.Equal("ModuleDependencyMissing", refused.Failed<PlanBlockedException>().Code);
        Assert.False(await users.Database.HasTableAsync("orders"));

        await users.ApplyAllAsync();
        Assert.Equal(2, (await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))).Succeeded().Count);
    }

    [Fact]
    public async Task A_step_that_was_not_in_the_plan_is_never_run()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
            ("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;"));
        await box.ApplyAllAsync();
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Undo, CancellationToken.None);
        (await box.RunAsync(Sandbox.Undo)).Succeeded();

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Empty(run.Succeeded()); // "one step back" was shown as 002 and does not become 001
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_waiting_or_paused_run_does_not_block_a_concurrent_index_build()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var holder = await box.OpenAsync();
        await using var waiter = await box.OpenAsync();
        var plan = await holder.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var held = holder.RunAsync(plan, new RunOptions(), CancellationToken.None).GetAsyncEnumerator();
        await using (held)
        {
            while (await held.MoveNextAsync() && held.Current is not StepFinished)
            {
                // Pauses with the lock held, between two steps.
            }

            var waited = waiter.RunAsync(plan, new RunOptions(), CancellationToken.None).GetAsyncEnumerator();
            await using (waited)
            {
                Assert.True(await waited.MoveNextAsync());
                Assert.IsType<LockWaiting>(waited.Current);

                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                await using var other = await box.Database.ConnectAsync();
                await using var build = new NpgsqlCommand("CREATE INDEX CONCURRENTLY ai ON a (i)", other);
                await build.ExecuteNonQueryAsync(limit.Token);
            }
        }

        Assert.True(await box.Database.ScalarAsync<bool>(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ai'::regclass"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_waiting_runs_block_no_concurrent_index_build(bool isOurs)
    {
        const string Build = "CREATE INDEX CONCURRENTLY ai ON a (i);";
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", isOurs ? Build : Gated.Replace(" a ", " b ", StringComparison.Ordinal)));
        (await box.RunAsync(Sandbox.Apply with { Target = "1" })).Succeeded();
        await using var gate = await CloseGateAsync(box);
        // An old transaction keeps the build of the run itself under way until all others wait.
        await using var old = await box.Database.ConnectAsync();
        await using var oldTransaction = await old.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using (var look = new NpgsqlCommand("SELECT 1", old, oldTransaction))
        {
            await look.ExecuteScalarAsync();
        }

        var running = box.RunAsync(Sandbox.Apply);
        await box.Database.WaitUntilAsync(isOurs
            ? "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                + "WHERE a.datname = current_database() AND l.locktype = 'virtualxid' AND NOT l.granted)"
            : IsAtTheGate);
        var waiting = Enumerable.Range(0, 10).Select(_ => box.RunAsync(Sandbox.Apply)).ToList();
        await box.Database.WaitUntilAsync(
            "SELECT count(*) >= 11 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'PgMigrate%'");
        await oldTransaction.RollbackAsync();
        if (!isOurs)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await using var other = await box.Database.ConnectAsync();
            await using var build = new NpgsqlCommand("CREATE INDEX CONCURRENTLY ai ON a (i)", other);
            var building = build.ExecuteNonQueryAsync(limit.Token);
            await OpenGateAsync(gate); // the gated run itself is an old transaction
            await building;
        }

        Assert.Single((await running).Succeeded());
        Assert.All(await Task.WhenAll(waiting), run => Assert.Empty(run.Succeeded()));
        Assert.True(await box.Database.ScalarAsync<bool>(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ai'::regclass"));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
        await OpenGateAsync(gate);
        await gate.CloseAsync();
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_lock_is_released_when_its_session_ends()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Gated));
        await using var gate = await CloseGateAsync(box);
        var first = box.RunAsync(Sandbox.Apply);
        await box.Database.WaitUntilAsync(IsAtTheGate);
        var second = box.RunAsync(Sandbox.Apply);

        await box.Database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND application_name = 'PgMigrate default 001_a.sql'");
        await OpenGateAsync(gate);

        Assert.NotNull((await first).Error);
        Assert.Single((await second).Succeeded());
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_long_step_is_watched_and_its_blocker_named()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Gated));
        await using var gate = await CloseGateAsync(box);
        var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);

        StatementRunning? running = null;
        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            if (happened is StatementRunning seen && running is null)
            {
                running = seen;
                await OpenGateAsync(gate);
            }
        }

        Assert.NotNull(running);
        Assert.Contains("pg_advisory_xact_lock(4711)", running.Statement, StringComparison.Ordinal);
        Assert.Contains($"process {gate.ProcessID}, ", running.BlockedBy, StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
        await migrator.DisposeAsync();
        await gate.CloseAsync();
        await box.WaitUntilAloneAsync(); // the watcher's connection is closed, too
    }

    [Fact]
    public async Task Records_are_removed_under_the_lock()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", Gated));
        (await box.RunAsync(Sandbox.Apply with { Target = "1" })).Succeeded();
        await using var gate = await CloseGateAsync(box);
        var running = box.RunAsync(Sandbox.Apply);
        await box.Database.WaitUntilAsync(IsAtTheGate);
        await using var migrator = await box.OpenAsync();

        await Assert.ThrowsAsync<LockTimeoutException>(() => migrator.RemoveRecordsAsync(
            ["1"], new RunOptions { LockWait = TimeSpan.Zero }, CancellationToken.None));

        await OpenGateAsync(gate);
        await running;
        Assert.Contains("1", await box.RecordedAsync());
    }

    private static async Task<NpgsqlConnection> CloseGateAsync(Sandbox box)
    {
        var gate = await box.Database.ConnectAsync();
        await gate.ExecuteScriptAsync("SELECT pg_advisory_lock(4711)");
        return gate;
    }

    private static Task OpenGateAsync(NpgsqlConnection gate) =>
        gate.ExecuteScriptAsync("SELECT pg_advisory_unlock(4711)");
}
