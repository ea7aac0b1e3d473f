using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Execution.Waiting;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A table that another session has locked: how long a run waits, what it reports, what it does.</summary>
public class LockTimeoutTests
{
    private const string Held = "BEGIN; SELECT * FROM t;";
    private const string Alter = "ALTER TABLE t ADD COLUMN x int;";
    private static readonly RunOptions Short = new() { LockTimeout = TimeSpan.FromMilliseconds(1200), LockRetry = 1 };

    [Fact]
    public async Task By_default_a_statement_waits_five_seconds_for_a_lock()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE seen AS SELECT current_setting('lock_timeout') l, current_setting('statement_timeout') s;"),
            ("002_b.sql", "SET lock_timeout = '7s'; INSERT INTO seen SELECT current_setting('lock_timeout'), '';"),
            ("003_c.sql", "INSERT INTO seen SELECT current_setting('lock_timeout'), '';"));

        await box.ApplyAllAsync();

        Assert.Equal(["5s", "7s", "5s"], await box.Database.ListAsync("SELECT l FROM seen"));
        Assert.Equal("0", await box.Database.ScalarAsync<string>("SELECT s FROM seen LIMIT 1"));
    }

    [Theory]
    [InlineData(0, "0", null, "0")]
    [InlineData(0.25, "250ms", 90.0, "90s")]
    [InlineData(0.0001, "1ms", 0.0, "0")]
    public async Task Timeouts_are_set_as_requested(double lockSeconds, string lockTimeout, double? statementSeconds, string other)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE seen AS SELECT current_setting('lock_timeout') l, "
                + "extract(epoch FROM current_setting('statement_timeout')::interval) || 's' s;"));

        (await RunAsync(box, Sandbox.Apply, new RunOptions
        {
            LockTimeout = TimeSpan.FromSeconds(lockSeconds),
            StatementTimeout = statementSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        })).Succeeded();

        Assert.Equal([lockTimeout], await box.Database.ListAsync("SELECT l FROM seen"));
        Assert.StartsWith(
            other, (await box.Database.ScalarAsync<string>("SELECT replace(s, '.000000', '') FROM seen"))!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_migration_that_times_out_on_a_lock_is_rolled_back_and_retried(bool isShared)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "INSERT INTO t VALUES (1);"), ("002_b.sql", $"INSERT INTO t VALUES (2); {Alter}"));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, Held);
        await using var migrator = await box.OpenAsync();
        var request = Sandbox.Apply with { AllowNonEmpty = true, SingleTransaction = isShared };
        var plan = await migrator.PlanAsync(request, CancellationToken.None);
        var events = new List<MigrationEvent>();

        await foreach (var happened in migrator.RunAsync(plan, Short with { LockRetry = 5 }, CancellationToken.None))
        {
            events.Add(happened);
            if (happened is RetryScheduled)
            {
                await blocker.CloseAsync();
            }
        }

        var retry = events.OfType<RetryScheduled>().First();
        Assert.Equal(("55P03", 1, 6, "002_b.sql"), (retry.SqlState, retry.Attempt, retry.Attempts, retry.Step.FileName));
        var results = events.OfType<StepFinished>().Select(finished => finished.Result).ToList();
        Assert.Equal([isShared ? 2 : 1, 2], results.Select(result => Math.Min(2, result.Attempts)));
        Assert.Equal(["1", "2"], await box.Database.ListAsync("SELECT i FROM t ORDER BY i"));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task The_error_names_the_blocking_session_and_its_lock()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, Held + " SELECT 1 -- ALTER ROLE x PASSWORD 's3cret of two words'");

        var run = await RunAsync(
            box, Sandbox.Apply with { AllowNonEmpty = true }, Short with { LockTimeout = TimeSpan.FromSeconds(4) });

        var error = run.Failed<MigrationApplyException>().Result.Error!;
        Assert.Equal("55P03", error.SqlState);
        Assert.Equal(2, run.Results[0].Attempts);
        var who = Assert.Single(error.Blockers);
        Assert.Equal(
            (blocker.ProcessID, "idle in transaction", "AccessShareLock", "t"),
            (who.ProcessId, who.State, who.LockMode, who.Relation));
        Assert.Equal("test", who.ApplicationName);
        Assert.True(who.TransactionMs > 0);
        Assert.EndsWith("PASSWORD '***'", who.Query, StringComparison.Ordinal);
        Assert.Contains($"Blocked by: process {blocker.ProcessID}, ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Tried 2 times.", error.Message, StringComparison.Ordinal);
        Assert.Contains($"pg_terminate_backend({blocker.ProcessID})", error.Message, StringComparison.Ordinal);
        Assert.Equal(["failed"], (await box.LogAsync()).Select(line => line.Event));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task Fail_tries_once()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, Held);

        // Long enough for a look at the blockers on a busy machine.
        var run = await RunAsync(
            box,
            Sandbox.Apply with { AllowNonEmpty = true },
            Short with { OnBlocker = BlockerAction.Fail, LockRetry = 10, LockTimeout = TimeSpan.FromSeconds(8) });

        Assert.Single(run.Failed<MigrationApplyException>().Result.Error!.Blockers);
        Assert.Equal(1, run.Results[0].Attempts);
        Assert.Empty(run.Events.OfType<RetryScheduled>());
    }

    [Fact]
    public async Task An_undo_is_retried_too()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE t (i int);\n-- DOWN\nDROP TABLE t;"));
        await box.ApplyAllAsync();
        await using var blocker = await BlockAsync(box, Held);

        var run = await RunAsync(box, Sandbox.Undo, Short);

        Assert.Equal("UndoFailed", run.Failed<MigrationUndoException>().Code);
        Assert.Equal(2, run.Results[0].Attempts);
        await blocker.CloseAsync();
        (await RunAsync(box, Sandbox.Undo, Short)).Succeeded();
    }

    [Fact]
    public async Task A_deadlock_is_retried()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SET LOCAL deadlock_timeout = '50ms'; UPDATE t SET i = 1 WHERE id = 1; "
                + "SELECT pg_advisory_xact_lock(1); UPDATE t SET i = 1 WHERE id = 2;"));
        await box.Database.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, i int); INSERT INTO t VALUES (1, 0), (2, 0);");
        await using var gate = await BlockAsync(box, "SELECT pg_advisory_lock(1)");
        await using var other = await BlockAsync(box, "SET deadlock_timeout = '10min'; BEGIN; UPDATE t SET i = 2 WHERE id = 2;");
        var running = RunAsync(
            box, Sandbox.Apply with { AllowNonEmpty = true }, new RunOptions { LockTimeout = TimeSpan.FromSeconds(30) });
        await box.Database.WaitUntilBlockedAsync("advisory");

        var update = other.ExecuteScriptAsync("UPDATE t SET i = 2 WHERE id = 1; COMMIT");
        await box.Database.WaitUntilBlockedAsync("transactionid");
        await gate.CloseAsync();
        await update;

        var run = await running;
        Assert.Equal(2, Assert.Single(run.Succeeded()).Attempts);
        Assert.Equal("40P01", Assert.Single(run.Events.OfType<RetryScheduled>()).SqlState);
        Assert.Equal(["1", "1"], await box.Database.ListAsync("SELECT i FROM t"));
    }

    [Fact]
    public async Task Long_work_is_not_retried_and_waiting_does_not_count_as_work()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT pg_sleep(1.5); " + Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, Held);
        var request = Sandbox.Apply with { AllowNonEmpty = true };

        var worked = await RunAsync(box, request, Short with { LockRetryWork = TimeSpan.FromSeconds(1) });
        box.Folder.Write("001_a.sql", Alter);
        var waited = await RunAsync(box, request, Short with
        {
            // Without polling all of it would count as work; a busy machine has time for two polls of six.
            LockRetryWork = TimeSpan.FromSeconds(5),
            LockTimeout = TimeSpan.FromSeconds(6),
        });

        Assert.Equal(1, worked.Results[0].Attempts);
        Assert.Contains("Split DDL from backfill", worked.Failed<MigrationApplyException>().Message, StringComparison.Ordinal);
        Assert.Equal(2, waited.Results[0].Attempts);
    }

    [Fact]
    public async Task In_a_no_transaction_file_only_the_statement_is_retried()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"-- pgmigrate: no-transaction\nINSERT INTO t VALUES (1);\n{Alter}\nINSERT INTO t VALUES (2);"));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, Held);
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply with { AllowNonEmpty = true }, CancellationToken.None);

        var result = (MigrationResult?)null;
        await foreach (var happened in migrator.RunAsync(plan, Short with { LockRetry = 5 }, CancellationToken.None))
        {
            result = (happened as StepFinished)?.Result;
            if (happened is RetryScheduled)
            {
                await blocker.CloseAsync();
            }
        }

        Assert.Equal((nameof(MigrationOutcome.Applied), true), (result!.Outcome, result.Attempts > 1));
        Assert.Equal(["1", "2"], await box.Database.ListAsync("SELECT i FROM t ORDER BY i"));
    }

    [Fact]
    public async Task A_concurrent_index_build_has_a_longer_timeout_and_leaves_nothing_after_it()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "-- pgmigrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (i);\n"
                + "CREATE TABLE seen AS SELECT current_setting('lock_timeout') v;"));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;");
        var request = Sandbox.Apply with { AllowNonEmpty = true };

        var limited = await RunAsync(box, request, Short with { ConcurrentLockTimeout = TimeSpan.FromSeconds(4) });
        var error = limited.Failed<MigrationApplyException>().Result.Error!;
        Assert.Equal(("55P03", 1), (error.SqlState, limited.Results[0].Attempts));
        Assert.Equal(blocker.ProcessID, Assert.Single(error.Blockers).ProcessId);
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"));

        var patient = RunAsync(box, request, Short);
        await box.Database.WaitUntilAsync(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX%' "
                + "AND datname = current_database() AND query_start < clock_timestamp() - interval '2 s')");
        await blocker.CloseAsync();
        (await patient).Succeeded();
        Assert.Equal(["1200ms"], await box.Database.ListAsync("SELECT v FROM seen"));
    }

    [Fact]
    public async Task A_scripts_own_lock_timeout_overrides_that_of_concurrent_builds()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "-- pgmigrate: no-transaction\nSET lock_timeout = '300ms';\nCREATE INDEX CONCURRENTLY i ON t (i);"));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        await using var blocker = await BlockAsync(box, "BEGIN; LOCK t IN SHARE UPDATE EXCLUSIVE MODE");

        var run = await RunAsync(box, Sandbox.Apply with { AllowNonEmpty = true }, new RunOptions());

        Assert.Equal("55P03", run.Failed<MigrationApplyException>().Result.Error!.SqlState);
    }

    [Fact]
    public async Task A_watcher_whose_connection_was_terminated_opens_another()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT pg_sleep(9);"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        var looks = new List<TimeSpan>();
        TimeSpan? endedAt = null;
        await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))
        {
            if (happened is StatementRunning running)
            {
                looks.Add(running.Elapsed);
                if (endedAt is null)
                {
                    endedAt = running.Elapsed;
                    await box.Database.ExecuteAsync(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                            + "AND application_name = 'PgMigrate' AND pid <> pg_backend_pid()");
                }
            }
        }

        Assert.Contains(looks, look => look > endedAt!.Value + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Terminate_ends_the_session_that_holds_the_lock_and_no_other()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON t TO {role}");
        await using var blocker = await BlockAsync(box, Held, role);
        await using var bystander = await BlockAsync(box, "BEGIN; SELECT 1;", role);

        var run = await RunAsync(
            box,
            Sandbox.Apply with { AllowNonEmpty = true },
            new RunOptions { LockTimeout = TimeSpan.FromSeconds(20), OnBlocker = BlockerAction.Terminate });

        Assert.Equal(1, Assert.Single(run.Succeeded()).Attempts);
        var ended = Assert.Single(run.Events.OfType<BlockersEnded>());
        Assert.Equal(blocker.ProcessID, Assert.Single(ended.Ended).ProcessId);
        Assert.Equal("", ended.Problem);
        await using var alive = new NpgsqlCommand("SELECT 1", bystander);
        Assert.Equal(1, await alive.ExecuteScalarAsync());
        await using var dead = new NpgsqlCommand("SELECT 1", blocker);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => dead.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("superuser", "(belongs to a superuser)")]
    [InlineData("PgMigrate default 009_x.sql", "(is another run of PgMigrate)")]
    [InlineData("idle", "a cancel has no effect")]
    public async Task Cancel_skips_protected_sessions_and_says_so(string kind, string words)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON t TO {role}");
        await using var blocker = await BlockAsync(
            box, Held, kind == "superuser" ? null : role, kind is "superuser" or "idle" ? "test" : kind);

        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Apply with { AllowNonEmpty = true }, CancellationToken.None);
        // Without a limit: it waits until something was said, however long that takes here.
        var options = new RunOptions { OnBlocker = BlockerAction.Cancel, LockTimeout = TimeSpan.Zero };
        BlockersEnded? ended = null;

        await foreach (var happened in migrator.RunAsync(plan, options, CancellationToken.None))
        {
            if (ended is null && happened is BlockersEnded first)
            {
                ended = first;
                await using var alive = new NpgsqlCommand("ROLLBACK", blocker);
                await alive.ExecuteNonQueryAsync();
            }
        }

        Assert.NotNull(ended);
        Assert.Equal(kind == "idle" ? 1 : 0, ended.Ended.Count);
        Assert.Contains(words, ended.Problem, StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task The_error_names_no_terminated_session_and_each_skipped_one_with_the_reason()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON t TO {role}");
        await using var plain = await BlockAsync(box, Held, role);
        await using var superuser = await BlockAsync(box, Held);

        var run = await RunAsync(
            box,
            Sandbox.Apply with { AllowNonEmpty = true },
            Short with { OnBlocker = BlockerAction.Terminate, LockRetry = 0, LockTimeout = TimeSpan.FromSeconds(8) });

        var error = run.Failed<MigrationApplyException>().Result.Error!;
        var ended = Assert.Single(run.Events.OfType<BlockersEnded>());
        Assert.Equal(plain.ProcessID, Assert.Single(ended.Ended).ProcessId);
        Assert.StartsWith($"Not ended: process {superuser.ProcessID}, ", ended.Problem, StringComparison.Ordinal);
        Assert.EndsWith(" (belongs to a superuser).", ended.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain($"{plain.ProcessID}", ended.Problem, StringComparison.Ordinal);
        Assert.Equal(superuser.ProcessID, Assert.Single(error.Blockers).ProcessId);
        Assert.DoesNotContain($"{plain.ProcessID}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocker_that_was_seen_too_late_is_skipped_with_a_warning()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "LOCK TABLE t NOWAIT; " + Alter));
        await box.Database.ExecuteAsync("CREATE TABLE t (i int)");
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT ALL ON t TO {role}");
        await using var blocker = await BlockAsync(box, Held, role);

        var run = await RunAsync(
            box,
            Sandbox.Apply with { AllowNonEmpty = true },
            Short with { OnBlocker = BlockerAction.Terminate, LockRetry = 0 });

        run.Failed<MigrationApplyException>();
        var ended = Assert.Single(run.Events.OfType<BlockersEnded>());
        Assert.Empty(ended.Ended);
        Assert.Contains("not seen early enough", ended.Problem, StringComparison.Ordinal);
        await using var alive = new NpgsqlCommand("SELECT 1", blocker);
        Assert.Equal(1, await alive.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Blockers_are_signalled_by_half_of_the_lock_timeout_and_never_in_its_last_quarter(double seconds)
    {
        var timeout = TimeSpan.FromSeconds(seconds);
        var patience = BlockerRules.Patience(timeout);
        var interval = StatementWatcher.IntervalFor(timeout, BlockerAction.Terminate);

        Assert.True(patience + interval <= timeout / 2, $"{patience} + {interval}");
        Assert.True(2 * interval <= patience, "The second connection is opened before it is needed.");
        Assert.Equal(BlockerMoment.Early, BlockerRules.MomentOf(timeout, timeout / 4));
        Assert.Equal(BlockerMoment.Now, BlockerRules.MomentOf(timeout, timeout / 2));
        Assert.Equal(BlockerMoment.Late, BlockerRules.MomentOf(timeout, timeout * 0.8));
        Assert.Equal(BlockerMoment.Now, BlockerRules.MomentOf(TimeSpan.Zero, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(1, true)]
    [InlineData(1.5, false)]
    [InlineData(0, false)]
    public async Task A_lock_timeout_below_deadlock_timeout_is_a_warning(double seconds, bool isWarned)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE t (i int);"));

        var run = await RunAsync(box, Sandbox.Apply, new RunOptions { LockTimeout = TimeSpan.FromSeconds(seconds) });

        run.Succeeded();
        Assert.Equal(isWarned, run.Events.OfType<RunWarning>().Any(
            warning => warning.Message.Contains("deadlock_timeout of 1 s", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1, 0, 1, 0.5, 1.0)]
    [InlineData(2, 5, 1, 1.0, 2.0)]
    [InlineData(9, 60, 1, 15.0, 30.0)]
    [InlineData(11, 60, 1, null, null)] // ten retries were made
    [InlineData(2, 599.5, 1, null, null)] // ten minutes are over
    [InlineData(1, 31, 30, null, null)] // work
    public void Pauses_double_up_to_half_a_minute(int attempt, double elapsed, double work, double? least, double? most)
    {
        var state = new RetryState(attempt, TimeSpan.FromSeconds(elapsed), TimeSpan.FromSeconds(work));

        var decisions = new[] { 0.0, 1.0 }.Select(jitter => LockRetry.Decide(new RunOptions(), state, jitter)).ToList();

        Assert.Equal([least, most], decisions.Select(decision => decision.Pause?.TotalSeconds));
        Assert.All(decisions, decision => Assert.Equal(least is null, decision.Reason.Length > 0));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a,", "a")] // the look met the end of the wait
    [InlineData("a,,", "")]
    [InlineData("a,,b", "b")]
    [InlineData("a,b", "b")]
    [InlineData(",", "")]
    public void Blockers_are_remembered_for_one_more_poll(string looks, string expected)
    {
        var step = new WatchedStep(null!, _ => { });

        foreach (var look in looks.Split(','))
        {
            var blockers = look.Length == 0 ? [] : new[] { new MigrationBlocker { ProcessId = 1, UserName = look } };
            step.See(look.Length > 0, blockers, TimeSpan.FromSeconds(1), null);
        }

        Assert.Equal(expected, string.Join(",", step.Blockers.Select(blocker => blocker.UserName)));
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(0, 1)]
    [InlineData(2, 0.5)]
    [InlineData(0.001, 0.05)]
    public void The_watcher_polls_often_enough_to_see_the_blockers(double timeout, double interval) =>
        Assert.Equal(interval, StatementWatcher.IntervalFor(TimeSpan.FromSeconds(timeout), BlockerAction.Wait).TotalSeconds);

    private static async Task<RunRecord> RunAsync(
        Sandbox box, PlanRequest request, RunOptions options)
    {
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(request, CancellationToken.None);
        return await RunRecord.OfAsync(migrator.RunAsync(plan, options, CancellationToken.None));
    }

    private static async Task<NpgsqlConnection> BlockAsync(
        Sandbox box, string sql, string? user = null, string application = "test")
    {
        var settings = new NpgsqlConnectionStringBuilder(box.Database.ConnectionString)
        {
            ApplicationName = application,
            Pooling = false,
        };
        settings.Username = user ?? settings.Username;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await connection.ExecuteScriptAsync(sql);
        return connection;
    }
}
