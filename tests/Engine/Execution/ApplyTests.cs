using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class ApplyTests
{
    [Fact]
    public async Task Migrations_are_applied_once_and_in_order()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V10__c.sql", "INSERT INTO t VALUES (3);"),
            ("V1__a.sql", "CREATE TABLE t (i int);"),
            ("V2__b.sql", "INSERT INTO t VALUES (1), (2); UPDATE t SET i = i + 1; DELETE FROM t WHERE i = 2;"));

        var results = await box.ApplyAllAsync();

        Assert.Equal(["1", "2", "10"], results.Select(result => result.Version));
        Assert.Equal([1, 2, 3], results.Select(result => result.Order));
        Assert.Equal([0, 5, 1], results.Select(result => result.RowsAffected));
        Assert.Equal([1, 3, 1], results.Select(result => result.StatementCount));
        Assert.All(results, result =>
        {
            Assert.Equal(nameof(MigrationOutcome.Applied), result.Outcome);
            Assert.True(result.DurationMs > 0);
            Assert.InRange(
                result.AppliedAt!.Value, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
            Assert.Equal(64, result.Checksum!.Length);
            Assert.Null(result.Error);
        });
        Assert.Equal(["1", "2", "10"], await box.RecordedAsync());
        Assert.Equal(["3", "3"], await box.Database.ListAsync("SELECT i FROM t"));

        Assert.Empty((await box.RunAsync(Sandbox.Apply)).Events);
        Assert.Equal(["3", "3"], await box.Database.ListAsync("SELECT i FROM t"));
        Assert.True(await box.Database.ScalarAsync<bool>(
            "SELECT bool_and(execution_time_ms > 0) FROM schema_migrations"));
    }

    [Fact]
    public async Task A_failed_migration_leaves_nothing_and_no_history_row()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_good.sql", "CREATE TABLE good (i int);"),
            ("002_bad.sql", "-- größe 🐘\nCREATE TABLE bad (i int);\nSELECT '🐘', nope FROM bad;\n"),
            ("003_later.sql", "CREATE TABLE later (i int);"));

        var run = await box.RunAsync(Sandbox.Apply);

        var error = run.Failed<MigrationApplyException>().Result.Error!;
        Assert.Equal([nameof(MigrationOutcome.Applied), nameof(MigrationOutcome.Failed)], run.Results.Select(result => result.Outcome));
        Assert.Same(run.Results[1].Error, error);
        Assert.Equal(("002_bad.sql", 3, 13, 2), (error.FileName, error.Line, error.Column, error.StatementNumber));
        Assert.Equal(("42703", "MigrationFailed"), (error.SqlState, error.Code));
        Assert.Equal("SELECT '🐘', nope FROM bad;", error.LineText);
        Assert.Equal(box.Folder.PathOf("002_bad.sql"), error.FilePath);
        Assert.StartsWith("002_bad.sql:3:13: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("stays pending", error.Message, StringComparison.Ordinal);

        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("bad"));
        Assert.False(await box.Database.HasTableAsync("later"));
        var line = (await box.LogAsync(1))[0];
        Assert.Equal(("failed", "2", "002_bad.sql", "42703"), (line.Event, line.Version, line.FileName, line.SqlState));
        Assert.Contains("nope", line.Message, StringComparison.Ordinal);
        Assert.Equal(nameof(MigrationState.Pending), (await box.StatusAsync())[1].State);
    }

    [Theory]
    [InlineData("CREATE TABLE t (i int PRIMARY KEY);\n\nINSERT INTO t VALUES (1), (1);", "23505", 3, 1)]
    [InlineData("SELECT 1;\nDO $$\nBEGIN\n  RAISE EXCEPTION 'no' USING ERRCODE = 'P0042';\nEND $$;", "P0042", 4, 3)]
    [InlineData("SELECT 1;\n  SELEC 2;", "42601", 2, 3)]
    [InlineData("SELECT relacl FROM pg_class;\n SELECT nope;", "42703", 2, 9)] // statement by statement, as text
    [InlineData("SELECT nope;", "42703", 1, 8)]
    [InlineData("SELECT 1;\r-- a\rSELECT 2,\r nope;\r", "42703", 4, 2)]
    [InlineData("SELECT 1;\r\nSELECT 2,\r\n nope;\r\n", "42703", 3, 2)]
    public async Task An_error_names_its_place(string sql, string sqlState, int line, int column)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", sql));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal((sqlState, line, column), (error.SqlState, error.Line, error.Column));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task A_deferred_constraint_that_fails_at_commit_is_that_migrations_failure()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int PRIMARY KEY);"),
            ("002_b.sql", "CREATE TABLE b (i int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\n"
                + "INSERT INTO b VALUES (7);"),
            ("003_c.sql", "CREATE TABLE c (i int);"));

        var run = await box.RunAsync(Sandbox.Apply);

        var error = run.Failed<MigrationApplyException>().Result.Error!;
        Assert.Equal(("002_b.sql", "23503", (int?)null), (error.FileName, error.SqlState, error.StatementNumber));
        Assert.StartsWith(
            "002_b.sql: at COMMIT, by a deferred constraint or trigger: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("b"));
        Assert.False(await box.Database.HasTableAsync("c"));
        Assert.Equal("failed", (await box.LogAsync(1))[0].Event);
        await box.AssertLockIsFreeAsync();
    }

    [Theory]
    [InlineData("", "002_b.sql: at COMMIT, by a deferred constraint or trigger: No. (")]
    [InlineData("-- pgmigrate: no-transaction\n", "002_b.sql:2:1: at COMMIT, by a deferred constraint or trigger: No. (")]
    public async Task The_error_of_a_deferred_trigger_at_commit_says_so(string directive, string message)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int); CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
                + "$$ BEGIN RAISE 'No.'; END $$; CREATE CONSTRAINT TRIGGER no AFTER INSERT ON a "
                + "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no();"),
            ("002_b.sql", directive + "INSERT INTO a VALUES (1);"));

        var run = await box.RunAsync(Sandbox.Apply);

        Assert.StartsWith(message, run.Failed<MigrationApplyException>().Message, StringComparison.Ordinal);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_failed_migration_can_be_fixed_and_run_again()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE t (i int); SELECT nope;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        box.Folder.Write("001_a.sql", "CREATE TABLE t (i int);");
        await box.ApplyAllAsync();

        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.Equal(["applied", "failed"], (await box.LogAsync()).Select(line => line.Event));
    }

    [Theory]
    [InlineData("-- only a comment")]
    [InlineData("-- UP\n\n-- DOWN\nSELECT 1;")]
    [InlineData("BEGIN; COMMIT;")]
    [InlineData(";;")]
    public async Task A_file_without_statements_is_recorded(string text)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", text));

        Assert.Equal(0, Assert.Single(await box.ApplyAllAsync()).StatementCount);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Theory]
    [InlineData("SELECT relacl FROM pg_class WHERE relname = 't';")] // aclitem[]
    [InlineData("SELECT unnest(relacl) FROM pg_class WHERE relname = 't';")]
    [InlineData("SELECT (unnest(relacl), 1) FROM pg_class WHERE relname = 't';")]
    public async Task A_type_without_binary_output_does_not_fail_the_migration(string select)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t (i int);\nGRANT SELECT ON t TO PUBLIC;\nINSERT INTO t VALUES (1), (2);\n"
                + select + "\nINSERT INTO t VALUES (3);"));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.Equal((5, 3L), (result.StatementCount, result.RowsAffected));
        Assert.Equal(["1", "2", "3"], await box.Database.ListAsync("SELECT i FROM t ORDER BY i"));
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.True(result.DurationMs > 0);
    }

    [PostgresFact(14)]
    public Task A_function_body_without_quotes_is_sent_whole() =>
        A_function_body_is_sent_whole("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;", "2");

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 3; END $$;", "3")]
    [InlineData("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''a;b''::text';", "a;b")]
    public async Task A_function_body_is_sent_whole(string sql, string answer)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", sql));

        await box.ApplyAllAsync();

        Assert.Equal([answer], await box.Database.ListAsync("SELECT f()"));
    }

    [Fact]
    public async Task Parameters_and_question_marks_in_sql_are_unchanged()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t (v text);\nINSERT INTO t VALUES (':a @b $1 ?');\n"
                + "SELECT '{\"a\":1}'::jsonb ? 'a', 'a'::text;\nPREPARE p (int) AS SELECT $1; EXECUTE p(1);\n"
                + "INSERT INTO n VALUES ('x');"),
            ("000_n.sql", "CREATE TABLE n (v text);\nINSERT INTO n VALUES ('a\n-- keep\n\nb');"));

        await box.ApplyAllAsync();

        Assert.Equal([":a @b $1 ?"], await box.Database.ListAsync("SELECT v FROM t"));
        Assert.Equal(["a\n-- keep\n\nb", "x"], await box.Database.ListAsync("SELECT v FROM n"));
    }

    [Theory]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE;\n{0};\nCOMMIT;")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n{0};")]
    public async Task The_isolation_level_of_a_file_is_used(string sql)
    {
        const string Observe = "CREATE TABLE t AS SELECT current_setting('transaction_isolation') v";
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", sql.Replace("{0}", Observe, StringComparison.Ordinal)));

        await box.ApplyAllAsync();

        Assert.Equal(["serializable"], await box.Database.ListAsync("SELECT v FROM t"));
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task Notices_are_yielded_and_counted()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "DO $$ BEGIN RAISE NOTICE 'hello' USING HINT = 'wave'; RAISE WARNING 'careful'; END $$;"),
            ("002_b.sql", "SELECT 1;"));

        var run = await box.RunAsync(Sandbox.Apply);

        Assert.Equal([2, 0], run.Succeeded().Select(result => result.Notices));
        var notices = run.Events.OfType<NoticeRaised>().ToList();
        Assert.Equal([("NOTICE", "hello", false), ("WARNING", "careful", true)],
            notices.Select(notice => (notice.Severity, notice.Message, notice.IsWarning)));
        Assert.Equal("wave", notices[0].Hint);
        Assert.Empty(run.Events.OfType<NoticesDropped>());
    }

    [Fact]
    public async Task A_long_file_name_raises_no_notice_of_its_own()
    {
        var name = $"001_{new string('x', 120)}_ä.sql";
        await using var box = await Sandbox.CreateAsync((name, "SELECT 1;"));

        Assert.Equal(0, Assert.Single(await box.ApplyAllAsync()).Notices);
    }

    [Fact]
    public async Task A_user_table_with_the_columns_of_the_tracking_table_is_not_mistaken_for_it()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT now() AS applied_at, 'x' AS execution_time_ms;\n"
                + "SELECT now() AS applied_at, 5::float8 AS execution_time_ms;"));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.NotEqual(5, result.DurationMs);
    }

    [Fact]
    public async Task A_migration_sees_its_name_as_the_application()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_it's.sql", "CREATE TABLE t AS SELECT current_setting('application_name') v;"));
        box.Options = box.Options with { Module = "m\\od" };

        await box.ApplyAllAsync();

        Assert.Equal(["PgMigrate m\\od 001_it's.sql"], await box.Database.ListAsync("SELECT v FROM t"));
    }

    [Theory]
    [InlineData("SELECT set_config('client_encoding', 'LATIN1', false);")]
    [InlineData("SELECT set_config('client_encoding', 'LATIN1', true);")]
    [InlineData("DO $$ BEGIN SET client_encoding = 'LATIN1'; END $$;")]
    public async Task A_script_that_changes_the_client_encoding_in_a_function_is_rolled_back(string sql)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"CREATE TABLE t (v text); {sql} INSERT INTO t VALUES ('ä');"), ("002_b.sql", "SELECT 1;"));

        Assert.Equal("ClientEncoding", (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Code);

        var line = (await box.LogAsync(1))[0];
        Assert.Equal(("failed", "001_a.sql"), (line.Event, line.FileName));
        Assert.Contains("client_encoding", line.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("t"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    public async Task A_plan_that_is_blocked_runs_nothing()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE t (i int);"), ("002_b.sql", "COMMIT;"), ("003_c.sql", "SELECT 1; VACUUM;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal(["TransactionControl", "MixedTransaction"], error.Problems.Select(found => found.Code));
        Assert.False(await box.Database.HasTableAsync("t"));
        Assert.False(await box.Database.HasTableAsync("schema_migrations"));
    }

    [Fact]
    public async Task A_changed_file_blocks_the_whole_run()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE t (i int);"));
        await box.ApplyAllAsync();
        box.Folder.Write("001_a.sql", "CREATE TABLE t (i bigint);");
        box.Folder.Write("002_b.sql", "CREATE TABLE u (i int);");

        (await box.RunAsync(Sandbox.Apply)).Failed<ChecksumMismatchException>();

        Assert.False(await box.Database.HasTableAsync("u"));
    }

    [Fact]
    public async Task Modules_have_separate_histories()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE IF NOT EXISTS t (i int);"));
        await box.ApplyAllAsync();
        box.Options = box.Options with { Module = "other" };

        Assert.Equal("other", Assert.Single(await box.ApplyAllAsync()).Module);

        Assert.Equal(
            ["default", "other"],
            await box.Database.ListAsync("SELECT module_name FROM schema_migrations ORDER BY id"));
    }

    [Fact]
    public async Task A_module_that_differs_in_case_only_is_refused()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a (i int);"));
        box.Options = box.Options with { Module = "Billing" };
        await box.ApplyAllAsync();
        box.Options = box.Options with { Module = "billing" };

        var plan = await box.PlanAsync(Sandbox.Apply);

        Assert.Equal("ModuleCaseDiffers", Assert.Single(plan.Errors).Code);
        box.Options = box.Options with { Module = "shipping" };
        Assert.Empty((await box.PlanAsync(Sandbox.Apply)).Errors);
    }
}
