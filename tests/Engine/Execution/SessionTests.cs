using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class SessionTests
{
    private const string Observe =
        """
        CREATE TABLE public.seen AS
        SELECT current_setting('work_mem') AS work_mem, current_setting('search_path') AS search_path,
               current_user::text AS role, session_user::text AS login,
               to_regclass('pg_temp.leak') IS NOT NULL AS temp_table,
               EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'leak') AS prepared,
               EXISTS (SELECT FROM pg_cursors WHERE name = 'leak') AS cursor,
               EXISTS (SELECT FROM pg_listening_channels()) AS listening,
               current_setting('client_encoding') AS encoding,
               current_setting('my.leak', true) AS custom;
        """;

    [Fact]
    public async Task Changes_of_a_file_to_its_session_are_reset_before_the_next_file()
    {
        await using var box = await Sandbox.CreateAsync(
            ("000_before.sql", Observe.Replace("public.seen", "public.before", StringComparison.Ordinal)));
        var role = await box.CreateRoleAsync();
        box.Folder.Write("001_leak.sql",
            $"""
            CREATE TEMP TABLE leak (i int);
            PREPARE leak AS SELECT 1;
            LISTEN leak;
            DECLARE leak CURSOR WITH HOLD FOR SELECT 1;
            SET work_mem = '9MB';
            SET search_path = nowhere;
            SET my.leak = 'x';
            SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
            SELECT set_config('statement_timeout', '10s', false);
            SET SESSION AUTHORIZATION {role};
            """);
        box.Folder.Write("002_look.sql", Observe);

        await box.ApplyAllAsync();

        Assert.Equal(
            ["t"],
            await box.Database.ListAsync("SELECT (SELECT to_jsonb(b) - 'custom' FROM before b) "
                + "= (SELECT to_jsonb(s) - 'custom' FROM seen s) AND (SELECT coalesce(custom, '') = '' FROM seen)"));
        Assert.Equal(
            ["f"], await box.Database.ListAsync("SELECT temp_table OR prepared OR cursor OR listening FROM seen"));
    }

    [Theory]
    [InlineData("SET ROLE {0};")]
    [InlineData("SET SESSION AUTHORIZATION {0};")]
    [InlineData("SET LOCAL ROLE {0};")]
    [InlineData("SET search_path = nowhere;")]
    [InlineData("SET search_path = evil, pg_catalog;")]
    public async Task A_file_that_changes_search_path_and_role_still_gets_its_record(string ending)
    {
        await using var box = await Sandbox.CreateAsync();
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync("CREATE SCHEMA evil");
        box.Folder.Write("001_a.sql",
            "CREATE TABLE evil.schema_migrations (i int);\n"
                + "CREATE FUNCTION evil.date_part(text, interval) RETURNS float8 LANGUAGE sql "
                + "AS 'SELECT 1e9::float8';\n"
                + string.Format(System.Globalization.CultureInfo.InvariantCulture, ending, role));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.InRange(result.DurationMs, 0, 1e6);
        Assert.Equal(["postgres"], await box.Database.ListAsync(
            "SELECT replace(applied_by, session_user, 'postgres') FROM public.schema_migrations"));
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM evil.schema_migrations"));
    }

    [Fact]
    public async Task Advisory_locks_that_a_file_leaves_are_released_one_by_one()
    {
        const string Held = "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
        await using var box = await Sandbox.CreateAsync(
            ("001_leak.sql", "SELECT pg_advisory_lock(42), pg_advisory_lock_shared(-7), pg_advisory_lock(1, -2), "
                + "pg_advisory_lock_shared(3, 4);"),
            ("002_look.sql", $"CREATE TABLE seen AS SELECT {Held} AS held;"));

        await box.ApplyAllAsync();

        // Only the lock of the run itself.
        Assert.Equal(1, await box.Database.ScalarAsync<long>("SELECT held FROM seen"));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_file_that_releases_the_migration_lock_ends_the_run()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int); SELECT pg_advisory_unlock_all();"),
            ("002_b.sql", "CREATE TABLE b (i int);"));

        var run = await box.RunAsync(Sandbox.Apply);

        Assert.Equal("LockLost", run.Failed<InitializationException>().Code);
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("public.b"));
    }

    [Fact]
    public async Task A_schema_is_put_in_front_of_the_search_path_for_each_file()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t (v text); INSERT INTO t VALUES (current_setting('search_path'));\n"
                + "SET search_path = pg_catalog;"),
            ("002_b.sql", "INSERT INTO t VALUES (current_setting('search_path'));"));
        await box.Database.ExecuteAsync("CREATE SCHEMA \"a b\"; CREATE SCHEMA extensions;");
        await box.Database.ExecuteAsync(
            $"ALTER DATABASE {box.Database.Name} SET search_path = \"$user\", public, extensions");
        box.Options = box.Options with { Schema = "a b" };

        await box.ApplyAllAsync();

        const string Expected = "\"a b\", \"$user\", public, extensions";
        Assert.Equal([Expected, Expected], await box.Database.ListAsync("SELECT v FROM \"a b\".t"));
        Assert.True(await box.Database.HasTableAsync("\"a b\".schema_migrations"));
    }

    [Fact]
    public async Task A_second_run_of_one_migrator_has_the_same_search_path()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t AS SELECT current_setting('search_path') v;"),
            ("002_b.sql", "INSERT INTO t SELECT current_setting('search_path');"));
        await box.Database.ExecuteAsync("CREATE SCHEMA s");
        box.Options = box.Options with { Schema = "s" };
        await using var migrator = await box.OpenAsync();

        for (var run = 1; run <= 2; run++)
        {
            var plan = await migrator.PlanAsync(Sandbox.Apply with { Steps = 1 }, CancellationToken.None);
            (await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None))).Succeeded();
        }

        Assert.Single((await box.Database.ListAsync("SELECT v FROM s.t")).Distinct());
    }

    [Fact]
    public async Task Without_a_schema_the_search_path_is_the_sessions_own()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE t (i int);"));
        await box.Database.ExecuteAsync("CREATE SCHEMA first");
        await box.Database.ExecuteAsync($"ALTER DATABASE {box.Database.Name} SET search_path = first, public");

        await box.ApplyAllAsync();

        Assert.True(await box.Database.HasTableAsync("first.t"));
        Assert.True(await box.Database.HasTableAsync("public.schema_migrations"));
        Assert.False(await box.Database.HasTableAsync("first.schema_migrations"));
    }

    [Fact]
    public async Task The_run_notices_soon_when_its_client_is_gone()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t AS SELECT current_setting('client_connection_check_interval', true) v;"),
            ("002_b.sql", "INSERT INTO t SELECT current_setting('client_connection_check_interval', true);"));

        await box.ApplyAllAsync();

        if (OperatingSystem.IsLinux())
        {
            // PostgreSQL 13 does not know it, and notices at the end of the statement.
            var expected = PostgresServer.Major >= 14 ? "500ms" : "";
            Assert.Equal([expected, expected], await box.Database.ListAsync("SELECT v FROM t"));
        }
    }

    [Fact]
    public async Task A_client_that_vanished_silently_is_noticed_within_a_minute()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t AS SELECT current_setting('tcp_keepalives_idle') v;"),
            ("002_b.sql", "INSERT INTO t SELECT current_setting('tcp_keepalives_idle');"));

        await box.ApplyAllAsync();

        Assert.Equal(["30", "30"], await box.Database.ListAsync("SELECT v FROM t"));
    }

    [Fact]
    public void The_switch_of_the_driver_is_restored_for_other_modules()
    {
        const string Switch = "Npgsql.EnableSqlRewriting";

        Assert.True(DriverSettings.Apply());

        Assert.True(!AppContext.TryGetSwitch(Switch, out var isOn) || isOn);
    }

    // As in the module: were it on, BEGIN ATOMIC bodies would be cut, and these tests would not show it.
    [Fact]
    public async Task The_driver_does_not_split_statements()
    {
        await using var box = await Sandbox.CreateAsync();

        var error = await Assert.ThrowsAsync<PostgresException>(() => box.Database.ScalarAsync<int>("SELECT 1; SELECT 2"));

        Assert.Equal(PostgresErrorCodes.SyntaxError, error.SqlState);
    }

    [Theory]
    [InlineData("Port", "ConnectionFailed")]
    [InlineData("Database", "DatabaseNotFound")]
    [InlineData("Username", "AuthenticationFailed")]
    public async Task A_failed_connection_is_an_error_with_its_cause(string wrong, string code)
    {
        await using var box = await Sandbox.CreateAsync();
        var target = box.Database.TargetFor(settings =>
        {
            settings[wrong] = wrong == "Port" ? "1" : "no_such_thing";
            settings.Password = "S3cr3t!";
        });

        var error = await Assert.ThrowsAsync<ConnectionException>(() => box.OpenAsync(target));

        Assert.Equal(code, error.Code);
        Assert.Contains(target.ToString(), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cr3t", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_is_reported_before_a_missing_server()
    {
        using var folder = new TestFolder();
        var target = DatabaseTarget.Resolve(
            new ConnectionInput { ConnectionString = "Host=127.0.0.1;Port=1;Timeout=600" }, _ => null);

        var error = await Assert.ThrowsAsync<InitializationException>(() => Migrator.OpenAsync(
            target, new MigratorOptions { FolderPaths = [folder.PathOf("nowhere")] }, CancellationToken.None));

        Assert.Equal("FolderNotFound", error.Code);
    }
}
