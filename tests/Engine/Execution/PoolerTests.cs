using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>A real PgBouncer between the run and the server.</summary>
public class PoolerTests
{
    private static readonly (string Name, string Text)[] Files =
    [
        ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
        ("002_b.sql", "SET search_path = pg_catalog;\nCREATE TABLE public.b (i int);\n-- DOWN\nDROP TABLE public.b;"),
    ];

    [PoolerTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task In_session_mode_everything_works(int poolSize)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(box.Database, "session", $"default_pool_size = {poolSize}");

        Assert.Equal(2, (await box.ApplyAllAsync(pooler.Target)).Count);
        Assert.Equal(["1", "2"], await box.RecordedAsync());
        Assert.Empty(await box.ApplyAllAsync(pooler.Target));
        await using (var migrator = await box.OpenAsync(pooler.Target))
        {
            Assert.All(
                (await migrator.GetStatusAsync(CancellationToken.None)).Migrations, row => Assert.True(row.Applied));
        }

        Assert.Equal(2, (await box.RunAsync(Sandbox.Undo with { All = true }, pooler.Target)).Succeeded().Count);
        Assert.Empty(await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }

    [PoolerFact]
    public async Task A_role_is_set_in_session_mode_and_never_in_a_shared_session()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        box.Options = box.Options with { Role = await box.CreateRoleAsync("SUPERUSER") };
        await using var own = await Pooler.StartAsync(box.Database, "session");
        await using var shared = await Pooler.StartAsync(box.Database, "transaction");

        Assert.Equal(2, (await box.ApplyAllAsync(own.Target)).Count);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => box.OpenAsync(shared.Target));

        Assert.Equal("SessionShared", error.Code);
    }

    [PoolerFact]
    public async Task In_session_mode_a_long_statement_is_seen_and_can_be_cancelled()
    {
        await using var box = await Sandbox.CreateAsync(("001_slow.sql", "SELECT pg_sleep(60);"));
        await using var pooler = await Pooler.StartAsync(box.Database, "session");
        await using var migrator = await box.OpenAsync(pooler.Target);
        var plan = await migrator.PlanAsync(Sandbox.Apply, CancellationToken.None);
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var happened in migrator.RunAsync(plan, new RunOptions(), stop.Token))
            {
                if (happened is StatementRunning running)
                {
                    Assert.Contains("pg_sleep(60)", running.Statement, StringComparison.Ordinal);
                    await stop.CancelAsync();
                }
            }
        });

        await box.AssertLockIsFreeAsync();
        await box.Database.WaitUntilAsync(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' "
                + "AND pid <> pg_backend_pid())");
    }

    [PoolerTheory]
    [InlineData("transaction", 1, 0)]
    [InlineData("transaction", 1, 1)]
    [InlineData("transaction", 2, 0)]
    [InlineData("transaction", 2, 1)]
    [InlineData("transaction", 5, 0)]
    [InlineData("transaction", 5, 1)]
    [InlineData("statement", 1, 0)]
    [InlineData("statement", 3, 0)]
    [InlineData("statement", 3, 1)]
    public async Task A_session_that_others_use_is_rejected(string mode, int poolSize, int roundRobin)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(
            box.Database, mode, $"default_pool_size = {poolSize}", $"server_round_robin = {roundRobin}");
        foreach (var isWarm in new[] { false, true })
        {
            if (isWarm)
            {
                await pooler.WarmUpAsync(poolSize);
            }

            var error = (await box.RunAsync(Sandbox.Apply, pooler.Target)).Failed<ConnectionException>();

            Assert.Equal("SessionShared", error.Code);
            Assert.Contains("direct port", error.Message, StringComparison.Ordinal);
            await AssertUntouchedAsync(box);
        }
    }

    [PoolerTheory]
    [InlineData("transaction")]
    [InlineData("statement")]
    public async Task A_slow_second_login_does_not_hide_a_shared_session(string mode)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(box.Database, mode, "default_pool_size = 3");
        await using var slow = new FarRelay(pooler.Port, TimeSpan.Zero, TimeSpan.FromSeconds(4));

        var error = (await box.RunAsync(Sandbox.Apply, pooler.TargetFor(settings => settings.Port = slow.Port)))
            .Failed<ConnectionException>();

        Assert.Equal("SessionShared", error.Code);
        await AssertUntouchedAsync(box);
    }

    // There the questions of both sessions are under way at the same time, more often than not.
    [PoolerTheory]
    [InlineData("transaction")]
    [InlineData("statement")]
    public async Task A_pooler_that_is_far_from_its_server_does_not_hide_a_shared_session(string mode)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var far = new FarRelay(
            new NpgsqlConnectionStringBuilder(box.Database.ConnectionString).Port, TimeSpan.FromMilliseconds(10));
        await using var pooler = await Pooler.StartAsync(box.Database, far, mode, "default_pool_size = 3");
        await pooler.WarmUpAsync(3);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(
                "SessionShared",
                (await box.RunAsync(Sandbox.Apply, pooler.Target)).Failed<ConnectionException>().Code);
        }

        await AssertUntouchedAsync(box);
    }

    [PoolerFact]
    public async Task A_busy_pool_does_not_hide_a_shared_session()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(box.Database, "transaction", "default_pool_size = 4");
        var others = Enumerable.Range(0, 6).Select(_ => pooler.WorkAsync("SELECT pg_sleep(0.002)", 1500)).ToList();

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(
                "SessionShared",
                (await box.RunAsync(Sandbox.Apply, pooler.Target)).Failed<ConnectionException>().Code);
        }

        await Task.WhenAll(others);
        await AssertUntouchedAsync(box);
    }

    [PoolerFact]
    public async Task A_session_mode_pool_without_a_free_session_is_accepted()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(box.Database, "session", "default_pool_size = 2");
        var other = pooler.WorkAsync("SELECT pg_sleep(0.02)", 300);

        Assert.Equal(2, (await box.ApplyAllAsync(pooler.Target)).Count);

        await other;
    }

    [PoolerTheory]
    [InlineData("initialize")]
    [InlineData("remove")]
    [InlineData("undo")]
    public async Task Nothing_else_that_writes_runs_in_a_shared_session(string what)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        if (what != "initialize")
        {
            await box.ApplyAllAsync();
        }

        await using var pooler = await Pooler.StartAsync(box.Database, "transaction");
        await using var migrator = await box.OpenAsync(pooler.Target);

        var error = await Assert.ThrowsAsync<ConnectionException>(() => what switch
        {
            "initialize" => migrator.InitializeAsync(new RunOptions(), CancellationToken.None),
            "remove" => migrator.RemoveRecordsAsync(["1"], new RunOptions(), CancellationToken.None),
            _ => RunAsync(migrator),
        });

        Assert.Equal("SessionShared", error.Code);
        await box.AssertLockIsFreeAsync();
        Assert.Equal(what != "initialize", await box.Database.HasTableAsync("public.schema_migrations"));

        static async Task RunAsync(Migrator migrator)
        {
            var plan = await migrator.PlanAsync(Sandbox.Undo, CancellationToken.None);
            (await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))).Error.Throw();
        }
    }

    [PoolerFact]
    public async Task The_status_can_be_read_in_any_mode()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await box.ApplyAllAsync();
        await using var pooler = await Pooler.StartAsync(box.Database, "transaction");
        await using var migrator = await box.OpenAsync(pooler.Target);

        var report = await migrator.GetStatusAsync(CancellationToken.None);

        Assert.Equal([nameof(MigrationState.Applied), nameof(MigrationState.Applied)], report.Migrations.Select(row => row.State));
    }

    [PoolerTheory]
    [InlineData("Options", "-c work_mem=1MB")]
    [InlineData("Search Path", "public")]
    public async Task A_start_up_parameter_that_the_pooler_rejects_is_named(string keyword, string value)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(box.Database, "session");
        var target = pooler.TargetFor(settings => settings[keyword] = value);

        var error = await Assert.ThrowsAsync<ConnectionException>(() => box.OpenAsync(target));

        Assert.Equal("StartupParameterRefused", error.Code);
        Assert.Contains(keyword.Replace(' ', '_').ToLowerInvariant(), error.Message, StringComparison.Ordinal);
        Assert.Contains("ignore_startup_parameters", error.Message, StringComparison.Ordinal);
    }

    [PoolerFact]
    public async Task The_error_of_a_full_pooler_says_so()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await using var pooler = await Pooler.StartAsync(box.Database, "session", "max_client_conn = 2");
        var open = new Stack<Migrator>();

        var error = await Assert.ThrowsAsync<ConnectionException>(async () =>
        {
            while (open.Count < 3)
            {
                open.Push(await box.OpenAsync(pooler.Target));
            }
        });
        foreach (var migrator in open)
        {
            await migrator.DisposeAsync();
        }

        Assert.Equal("TooManyConnections", error.Code);
    }

    private static async Task AssertUntouchedAsync(Sandbox box)
    {
        await box.AssertLockIsFreeAsync();
        Assert.Equal(
            0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }
}

file static class ErrorExtensions
{
    public static void Throw(this Exception? error) =>
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error!);
}
