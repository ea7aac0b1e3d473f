using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>Errors of the transaction on a real server, and what becomes of a file whose author does what the error says.</summary>
public class AdviceFollowedTests
{
    private const string Directive = "-- pgmigrate: no-transaction\n";
    private const string Enum = "CREATE TYPE st AS ENUM ('A'); CREATE TABLE c (s st);";
    private const string Partitioned = "CREATE TABLE p (i int) PARTITION BY RANGE (i); CREATE INDEX ON p (i);";
    private const string Commits = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE t (i int); COMMIT; END $$;";
    private const string Vacuums = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'VACUUM'; END $$;";
    private const string Child = "CREATE TABLE a (i int PRIMARY KEY); INSERT INTO a VALUES (1); "
        + "CREATE TABLE b (i int REFERENCES a DEFERRABLE INITIALLY DEFERRED);";

    // What was applied before; the file that fails, and whether all share a transaction; what the error says; what is done
    // about it: files by name, | between name and text. The last run is without -SingleTransaction.
    public static TheoryData<string, string, bool, string, string[]> Cases => new()
    {
        { Enum, "ALTER TYPE st ADD VALUE 'X'; INSERT INTO c VALUES ('X');", false, "no-transaction",
            [$"2_x.sql|{Directive}ALTER TYPE st ADD VALUE 'X'; INSERT INTO c VALUES ('X');"] },
        { Enum, "ALTER TYPE st ADD VALUE 'X'; INSERT INTO c VALUES ('X');", false, "later migration",
            ["2_x.sql|ALTER TYPE st ADD VALUE 'X';", "3_y.sql|INSERT INTO c VALUES ('X');"] },
        { Enum, "ALTER TYPE st ADD VALUE 'X'; ALTER TABLE c ALTER s SET DEFAULT 'X';", true, "later migration",
            ["2_x.sql|ALTER TYPE st ADD VALUE 'X';", "3_y.sql|ALTER TABLE c ALTER s SET DEFAULT 'X';"] },
        { Enum, "DO $$ BEGIN ALTER TYPE st ADD VALUE 'X'; INSERT INTO c VALUES ('X'); END $$;", false, "later migration",
            ["2_x.sql|ALTER TYPE st ADD VALUE 'X';", "3_y.sql|INSERT INTO c VALUES ('X');"] },
        { Enum, $"{Directive}DO $$ BEGIN ALTER TYPE st ADD VALUE 'X'; INSERT INTO c VALUES ('X'); END $$;", false,
            "statement of its own before it",
            [$"2_x.sql|{Directive}ALTER TYPE st ADD VALUE 'X'; DO $$ BEGIN INSERT INTO c VALUES ('X'); END $$;"] },
        { "SELECT 1;", "DO $$ BEGIN CREATE TABLE t (i int); COMMIT; END $$;", false, "no-transaction",
            [$"2_x.sql|{Directive}DO $$ BEGIN CREATE TABLE t (i int); COMMIT; END $$;"] },
        { Commits, "CALL p();", true, "emove -SingleTransaction", [$"2_x.sql|{Directive}CALL p();"] },
        { Commits, "BEGIN; CALL p(); COMMIT;", false, "delete its BEGIN and COMMIT", [$"2_x.sql|{Directive}CALL p();"] },
        { "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COMMIT; RETURN 1; END $$;", "SELECT f();", false,
            "Move it out of there",
            ["2_x.sql|CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$; SELECT f();"] },
        { "SELECT 1;", $"{Directive}DO $$ BEGIN COMMIT; EXCEPTION WHEN division_by_zero THEN NULL; END $$;", false, "EXCEPTION",
            [$"2_x.sql|{Directive}DO $$ BEGIN COMMIT; END $$;"] },
        { "CREATE TABLE t (i int);", "DO $$ BEGIN EXECUTE 'CREATE INDEX CONCURRENTLY z ON t (i)'; END $$;", false,
            "plain statement", [$"2_x.sql|{Directive}CREATE INDEX CONCURRENTLY z ON t (i);"] },
        { "CREATE TABLE t (i int);", $"{Directive}DO $$ BEGIN EXECUTE 'VACUUM t'; END $$;", false, "plain statement",
            [$"2_x.sql|{Directive}VACUUM t;"] },
        { Vacuums, "CALL p();", true, "emove -SingleTransaction", [$"2_x.sql|{Directive}VACUUM;"] },
        { Vacuums, $"{Directive}CALL p();", false, "plain statement", [$"2_x.sql|{Directive}VACUUM;"] },
        { "SELECT 1;", "DO $$ BEGIN EXECUTE 'ALTER SYSTEM RESET work_mem'; END $$;", false, "plain statement",
            [$"2_x.sql|{Directive}ALTER SYSTEM RESET work_mem;"] },
        { "SELECT 1;", "SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;", false, "as the first statement of the file",
            ["2_x.sql|SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;"] },
        { "SELECT 1;", "BEGIN; SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; COMMIT;", false, "into the BEGIN",
            ["2_x.sql|BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;"] },
        { "SELECT 1;", "DO $$ BEGIN SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; END $$;", false, "out of the function or DO",
            ["2_x.sql|SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;"] },
        { "SELECT 1;", "DO $$ BEGIN SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; END $$;", true,
            "emove -SingleTransaction", ["2_x.sql|SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;"] },
        { "SELECT 1;", $"{Directive}DO $$ BEGIN PERFORM 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; END $$;", false,
            "command after a COMMIT",
            [$"2_x.sql|{Directive}DO $$ BEGIN PERFORM 1; COMMIT; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; END $$;"] },
        { "SELECT 1;", "SELECT 1; SELECT set_config('transaction_isolation', 'serializable', true);", false,
            "Write SET TRANSACTION as the first statement of the file",
            ["2_x.sql|SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;"] },
        { "SELECT 1;", "SELECT set_config('transaction_isolation', 'serializable', true); SELECT 1;", false,
            "is a query itself", ["2_x.sql|SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;"] },
        { "SELECT 1;", $"{Directive}SELECT set_config('transaction_isolation', 'serializable', false); SELECT 1;", false,
            "set default_transaction_isolation", [$"2_x.sql|{Directive}SET default_transaction_isolation = 'serializable'; SELECT 1;"] },
        { Child, "INSERT INTO b VALUES (1); ALTER TABLE b ADD x int;", false, "SET CONSTRAINTS ALL IMMEDIATE",
            ["2_x.sql|INSERT INTO b VALUES (1); SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE b ADD x int;"] },
        { Child, "INSERT INTO b VALUES (1); ALTER TABLE b ADD x int;", true, "SET CONSTRAINTS ALL IMMEDIATE",
            ["2_x.sql|INSERT INTO b VALUES (1); SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE b ADD x int;"] },
    };

    [PostgresFact(14)]
    public async Task The_advice_for_reindexing_a_partitioned_table_works()
    {
        const string Reindex = "REINDEX TABLE p;";
        await The_advice_of_an_error_works_when_it_is_followed(
            Partitioned, $"{Reindex} SELECT 1;", false, "no-transaction", [$"2_x.sql|{Directive}{Reindex} SELECT 1;"]);
        await The_advice_of_an_error_works_when_it_is_followed(
            Partitioned, $"{Reindex} SELECT 1;", false, "migration of its own", [$"2_x.sql|{Directive}{Reindex}", "3_y.sql|SELECT 1;"]);
        await The_advice_of_an_error_works_when_it_is_followed(
            Partitioned, Reindex, true, "emove -SingleTransaction", [$"2_x.sql|{Directive}{Reindex}"]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_advice_of_an_error_works_when_it_is_followed(
        string before, string text, bool isShared, string advice, string[] files)
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", before), ("2_x.sql", text));
        await box.RunAsync(Sandbox.Apply with { Versions = ["1"] });

        var error = (await box.RunAsync(Sandbox.Apply with { SingleTransaction = isShared })).Failed<MigrationApplyException>();
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);

        foreach (var file in files)
        {
            var (name, content) = (file.Split('|')[0], file.Split('|')[1]);
            box.Folder.Write(name, content);
        }

        await box.ApplyAllAsync();
        Assert.Equal(files.Length + 1, (await box.RecordedAsync()).Count);
    }

    [Fact]
    public async Task Enum_values_of_an_earlier_file_can_be_used_when_each_file_is_committed_by_itself()
    {
        await using var box = await Sandbox.CreateAsync(
            ("1_a.sql", Enum), ("2_b.sql", "ALTER TYPE st ADD VALUE 'X';"), ("3_c.sql", "ALTER TABLE c ALTER s SET DEFAULT 'X';"));
        await box.RunAsync(Sandbox.Apply with { Versions = ["1"] });

        var error = (await box.RunAsync(Sandbox.Apply with { SingleTransaction = true })).Failed<MigrationApplyException>();
        Assert.Contains("Remove -SingleTransaction", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("no-transaction", error.Message, StringComparison.Ordinal);

        Assert.Equal(2, (await box.ApplyAllAsync()).Count);
    }

    [Fact]
    public async Task A_recorded_undo_that_commits_runs_from_a_restored_file()
    {
        const string Text = "SELECT 1;\n-- DOWN\nDO $$ BEGIN COMMIT; END $$;";
        await using var box = await Sandbox.CreateAsync(("1_a.sql", Text));
        await box.ApplyAllAsync();
        box.Folder.Delete("1_a.sql");

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();
        Assert.Contains("Restore the file, write '-- pgmigrate: no-transaction' at the top", error.Message, StringComparison.Ordinal);

        box.Folder.Write("1_a.sql", Directive + Text);
        Assert.Single((await box.RunAsync(Sandbox.Undo with { UndoSource = UndoSource.File })).Succeeded());
    }

    [Fact]
    public async Task A_transaction_local_setting_in_a_no_transaction_file_is_a_warning()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql",
            $"{Directive}SELECT 1;\nSET LOCAL work_mem = '8MB';\nSET TRANSACTION READ ONLY;\n  SET CONSTRAINTS ALL IMMEDIATE;\n"
                + "SELECT set_config('work_mem', '8MB', true);\nSET work_mem = '8MB';\nSELECT set_config('work_mem', '8MB', false);"));

        var plan = await box.PlanAsync(Sandbox.Apply);

        Assert.False(plan.IsBlocked);
        Assert.Equal(
            ["SettingWithoutEffect 3:1", "SettingWithoutEffect 4:1", "SettingWithoutEffect 5:3", "SettingWithoutEffect 6:1"],
            plan.Problems.Select(problem => $"{problem.Code} {problem.Line}:{problem.Column}"));
        box.Folder.Write("1_a.sql", "SET LOCAL work_mem = '8MB';");
        Assert.Empty((await box.PlanAsync(Sandbox.Apply)).Problems);
    }
}
