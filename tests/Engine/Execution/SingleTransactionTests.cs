using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>All steps of a run in one transaction: all or nothing.</summary>
public class SingleTransactionTests
{
    private static readonly PlanRequest AllInOne = Sandbox.Apply with { SingleTransaction = true };

    [Fact]
    public async Task Everything_is_committed_together_with_a_record_and_a_result_for_each()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int); SELECT pg_sleep(0.2);"),
            ("002_b.sql", "INSERT INTO a VALUES (1), (2);"),
            ("003_c.sql", "BEGIN; INSERT INTO a VALUES (3); COMMIT;"));

        var run = await box.RunAsync(AllInOne);

        Assert.Equal(["1", "2", "3"], run.Succeeded().Select(result => result.Version));
        Assert.Equal([1, 2, 3], run.Results.Select(result => result.Order));
        Assert.Equal([0, 2, 1], run.Results.Select(result => result.RowsAffected));
        Assert.All(run.Results, result => Assert.Equal(nameof(MigrationOutcome.Applied), result.Outcome));
        Assert.Equal(["1 of 3", "2 of 3", "3 of 3"], run.Events.OfType<StepStarting>()
            .Select(starting => $"{starting.Position} of {starting.Count}"));
        Assert.Equal(["3 1"], await box.Database.ListAsync(
            "SELECT count(*) || ' ' || count(DISTINCT xmin::text) FROM schema_migrations"));
        Assert.Equal(["applied", "applied", "applied"], (await box.LogAsync()).Select(line => line.Event));
        // Its own time, not the time since BEGIN.
        Assert.True(run.Results[0].DurationMs >= 200);
        Assert.InRange(run.Results[1].DurationMs, 0, 199);
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    [Parity("A18")]
    public async Task A_failing_third_step_rolls_back_the_first_two()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"),
            ("002_b.sql", "CREATE TABLE b (i int);"),
            ("003_c.sql", "CREATE TABLE c (i int);\n  SELECT 1/0;"),
            ("004_d.sql", "CREATE TABLE d (i int);"));

        var run = await box.RunAsync(AllInOne);

        var error = run.Failed<MigrationApplyException>();
        Assert.Equal("MigrationFailed", error.Code);
        Assert.StartsWith("003_c.sql:2:3: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("The whole run was rolled back", error.Message, StringComparison.Ordinal);
        var result = Assert.Single(run.Results);
        Assert.Equal((3, "3", nameof(MigrationOutcome.Failed)), (result.Order, result.Version, result.Outcome));
        Assert.Equal((2, 3, 2), (result.Error!.Line, result.Error.Column, result.Error.StatementNumber));
        Assert.Empty(await box.RecordedAsync());
        Assert.Equal(["schema_migrations", "schema_migrations_log"], await box.Database.ListAsync(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"));
        var line = Assert.Single(await box.LogAsync());
        Assert.Equal(("failed", "3", "22012"), (line.Event, line.Version, line.SqlState));
        await box.AssertLockIsFreeAsync();

        box.Folder.Write("003_c.sql", "CREATE TABLE c (i int);");
        Assert.Equal(4, (await box.RunAsync(AllInOne)).Succeeded().Count);
    }

    [Fact]
    public async Task Changes_of_a_file_to_its_session_do_not_reach_the_next_in_a_single_transaction()
    {
        await using var box = await Sandbox.CreateAsync();
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync("CREATE SCHEMA extensions");
        await box.Database.ExecuteAsync($"ALTER DATABASE {box.Database.Name} SET search_path = public, extensions");
        box.Folder.Write("001_leak.sql",
            $"""
            CREATE TABLE early AS SELECT current_setting('search_path') AS path;
            CREATE TEMP TABLE leak (i int) ON COMMIT DROP;
            PREPARE leak AS SELECT 1;
            LISTEN leak;
            DECLARE leak CURSOR FOR SELECT 1;
            SET work_mem = '9MB';
            SET LOCAL maintenance_work_mem = '9MB';
            SET LOCAL search_path = nowhere;
            SET my.leak = 'x';
            SAVEPOINT leak;
            SELECT set_config('statement_timeout', '1h', false);
            SET SESSION AUTHORIZATION {role};
            """);
        box.Folder.Write("002_look.sql",
            """
            CREATE TABLE public.seen AS
            SELECT current_setting('work_mem') <> '9MB' AND current_setting('maintenance_work_mem') <> '9MB' AS settings,
                   current_setting('search_path') = (SELECT path FROM early) AS path,
                   current_setting('application_name') = 'PgMigrate tenant 002_look.sql' AS name,
                   current_user = session_user AS role,
                   to_regclass('pg_temp.leak') IS NULL AS temp_table,
                   NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'leak') AS prepared,
                   NOT EXISTS (SELECT FROM pg_cursors WHERE name = 'leak') AS cursor,
                   coalesce(current_setting('my.leak', true), '') = '' AS custom,
                   current_setting('statement_timeout') = '0' AS timeout;
            CREATE TEMP TABLE leak (i int);
            """);
        box.Options = box.Options with { Schema = "tenant", CreateSchema = true };

        (await box.RunAsync(AllInOne)).Succeeded();

        Assert.Equal("t", Assert.Single(await box.Database.ListAsync(
            "SELECT bool_and(value::bool) FROM seen, jsonb_each_text(to_jsonb(seen))")));
        Assert.Equal("tenant, public, extensions", await box.Database.ScalarAsync<string>("SELECT path FROM tenant.early"));
        Assert.Equal(
            ["t"], await box.Database.ListAsync("SELECT bool_and(applied_by = session_user) FROM tenant.schema_migrations"));
    }

    [Fact]
    public async Task A_file_cannot_roll_back_to_a_savepoint_of_another()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int); SAVEPOINT here; INSERT INTO a VALUES (1);"),
            ("002_b.sql", "ROLLBACK TO SAVEPOINT here;"));

        var run = await box.RunAsync(AllInOne);

        Assert.Equal("3B001", Assert.Single(run.Results).Error!.SqlState);
        Assert.False(await box.Database.HasTableAsync("a"));
    }

    [Fact]
    public async Task A_deferred_constraint_that_fails_at_commit_leaves_nothing()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int CONSTRAINT b_needs_a REFERENCES a "
                + "DEFERRABLE INITIALLY DEFERRED);"),
            ("002_b.sql", "INSERT INTO b VALUES (7);"),
            ("003_c.sql", "CREATE TABLE c (i int);"));

        var run = await box.RunAsync(AllInOne);

        var error = run.Failed<MigrationApplyException>();
        Assert.Contains("any file of the run can be the cause", error.Message, StringComparison.Ordinal);
        var result = Assert.Single(run.Results);
        Assert.Equal(("3", nameof(MigrationOutcome.Failed)), (result.Version, result.Outcome));
        Assert.Equal(("23503", "b_needs_a"), (result.Error!.SqlState, result.Error.ConstraintName));
        Assert.Null(result.Error.Line);
        Assert.Empty(await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("a"));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task Cancelling_in_the_middle_leaves_no_lock_and_nothing_applied()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int); SELECT pg_sleep(600);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(AllInOne, CancellationToken.None);
        using var cancel = new CancellationTokenSource();

        var running = RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), cancel.Token));
        await box.Database.WaitUntilAsync(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");
        await cancel.CancelAsync();
        var run = await running;

        Assert.IsAssignableFrom<OperationCanceledException>(run.Error);
        Assert.Empty(run.Results);
        await box.AssertLockIsFreeAsync();
        Assert.Empty(await box.RecordedAsync());
        Assert.Empty(await box.LogAsync());
        Assert.False(await box.Database.HasTableAsync("a"));
        Assert.Equal(0, await box.Database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"));
    }

    [Fact]
    public async Task A_paused_consumer_does_not_hold_the_transaction_open()
    {
        const string Noise = "DO $$ BEGIN FOR i IN 1..2000 LOOP RAISE NOTICE '%', i; END LOOP; END $$;";
        await using var box = await Sandbox.CreateAsync(
            [.. Enumerable.Range(1, 6).Select(number => ($"{number}_x.sql", Noise))]);
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(AllInOne, CancellationToken.None);
        var seen = new List<MigrationEvent>();

        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            if (happened is NoticeRaised && !seen.OfType<NoticeRaised>().Any())
            {
                await box.Database.WaitUntilAsync("SELECT count(*) = 6 FROM schema_migrations");
            }

            seen.Add(happened);
        }

        // Notices may be lost, steps never; and none is reported as done before all are.
        Assert.Equal([1, 2, 3, 4, 5, 6], seen.OfType<StepStarting>().Select(starting => starting.Position));
        Assert.All(seen.OfType<StepFinished>(), finished => Assert.Equal(2000, finished.Result.Notices));
        Assert.Equal(6, seen.SkipWhile(happened => happened is not StepFinished).OfType<StepFinished>().Count());
        Assert.InRange(seen.OfType<NoticeRaised>().Count(), 1, 600);
        Assert.Equal(
            12_000 - seen.OfType<NoticeRaised>().Count(), seen.OfType<NoticesDropped>().Single().Count);
    }

    [Fact]
    public async Task A_result_without_a_binary_format_does_not_run_anything_twice()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int); INSERT INTO a VALUES (1);"),
            ("002_b.sql", "INSERT INTO a VALUES (2); SELECT relacl FROM pg_class LIMIT 1;"));

        var results = (await box.RunAsync(AllInOne)).Succeeded();

        Assert.Equal([1, 1], results.Select(result => result.RowsAffected));
        Assert.Equal(["1", "2"], await box.Database.ListAsync("SELECT i FROM a ORDER BY 1"));
    }

    [Fact]
    public async Task Rows_of_a_copy_belong_to_the_shared_transaction()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\nCOPY a FROM STDIN;\n1\n2\n\\.\n"),
            ("002_b.sql", "COPY a FROM STDIN;\n3\nx\n\\.\n"));

        var run = await box.RunAsync(AllInOne);

        Assert.Equal("22P02", Assert.Single(run.Results).Error!.SqlState);
        Assert.False(await box.Database.HasTableAsync("a"));

        box.Folder.Write("002_b.sql", "COPY a FROM STDIN;\n3\n\\.\n");
        Assert.Equal([2, 1], (await box.RunAsync(AllInOne)).Succeeded().Select(result => result.RowsAffected));
    }

    [Fact]
    public async Task A_script_that_resets_the_start_of_its_step_still_gets_its_record()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT pg_sleep(0.1);"), ("002_b.sql", "RESET ALL; SET search_path = nowhere;"));

        var results = (await box.RunAsync(AllInOne)).Succeeded();

        Assert.All(results, result => Assert.InRange(result.DurationMs, 0, 1e6));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_script_that_changes_the_client_encoding_rolls_back_the_whole_run()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"),
            ("002_b.sql", "SELECT set_config('client_encoding', 'LATIN1', false);"),
            ("003_c.sql", "CREATE TABLE c (i int);"));

        var run = await box.RunAsync(AllInOne);

        Assert.Equal("ClientEncoding", run.Failed<MigrationApplyException>().Code);
        Assert.Equal("2", Assert.Single(run.Results).Version);
        Assert.Empty(await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("a"));
    }

    [Theory]
    [InlineData(nameof(RelayAction.CutWhenAnswered), true)]
    [InlineData(nameof(RelayAction.Cut), false)]
    public async Task A_commit_whose_answer_is_lost_is_checked(string action, bool isCommitted)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        var commits = 0;
        await using var proxy = CountingProxy.For(
            box.Database,
            // The first COMMIT is that of the tracking table.
            text => text == "COMMIT" && ++commits == 2 ? Enum.Parse<RelayAction>(action) : RelayAction.Forward);

        var run = await box.RunAsync(AllInOne, proxy.Target);

        if (isCommitted)
        {
            Assert.Contains("The whole run is committed", run.Failed<ConnectionException>().Message, StringComparison.Ordinal);
            Assert.Equal(["Applied 001_a", "Applied 002_b"], run.Results.Select(result => result.ToString()));
        }
        else
        {
            Assert.Equal("ConnectionLost", run.Failed<MigrationApplyException>().Code);
            Assert.Equal(["Failed 002_b"], run.Results.Select(result => result.ToString()));
        }

        Assert.Equal(isCommitted ? 2 : 0, (await box.RecordedAsync()).Count);
        Assert.Equal(isCommitted, await box.Database.HasTableAsync("a"));
    }

    [Fact]
    public async Task Each_step_is_one_round_trip_and_all_share_one_commit()
    {
        await using var box = await Sandbox.CreateAsync(
            [.. Enumerable.Range(1, 4).Select(number => ($"{number}_x.sql", $"CREATE TABLE t{number} (i int);"))]);
        await using var proxy = CountingProxy.For(box.Database);

        (await box.RunAsync(AllInOne, proxy.Target)).Succeeded();

        var steps = proxy.RoundTrips.SkipWhile(trip => !trip.Statements.Contains("CREATE TABLE t1 (i int);")).ToList();
        Assert.All(
            Enumerable.Range(0, 4),
            i => Assert.Contains($"CREATE TABLE t{i + 1} (i int);", steps[i].Statements));
        Assert.Equal("BEGIN", steps[0].Statements[0]);
        Assert.DoesNotContain(steps.Take(4).SelectMany(trip => trip.Statements), text => text == "COMMIT");
        Assert.Equal("COMMIT", steps[4].Statements[0]);
        Assert.Single(steps.SelectMany(trip => trip.Statements), "COMMIT");
    }

    [Fact]
    public async Task A_file_in_the_middle_that_releases_the_migration_lock_ends_the_run_after_its_commit()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT pg_advisory_lock(42), pg_advisory_unlock_all();"), ("002_b.sql", "CREATE TABLE b (i int);"));

        var run = await box.RunAsync(AllInOne);

        var error = run.Failed<InitializationException>();
        Assert.Equal("LockLost", error.Code);
        Assert.StartsWith("The whole run is committed", error.Message, StringComparison.Ordinal);
        Assert.Equal(["Applied 001_a", "Applied 002_b"], run.Results.Select(result => result.ToString()));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task Steps_that_another_run_has_done_are_dropped()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);"), ("002_b.sql", "CREATE TABLE b (i int);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(AllInOne, CancellationToken.None);
        (await box.RunAsync(Sandbox.Apply with { Steps = 1 })).Succeeded();

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal(["2"], run.Succeeded().Select(result => result.Version));
    }
}
