using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Records;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class NoTransactionTests
{
    private const string Directive = "-- pgmigrate: no-transaction\n";
    private const string Table = "CREATE TABLE t (id int, name text);";

    [Fact]
    [Parity("P37")]
    public async Task A_file_of_concurrent_statements_needs_no_directive()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", Table),
            ("002_i.sql", "CREATE INDEX CONCURRENTLY i ON t (id);\nVACUUM t;\nREINDEX INDEX CONCURRENTLY i;\n-- DOWN\n"
                + "DROP INDEX CONCURRENTLY i;"));

        var results = await box.ApplyAllAsync();

        Assert.Equal(3, results[1].StatementCount);
        Assert.True(results[1].DurationMs > 0);
        Assert.True(await box.Database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"));
        Assert.Equal(["1:applied:0:", "2:applied:3:"], await RowsAsync(box));
        (await box.RunAsync(Sandbox.Undo)).Succeeded();
        Assert.Equal(["1:applied:0:"], await RowsAsync(box));
        Assert.Equal(["applied", "applied", "undone"], (await box.LogAsync()).Reverse().Select(entry => entry.Event));
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    [Parity("P23")]
    public async Task The_directive_is_read_when_only_its_file_is_applied()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", "CREATE TABLE t(n text);"),
            ("002_i.sql", "-- pgdbm:no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t(n);"));
        (await box.RunAsync(Sandbox.Apply with { Versions = ["001"] })).Succeeded();

        var result = Assert.Single((await box.RunAsync(Sandbox.Apply with { Versions = ["002"] })).Succeeded());

        Assert.True(result.DurationMs > 0);
        Assert.True(await box.Database.HasTableAsync("i"));
    }

    [Fact]
    public async Task Every_statement_is_committed_with_its_progress()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive + Table + """

            INSERT INTO t VALUES (1, 'a'), (2, 'b');
            COPY t FROM STDIN;
            3	c
            \.
            DO $$ BEGIN UPDATE t SET name = 'x' WHERE id = 1; COMMIT; UPDATE t SET name = 'y' WHERE id = 2; END $$;
            SELECT relacl FROM pg_class;
            """));

        var result = Assert.Single(await box.ApplyAllAsync());

        Assert.Equal((5, 3L), (result.StatementCount, result.RowsAffected));
        Assert.Equal(["x", "y", "c"], await box.Database.ListAsync("SELECT name FROM t ORDER BY id"));
        Assert.Equal(["1:applied:5:"], await RowsAsync(box));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SELECT 1;\n")]
    public async Task A_statement_that_only_the_server_rejects_in_a_transaction_runs_alone(string before)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_p.sql", "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); "
                + "CREATE TABLE q PARTITION OF p FOR VALUES FROM (1) TO (9);"),
            ("002_r.sql", Directive + before + "REINDEX TABLE p;"));

        await box.ApplyAllAsync();

        Assert.Equal(["1:applied:0:", before.Length == 0 ? "2:applied:1:" : "2:applied:2:"], await RowsAsync(box));
    }

    [Fact]
    public async Task The_directive_is_not_advised_for_a_statement_that_fails_with_it_too()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", Directive + "SELECT 1;\nDO $$ BEGIN EXECUTE 'VACUUM'; END $$;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("25001", 3), (error.SqlState, error.Line));
        Assert.DoesNotContain("pgmigrate: no-transaction", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1:interrupted:1:apply"], (await RowsAsync(box)).Select(row => row[..^65]));
    }

    [Fact]
    public async Task Completed_statements_stay_and_the_next_run_resumes_after_them()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive + Table
            + "\nINSERT INTO t VALUES (1, 'a');\nSELECT nope;\nCREATE INDEX CONCURRENTLY i ON t (id);"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("42703", 4, 8, 3), (error.SqlState, error.Line, error.Column, error.StatementNumber));
        Assert.Contains("statements 1 to 2 are done and stay", error.Message, StringComparison.Ordinal);
        Assert.Equal((nameof(MigrationState.Interrupted), true), (await StateAsync(box), (await box.StatusAsync())[0].Pending));
        Assert.Equal("interrupted", (await box.LogAsync())[0].Event);
        await box.AssertLockIsFreeAsync();

        box.Folder.Write("001_a.sql", Directive + Table
            + "\nINSERT INTO t VALUES (1, 'a');\nSELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (id);");
        await box.ApplyAllAsync();

        Assert.Equal(1, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
        Assert.Equal(["1:applied:4:"], await RowsAsync(box));
        Assert.Empty((await box.PlanAsync(Sandbox.Apply)).Steps);
    }

    [Fact]
    public async Task A_script_whose_completed_part_has_changed_is_not_resumed()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive + Table + "\nSELECT nope;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        box.Folder.Write("001_a.sql", Directive + "CREATE TABLE other (id int);\nSELECT 1;");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("InterruptedChanged", error.Code);
        Assert.Contains("-MarkApplied", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("other"));
    }

    [Theory]
    [InlineData("t", "k2", true)]
    [InlineData("u", "k1", false)]
    public async Task A_changed_value_in_the_completed_part_counts_and_a_changed_secret_does_not(string table, string key, bool goesOn)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive
            + "CREATE TABLE {{vars.table}} (key text DEFAULT '{{vars.key}}');\nSELECT 1 / {{vars.n}};"));
        (await box.RunAsync(Sandbox.Apply with { Placeholders = Values("t", "k1", "0") })).Failed<MigrationApplyException>();

        var run = await box.RunAsync(Sandbox.Apply with { Placeholders = Values(table, key, "1") });

        if (goesOn)
        {
            run.Succeeded();
        }
        else
        {
            Assert.Equal("InterruptedChanged", run.Failed<PlanBlockedException>().Code);
        }

        static PlaceholderValues Values(string table, string key, string n) => new()
        {
            Variables = new Dictionary<string, string> { ["table"] = table, ["key"] = key, ["n"] = n },
            Secrets = new HashSet<string> { "key" },
        };
    }

    [Fact]
    public async Task Settings_of_the_completed_part_are_applied_again()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive
            + "CREATE SCHEMA app;\nSET search_path = app;\nSELECT set_config('work_mem', '7MB', false);\nSELECT nope;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        box.Folder.Write("001_a.sql", Directive
            + "CREATE SCHEMA app;\nSET search_path = app;\nSELECT set_config('work_mem', '7MB', false);\n"
            + "CREATE TABLE here AS SELECT current_setting('work_mem') AS mem;");

        await box.ApplyAllAsync();

        Assert.Equal("7MB", await box.Database.ScalarAsync<string>("SELECT mem FROM app.here"));
    }

    [Fact]
    public async Task A_statement_that_sets_something_and_does_other_work_is_not_repeated_and_a_warning_says_so()
    {
        const string Done = Directive + "CREATE TABLE t (id serial);\n"
            + "SELECT set_config('work_mem', (nextval('t_id_seq') + 100)::text, false);\n";
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Done + "SELECT nope;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        box.Folder.Write("001_a.sql", Done + "SELECT 1;");

        var plan = await box.PlanAsync(Sandbox.Apply);
        await box.ApplyAllAsync();

        Assert.Equal(
            [("SettingNotRestored", nameof(ProblemSeverity.Warning), 3)],
            plan.Problems.Select(problem => (problem.Code, problem.Severity, problem.Line ?? 0)));
        Assert.Equal(1, await box.Database.ScalarAsync<long>("SELECT last_value FROM t_id_seq"));
    }

    [Fact]
    public async Task A_progress_row_that_cannot_be_updated_leaves_no_open_transaction_and_no_stray_warning()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", Directive + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                + "IF NEW.progress_checksum LIKE 'apply?%' THEN RAISE 'No.'; END IF; RETURN NEW; END $$;\n"
                + "CREATE TRIGGER g BEFORE UPDATE ON schema_migrations FOR EACH ROW EXECUTE FUNCTION f();\nVACUUM;"));

        var run = await box.RunAsync(Sandbox.Apply);

        Assert.DoesNotContain(
            "could not be logged", run.Failed<MigrationApplyException>().Result.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Events.OfType<PgMigrate.Runs.NoticeRaised>(), notice => notice.Severity == "WARNING");
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_failure_under_another_role_is_logged_by_the_login()
    {
        await using var box = await Sandbox.CreateAsync();
        var role = await box.CreateRoleAsync();
        box.Folder.Write("001_a.sql", Directive + $"SET SESSION AUTHORIZATION {role};\nSELECT nope;");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.DoesNotContain("could not be logged", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            await box.Database.ListAsync("SELECT session_user"),
            await box.Database.ListAsync("SELECT actor FROM schema_migrations_log"));
    }

    [Theory]
    [InlineData("SELECT set_config('client_encoding', 'latin1', false);", 1)]
    [InlineData("DO $$ BEGIN PERFORM set_config('client_encoding', 'latin1', false); END $$;", 2)]
    public async Task No_statement_is_sent_after_the_client_encoding_was_changed(string statement, int done)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"{Directive}{Table}\n{statement}\nINSERT INTO t VALUES (1, 'äöü');"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal("ClientEncoding", error.Code);
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
        Assert.Equal([$"1:interrupted:{done}"], await box.Database.ListAsync(
            "SELECT version || ':' || state || ':' || statements_done FROM schema_migrations"));
    }

    [Theory]
    [InlineData("LOCK TABLE t;")]
    [InlineData("SAVEPOINT a;")]
    [InlineData("RELEASE a;")]
    [InlineData("ROLLBACK TO a;")]
    public async Task A_statement_that_needs_a_transaction_is_rejected_before_the_run(string statement)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", $"{Directive}{Table}\n{statement}"));

        Assert.Equal("TransactionControl", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
        Assert.False(await box.Database.HasTableAsync("t"));
    }

    [Fact]
    public async Task A_repeatable_that_fails_keeps_the_record_of_its_last_good_run()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V1__a.sql", "SELECT 1;"), ("R__r.sql", "SELECT 1;"), ("R__r.sql.conf", "executeInTransaction=false"));
        await box.ApplyAllAsync();
        var before = await box.Database.ListAsync("SELECT checksum || state FROM schema_migrations ORDER BY id");
        box.Folder.Write("R__r.sql", "SELECT nope;");

        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Equal(before, await box.Database.ListAsync("SELECT checksum || state FROM schema_migrations ORDER BY id"));
        Assert.Equal(nameof(MigrationState.RepeatableChanged), await StateAsync(box));
        box.Folder.Write("R__r.sql", "SELECT 1;");
        Assert.Empty((await box.PlanAsync(Sandbox.Apply)).Steps);
    }

    [Fact]
    public async Task A_role_that_the_script_sets_does_not_write_the_history()
    {
        await using var box = await Sandbox.CreateAsync();
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {role}");
        box.Folder.Write("001_a.sql", Directive
            + $"SET ROLE {role};\nCREATE TABLE mine (id int);\nDO $$ BEGIN COMMIT; END $$;\nCREATE TABLE mine2 (id int);");

        await box.ApplyAllAsync();

        Assert.Equal(
            [role, role],
            await box.Database.ListAsync("SELECT tableowner FROM pg_tables WHERE tablename LIKE 'mine%'"));
        await box.Database.ExecuteAsync($"DROP OWNED BY {role}");
    }

    [Fact]
    [Parity("P22")]
    public async Task A_script_without_a_completed_statement_leaves_no_row()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_f.sql", "-- pgdbm:no-transaction\nCREATE INDEX CONCURRENTLY i ON missing_table (c);"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("001_f.sql", "42P01"), (error.FileName, error.SqlState));
        Assert.Contains("Nothing of it was done; it stays pending.", error.Message, StringComparison.Ordinal);
        Assert.Empty(await box.RecordedAsync());
        Assert.Equal("failed", (await box.LogAsync())[0].Event);
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY i ON t (id);")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY ON t (id);")]
    public async Task A_failed_build_leaves_no_invalid_index(string sql)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", Table + "INSERT INTO t VALUES (1, 'a'), (1, 'b');"), ("002_i.sql", sql));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal("23505", error.SqlState);
        Assert.Contains("was dropped", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
        await box.Database.ExecuteAsync("DELETE FROM t WHERE name = 'b'");
        await box.ApplyAllAsync();
        Assert.Equal(1, await box.Database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"));
    }

    [Fact]
    public async Task An_invalid_index_of_another_session_is_neither_accepted_nor_dropped()
    {
        await using var box = await Sandbox.CreateAsync(("001_t.sql", Table + "INSERT INTO t VALUES (1, 'a'), (1, 'b');"));
        await box.ApplyAllAsync();
        await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => box.Database.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY i ON t (id)"));
        box.Folder.Write("002_i.sql", "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (id);");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("IndexInvalid", 1, 1), (error.Code, error.Line, error.Column));
        Assert.Contains("DROP INDEX CONCURRENTLY public.i;", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    // What a run leaves that was lost in the middle of its second statement.
    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (id)", "", false)]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (id)", "CREATE INDEX i ON t (id)", false)]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (id)", "INVALID", false)]
    [InlineData("DROP INDEX CONCURRENTLY gone", "", false)]
    [InlineData("DROP INDEX CONCURRENTLY kept", "CREATE INDEX kept ON t (id)", false)]
    [InlineData("VACUUM t", "", false)]
    [InlineData("REINDEX TABLE CONCURRENTLY t", "", false)]
    [InlineData("DO $$ BEGIN COMMIT; END $$", "", true)]
    [InlineData("CALL something()", "", true)]
    [InlineData("CREATE INDEX CONCURRENTLY ON t (id)", "", true)]
    public async Task A_statement_in_doubt_is_resolved_from_the_catalogs(string statement, string state, bool isAsked)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", $"{Directive}{Table}\n{statement};\nSELECT 1;"));
        await box.Database.ExecuteAsync(Table);
        await LoseAsync(box, statement, done: 1);
        await MakeStateAsync(box, state);

        var run = await box.RunAsync(Sandbox.Apply);

        if (isAsked)
        {
            var error = run.Failed<MigrationApplyException>().Result.Error!;
            Assert.Equal(("StatementInDoubt", 3), (error.Code, error.Line));
            Assert.Equal(nameof(MigrationState.Interrupted), await StateAsync(box));
        }
        else
        {
            run.Succeeded();
            Assert.Equal(["1:applied:3:"], await RowsAsync(box));
            Assert.Equal(
                statement.StartsWith("CREATE", StringComparison.Ordinal) ? 1 : 0,
                await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"));
        }
    }

    [Fact]
    public async Task A_statement_in_doubt_must_still_be_the_one_that_had_started()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"{Directive}{Table}\nCREATE INDEX CONCURRENTLY i ON t (id);"));
        await box.Database.ExecuteAsync(Table);
        await LoseAsync(box, "CREATE INDEX", done: 1);
        await box.Database.ExecuteAsync("CREATE INDEX i ON t (id)");
        box.Folder.Write("001_a.sql", $"{Directive}{Table}\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (id);");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("InterruptedChanged", error.Code);
        Assert.Contains("An earlier run completed its statements up to number 2, or started that one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_of_a_statement_in_doubt_says_what_was_completed_before_it()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive + "CREATE TABLE t (a int);\n"
            + "CREATE TABLE u ();\nDO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; "
            + "PERFORM pg_terminate_backend(pg_backend_pid()); END $$;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Equal(("StatementInDoubt", 4, 3), (error.Code, error.Line, error.StatementNumber));
        Assert.EndsWith("Its statements 1 to 2 are done and stay.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("stays pending", error.Message, StringComparison.Ordinal);
        Assert.Equal("interrupted", (await box.LogAsync(1))[0].Event);
    }

    [Theory]
    [InlineData("DO $$ BEGIN INSERT INTO t VALUES (1, 'a'); COMMIT; RAISE 'No.'; END $$", true)]
    [InlineData("CALL p()", true)]
    [InlineData("INSERT INTO t SELECT 1 / 0", false)]
    [InlineData("CREATE INDEX CONCURRENTLY ON nowhere (id)", false)]
    public async Task A_failed_statement_that_may_have_committed_is_to_be_checked(string statement, bool canHave)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", Table + "CREATE PROCEDURE p() LANGUAGE plpgsql AS "
                + "$$ BEGIN INSERT INTO t VALUES (1, 'a'); COMMIT; RAISE 'No.'; END $$;"),
            ("002_b.sql", $"{Directive}SELECT 1;\n{statement};"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>().Result.Error!;

        Assert.Contains("Its first statement is done and stays", error.Message, StringComparison.Ordinal);
        Assert.Equal(canHave, error.Message.Contains("committed part of its work itself", StringComparison.Ordinal));
        Assert.Equal(canHave ? 1 : 0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task An_interrupted_undo_is_resumed_only_by_undo()
    {
        const string Up = Directive + Table + "\n-- DOWN\n";
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Up + "ALTER TABLE t DROP name;\nSELECT nope;\nDROP TABLE t;"));
        await box.ApplyAllAsync();

        (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();

        var asked = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();
        Assert.Equal("UndoInterrupted", asked.Code);
        Assert.Contains("Finish the undo by hand and record that with -MarkPending", asked.Message, StringComparison.Ordinal);
        box.Folder.Write("001_a.sql", Up + "ALTER TABLE t DROP name;\nSELECT 1;\nDROP TABLE t;");
        (await box.RunAsync(Sandbox.Undo with { UndoSource = UndoSource.File })).Succeeded();
        Assert.Empty(await box.RecordedAsync());
        Assert.False(await box.Database.HasTableAsync("t"));
    }

    [Fact]
    public async Task An_interrupted_apply_is_not_undone()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", Directive + Table + "\nSELECT nope;\n-- DOWN\nDROP TABLE t;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.Equal("Interrupted", (await box.RunAsync(Sandbox.Undo)).Failed<PlanBlockedException>().Code);
        Assert.True(await box.Database.HasTableAsync("t"));
    }

    [Fact]
    public async Task Cancelling_a_concurrent_build_drops_its_invalid_index_and_frees_the_lock()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_t.sql", Table), ("002_i.sql", Directive + "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (id);"));
        await using var blocker = await box.Database.ConnectAsync();
        (await box.RunAsync(Sandbox.Apply with { Steps = 1 })).Succeeded();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using (var command = blocker.CreateCommand())
        {
            command.CommandText = "INSERT INTO t VALUES (1, 'a')";
            await command.ExecuteNonQueryAsync();
        }

        using var stop = new CancellationTokenSource();
        var running = box.RunAsync(Sandbox.Apply, cancellationToken: stop.Token);
        await box.Database.WaitUntilAsync("SELECT EXISTS (SELECT FROM pg_index WHERE NOT indisvalid)");
        await stop.CancelAsync();
        await transaction.RollbackAsync();
        (await running).Failed<OperationCanceledException>();

        Assert.Equal(0, await box.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
        Assert.Equal("2:interrupted:1:apply", (await RowsAsync(box))[1].Split("apply:")[0] + "apply");
        await box.AssertLockIsFreeAsync();
        await box.ApplyAllAsync();
        Assert.Equal("2:applied:2:", (await RowsAsync(box))[1]);
    }

    // Ctrl+C that comes while something of ours is under way: what is done is not forgotten, and what has not begun is
    // not in doubt.
    [Theory]
    [InlineData("INSERT INTO ", "none")]
    [InlineData("BEGIN", "none")]
    [InlineData("UPDATE ", "1:interrupted:1:apply")]
    [InlineData("SET lock_timeout = 0", "1:interrupted:1:apply")]
    [InlineData("-- The INVALID indexes of the table", "1:interrupted:1:apply")]
    [InlineData("BEGIN READ WRITE", "1:interrupted:1:apply")]
    [InlineData("-- Whether the index with the name", "1:interrupted:2:apply")]
    [InlineData("WITH recorded AS", "1:applied:3:")]
    public async Task Cancelling_between_two_statements_leaves_a_correct_row(string command, string row)
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", $"{Directive}{Table}\nCREATE INDEX CONCURRENTLY i ON t (id);\nINSERT INTO t VALUES (1, 'a');"));
        await using (var migrator = await box.OpenAsync())
        {
            await migrator.InitializeAsync(new PgMigrate.Runs.RunOptions(), CancellationToken.None);
        }

        using var stop = new CancellationTokenSource();
        var isUnderWay = false;
        await using var proxy = CountingProxy.For(box.Database, text =>
        {
            isUnderWay |= text.StartsWith("SET application_name", StringComparison.Ordinal);
            if (isUnderWay && text.StartsWith(command, StringComparison.Ordinal))
            {
                stop.Cancel();
            }

            return RelayAction.Forward;
        });

        var run = await box.RunAsync(Sandbox.Apply, proxy.Target, stop.Token);

        Assert.True(stop.IsCancellationRequested, "It never came by.");
        Assert.True(run.Error is null or OperationCanceledException, $"{run.Error}");
        var rows = await RowsAsync(box);
        Assert.Equal(row, rows.Count == 0 ? "none" : Regex.Replace(rows[0], "(?<=apply):.*", ""));
        await box.AssertLockIsFreeAsync();
        await box.ApplyAllAsync();
        Assert.Equal(["1:applied:3:"], await RowsAsync(box));
        Assert.Equal(1, await box.Database.ScalarAsync<long>("SELECT count(*) FROM t"));
    }

    private static async Task LoseAsync(Sandbox box, string statement, int done)
    {
        // A first run that fails at the second statement, and then the mark that the statement had begun.
        await using (var migrator = await box.OpenAsync())
        {
            await migrator.InitializeAsync(new PgMigrate.Runs.RunOptions(), CancellationToken.None);
        }

        var step = (await box.PlanAsync(Sandbox.Apply with { AllowNonEmpty = true })).Steps[0];
        var progress = PgMigrate.History.ScriptProgress.Of(MigrationDirection.Apply, step.Script, done, isInDoubt: true);
        await box.Database.ExecuteAsync($"""
            INSERT INTO schema_migrations (module_name, version, name, filename, checksum, up_checksum, execution_time_ms,
                                           state, statements_done, progress_checksum)
            VALUES ('default', '1', '001_a', '001_a.sql', '{step.Migration!.Checksum}', '{step.Migration.UpChecksum}', 0,
                    'interrupted', {done}, '{progress}')
            """);
        Assert.Contains(statement, step.Script.Held![done].Text, StringComparison.Ordinal);
    }

    private static async Task MakeStateAsync(Sandbox box, string state)
    {
        if (state == "INVALID")
        {
            await box.Database.ExecuteAsync("INSERT INTO t VALUES (1), (1)");
            await Assert.ThrowsAsync<Npgsql.PostgresException>(
                () => box.Database.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY i ON t (id)"));
        }
        else if (state.Length > 0)
        {
            await box.Database.ExecuteAsync(state);
        }
    }

    private static async Task<string> StateAsync(Sandbox box) => (await box.StatusAsync())[^1].State;

    [Theory]
    [InlineData(true, "1:applied:0:")]
    [InlineData(false, null)]
    public async Task An_interrupted_migration_can_be_marked_as_applied_or_pending(bool isApplied, string? row)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", Directive + Table + "\nSELECT nope;"));
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        await using (var migrator = await box.OpenAsync())
        {
            var marked = Assert.Single(await Sandbox.ChangeAsync(
                migrator,
                isApplied ? new MarkApplied(["001_a"], "built at night") : new MarkPending(["001_a"], "built at night")));
            Assert.Equal(isApplied ? nameof(MigrationState.Applied) : nameof(MigrationState.Pending), marked.State);
        }

        Assert.Equal(row is null ? [] : [row], await RowsAsync(box));
        var entry = (await box.LogAsync())[0];
        Assert.Equal((isApplied ? "marked_applied" : "marked_pending", "built at night"), (entry.Event, entry.Message));
        await box.AssertLockIsFreeAsync();
    }

    [Theory]
    [InlineData("1", false, "NotInterrupted")]
    [InlineData("1", true, "AlreadyApplied")]
    [InlineData("2", false, "NotInterrupted")]
    public async Task An_impossible_mark_changes_nothing(string version, bool isApplied, string code)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 2;"));
        (await box.RunAsync(Sandbox.Apply with { Steps = 1 })).Succeeded();
        await using var migrator = await box.OpenAsync();

        var error = await Assert.ThrowsAsync<PlanBlockedException>(() => Sandbox.ChangeAsync(
            migrator, isApplied ? new MarkApplied([version, "2"], "x") : new MarkPending([version, "2"], "x")));

        Assert.Equal(code, error.Code);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    private static Task<IReadOnlyList<string>> RowsAsync(Sandbox box) => box.Database.ListAsync(
        "SELECT concat_ws(':', version, state, statements_done, coalesce(progress_checksum, '')) FROM schema_migrations "
            + "ORDER BY id");
}
