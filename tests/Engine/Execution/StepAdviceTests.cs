using Npgsql;
using PgMigrate.Execution.Failures;
using PgMigrate.Execution.Steps;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>The advice after an error of the server: by SQLSTATE, statement and context, without a database.</summary>
public class StepAdviceTests
{
    private const string Outside = "PreventInTransactionBlock";
    private const string Check = "call_enum_check_hook";
    private const string Directive = "no-transaction";
    private const string Remove = "emove -SingleTransaction";
    private const string First = "as the first statement of the file";

    // The mode: a transaction for each file (Own), one for the run (Shared), none (None).
    public static TheoryData<string, string, string, string?, string[], string[]> Cases => new()
    {
        // SQLSTATE, statement, mode, routine; parts of the advice; what it must not contain
        { "55P04", "INSERT INTO c VALUES ('X')", "Own", null, ["later migration"], [Directive, Remove] },
        { "55P04", "INSERT INTO c VALUES ('X')", "Shared", null, [Remove], [Directive] },
        { "55P04", "DO $$ BEGIN END $$", "None", null, ["statement of its own before it"], [Directive, Remove] },
        { "2D000", "DO $$ BEGIN COMMIT; END $$", "Own", null, [Directive], [Remove] },
        { "2D000", "CALL p()", "Own", null, [Directive], [Remove] },
        { "2D000", "CALL p()", "Shared", null, [Directive, Remove], [] },
        { "2D000", "CALL p()", "None", null, ["EXCEPTION", "out of there"], [Directive, Remove] },
        { "2D000", "SELECT f()", "Own", null, ["out of there"], [Directive, Remove] },
        { "25001", "REINDEX TABLE p", "Own", Outside, [Directive], [Remove, First] },
        { "25001", "REINDEX TABLE p", "Shared", Outside, [Directive, Remove], [First] },
        { "25001", "REINDEX TABLE p", "Own", null, [Directive], [Remove, First] },
        { "25001", "DO $$ BEGIN EXECUTE 'VACUUM'; END $$", "Own", Outside, ["plain statement", Directive], [Remove] },
        { "25001", "CALL p()", "Shared", Outside, ["plain statement", Directive, Remove], [] },
        { "25001", "CALL p()", "None", Outside, ["plain statement."], [Directive, Remove] },
        { "25001", "DO $$ BEGIN EXECUTE 'CREATE DATABASE d'; END $$", "Own", Outside, ["plain statement"], [Remove] },
        { "25001", "DO $$ BEGIN EXECUTE 'ALTER SYSTEM RESET ALL'; END $$", "None", Outside, ["plain statement"], [Remove] },
        { "25001", "SET TRANSACTION READ ONLY", "Own", Check, [First], [Directive, Remove] },
        { "25001", "SET TRANSACTION READ ONLY", "Own", null, [First], [Directive, Remove] },
        { "25001", "SET TRANSACTION SNAPSHOT 'x'", "Own", "ImportSnapshot", [First], [Directive, Remove] },
        { "25001", "SET transaction_isolation = 'serializable'", "Own", Check, [First], [Directive, Remove] },
        { "25001", "SET LOCAL TRANSACTION READ ONLY", "Shared", Check, [First, Remove], [Directive] },
        { "25001", "DO $$ BEGIN SET TRANSACTION READ ONLY; END $$", "Own", Check, ["out of the function or DO", First], [Directive] },
        { "25001", "DO $$ BEGIN SET TRANSACTION READ ONLY; END $$", "None", Check, ["command after a COMMIT"], [Directive, Remove] },
        { "25001", "SELECT set_config('transaction_isolation', 'serializable', true)", "Own", Check,
            ["is a query itself", $"Write SET TRANSACTION {First}"], [Directive, Remove] },
        { "25001", "SELECT set_config('transaction_isolation', 'serializable', true)", "Own", null,
            [$"Write SET TRANSACTION {First}"], [Directive, Remove] },
        { "25001", "SELECT pg_catalog.set_config('transaction_deferrable', 'on', true)", "Shared", Check,
            ["is a query itself", $"write SET TRANSACTION {First}", Remove], [Directive] },
        { "25001", "SELECT set_config('transaction_read_only', 'off', false)", "None", Check,
            ["is a query itself", "set default_transaction_isolation"], [Directive, Remove] },
        { "25001", "DO $$ BEGIN PERFORM set_config('transaction_isolation', 'serializable', true); END $$", "Own", Check,
            ["out of the function or DO, and write SET TRANSACTION"], [Directive, Remove] },
        { "25001", "SELECT pg_create_logical_replication_slot('s', 'p')", "Own", "slot", ["migration of its own"], [Remove] },
        { "25001", "SELECT pg_create_logical_replication_slot('s', 'p')", "Shared", "slot", ["of its own", Remove], [] },
        { "55006", "ALTER TABLE t ADD x int", "Own", "CheckTableNotInUse", ["SET CONSTRAINTS ALL IMMEDIATE"], [Remove] },
        { "55006", "DROP DATABASE d", "None", null, ["Fix the file"], [Directive] },
        { "42601", "SELECT", "Own", null, ["It was rolled back and stays pending. Fix the file and run again."], [Directive] },
        { "42P07", "CREATE TABLE t ()", "Shared", null, ["The whole run was rolled back", "Fix the file"], [Directive] },
        { "42501", "SELECT 1", "Own", "aclcheck_error", ["Grant the login the missing privilege"], ["tracking table"] },
        { "25006", "SELECT 1", "Own", null, ["connect to the primary"], ["Fix the file"] },
        { "55P03", "SELECT 1", "Own", null, ["Another session held the lock. Run again when it has ended."], ["pg_terminate"] },
        { "40P01", "SELECT 1", "Own", null, ["Another session held the lock"], ["Fix the file"] },
        { "57P01", "SELECT 1", "Own", null, ["The server ended the session. Run again."], ["Fix the file"] },
        { "57P02", "SELECT 1", "Own", null, ["The server ended the session. Run again."], ["Fix the file"] },
        { "53100", "SELECT 1", "Own", null, ["Free disk space"], ["Fix the file"] },
        { "22012", "CALL p()", "None", null, ["can have committed part of its work"], [Remove] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_advice_fits_the_error(
        string sqlState, string statement, string mode, string? routine, string[] says, string[] saysNot)
    {
        var step = Step(statement, mode);
        var advice = Advice(new StepAttempt(step, 1) { Position = new StepPosition(StepPhase.Script, 0) }, Error(sqlState, routine));

        Assert.All(says, text => Assert.Contains(text, advice, StringComparison.Ordinal));
        Assert.All(saysNot, text => Assert.DoesNotContain(text, advice, StringComparison.Ordinal));
    }

    // SQLSTATE and routine of an error of the record; index of the statement before it, whether it is a statement of the file
    [Theory]
    [InlineData("42501", "ExecWithCheckOptions", "Own", 0, "Disable it and run again")]
    [InlineData("42501", "aclcheck_error", "Own", 0, "Grant the login INSERT, SELECT and DELETE on the tracking table")]
    [InlineData("25006", null, "Own", 0, "The file made the transaction read-only")]
    [InlineData("25006", null, "Own", -1, "connect to the primary")]
    [InlineData("42P01", null, "Own", 0, "changed the tracking table or its log; nothing in them is lost")]
    [InlineData("42P01", null, "None", 0, "changed the tracking table or its log. Remove")]
    [InlineData("42P01", null, "Own", -1, "Another session has changed the tracking table")]
    public void The_advice_for_the_record_fits_the_error(string sqlState, string? routine, string mode, int index, string expected)
    {
        var step = Step("DO $$ BEGIN COMMIT; END $$", mode);

        Assert.Contains(
            expected,
            Advice(new StepAttempt(step, 1) { Position = new StepPosition(StepPhase.Record, index) }, Error(sqlState, routine)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42501", "Own", "Grant the login INSERT, SELECT and DELETE")]
    [InlineData("23503", "Shared", "If a deferred constraint failed, any file of the run can be the cause")]
    [InlineData("23503", "Own", "Fix the file and run again")]
    public void The_advice_for_a_command_of_PgMigrate_fits_the_error(string sqlState, string mode, string expected) => Assert.Contains(
        expected,
        Advice(new StepAttempt(Step("SELECT 1", mode), 1) { Position = StepPosition.Commit }, Error(sqlState, null), isOurs: true),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(42, "or end it: SELECT pg_terminate_backend(42);")]
    [InlineData(0, "or end it: COMMIT PREPARED or ROLLBACK PREPARED.")]
    public void The_advice_for_a_lock_names_how_to_end_the_blocker(int processId, string expected) => Assert.Contains(
        expected,
        Advice(
            new StepAttempt(Step("SELECT 1", "Own"), 1)
            {
                Position = new StepPosition(StepPhase.Script, 0),
                Blockers = [new MigrationBlocker { ProcessId = processId }],
            },
            Error("55P03", null)),
        StringComparison.Ordinal);

    [Fact]
    public void The_advice_for_a_terminated_no_transaction_file_points_to_its_record() => Assert.StartsWith(
        "Its record shows how far it got.",
        Advice(
            new StepAttempt(Step("SELECT 1", "None"), 1) { Position = new StepPosition(StepPhase.Script, 0) },
            Error("57P01", null, "FATAL")),
        StringComparison.Ordinal);

    [Fact]
    public void The_advice_for_a_statement_that_failed_at_the_tracking_table_names_it() => Assert.Contains(
        "is the tracking table of this run",
        Advice(
            new StepAttempt(Step("CREATE TABLE schema_migrations (i int)", "Own"), 1) { Position = new StepPosition(StepPhase.Script, 0) },
            Error("42P07", null, message: "relation \"schema_migrations\" already exists")),
        StringComparison.Ordinal);

    [Fact]
    public void A_timeout_has_the_advice_of_its_origin() => Assert.Contains(
        "-StatementTimeout ended the statement after 2 s",
        Advice(
            new StepAttempt(Step("SELECT 1", "Own"), 1) { Position = new StepPosition(StepPhase.Script, 0) },
            Error("57014", null),
            new TimeoutOrigin("statement_timeout") { Parameter = TimeSpan.FromSeconds(2) }),
        StringComparison.Ordinal);

    [Fact]
    public void A_file_that_needs_its_transaction_is_not_advised_to_leave_it()
    {
        var commit = new TransactionFailure("2D000", "CALL p()", TransactionMode.Own);

        Assert.Contains("delete its BEGIN and COMMIT", For(commit with { HasOwnBegin = true }), StringComparison.Ordinal);
        Assert.Contains("Restore the file", For(commit with { IsRecorded = true }), StringComparison.Ordinal);
        Assert.StartsWith(
            "COMMIT and ROLLBACK in a procedure or a DO need a file outside a transaction. Move the statement into a migration",
            For(commit with { IsLarge = true }),
            StringComparison.Ordinal);
        Assert.Contains(
            "into the BEGIN",
            For(new TransactionFailure("25001", "SET TRANSACTION READ ONLY", TransactionMode.Own) { HasOwnBegin = true }),
            StringComparison.Ordinal);

        static string For(TransactionFailure failure) => TransactionAdvice.For(failure)!;
    }

    [Fact]
    public void The_advice_for_an_enum_value_that_is_added_beside_its_use_names_both_ways()
    {
        var failure = new TransactionFailure("55P04", "INSERT INTO c VALUES ('X')", TransactionMode.Own)
        {
            AddsEnumValue = true,
            AddsEnumValueAlone = true,
        };

        var advice = TransactionAdvice.For(failure)!;
        Assert.Contains("later migration; or write '-- pgmigrate: no-transaction'", advice, StringComparison.Ordinal);
        Assert.Contains(
            "later migration", TransactionAdvice.For(failure with { Mode = TransactionMode.Shared })!, StringComparison.Ordinal);
        Assert.DoesNotContain(Directive, TransactionAdvice.For(failure with { IsLarge = true })!, StringComparison.Ordinal);
    }

    private static PlannedStep Step(string statement, string mode)
    {
        var directive = mode == "None" ? "-- pgmigrate: no-transaction\n" : "";
        var plan = MigrationPlanner.Plan(
            InMemory.Folder($"1_a.sql|{directive}{statement};"),
            InMemory.None,
            Sandbox.Apply with { SingleTransaction = mode == "Shared" });
        return Assert.Single(plan.Steps);
    }

    private static PostgresException Error(string sqlState, string? routine, string severity = "ERROR", string message = "x") =>
        new(message, severity, severity, sqlState, routine: routine);

    private static string Advice(StepAttempt attempt, PostgresException error, TimeoutOrigin? timeout = null, bool isOurs = false) =>
        StepAdvice.For(attempt, error, timeout, isOurs, new HistoryTable("public", "schema_migrations"));
}
