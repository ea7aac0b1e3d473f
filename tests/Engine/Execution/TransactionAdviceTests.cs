using PgMigrate.Execution.Failures;
using Xunit;

namespace PgMigrate.Tests.Execution;

/// <summary>What is advised after an error of the transaction: by SQLSTATE, statement and mode.</summary>
public class TransactionAdviceTests
{
    private const string Outside = "PreventInTransactionBlock";
    private const string Directive = "no-transaction";
    private const string Leave = "eave -SingleTransaction out";

    public static TheoryData<string, string, string, string?, string[], string[]> Cases => new()
    {
        // SQLSTATE, statement, mode, routine; what the advice says; what it must not say
        { "55P04", "INSERT INTO c VALUES ('X')", "Own", null, ["later migration"], [Directive, Leave] },
        { "55P04", "INSERT INTO c VALUES ('X')", "Shared", null, [Leave], [Directive] },
        { "55P04", "DO $$ BEGIN END $$", "None", null, ["statement of its own before it"], [Directive, Leave] },
        { "2D000", "DO $$ BEGIN COMMIT; END $$", "Own", null, [Directive], [Leave] },
        { "2D000", "CALL p()", "Own", null, [Directive], [Leave] },
        { "2D000", "CALL p()", "Shared", null, [Directive, Leave], [] },
        { "2D000", "CALL p()", "None", null, ["EXCEPTION", "out of there"], [Directive, Leave] },
        { "2D000", "SELECT f()", "Own", null, ["out of there"], [Directive, Leave] },
        { "25001", "REINDEX TABLE p", "Own", Outside, [Directive], [Leave] },
        { "25001", "REINDEX TABLE p", "Shared", Outside, [Directive, Leave], [] },
        { "25001", "DO $$ BEGIN EXECUTE 'VACUUM'; END $$", "Own", Outside, ["plain statement", Directive], [Leave] },
        { "25001", "CALL p()", "Shared", Outside, ["plain statement", Directive, Leave], [] },
        { "25001", "CALL p()", "None", Outside, ["plain statement."], [Directive, Leave] },
        { "25001", "DO $$ BEGIN EXECUTE 'CREATE DATABASE d'; END $$", "Own", Outside, ["plain statement"], [Leave] },
        { "25001", "DO $$ BEGIN EXECUTE 'ALTER SYSTEM RESET ALL'; END $$", "None", Outside, ["plain statement"], [Leave] },
        { "25001", "SET TRANSACTION READ ONLY", "Own", "x", ["first statement of the file"], [Directive, Leave] },
        { "25001", "SET transaction_isolation = 'serializable'", "Own", "x", ["first statement"], [Directive, Leave] },
        { "25001", "SET LOCAL TRANSACTION READ ONLY", "Shared", "x", ["first statement", Leave], [Directive] },
        { "25001", "DO $$ BEGIN SET TRANSACTION READ ONLY; END $$", "Own", "x", ["out of the function or DO"], [Directive, Leave] },
        { "25001", "DO $$ BEGIN SET TRANSACTION READ ONLY; END $$", "None", "x", ["behind a COMMIT"], [Directive, Leave] },
        { "25001", "SELECT pg_create_logical_replication_slot('s', 'p')", "Own", "slot", ["migration of its own"], [Leave] },
        { "25001", "SELECT pg_create_logical_replication_slot('s', 'p')", "Shared", "slot", ["of its own", Leave], [] },
        { "55006", "ALTER TABLE t ADD x int", "Own", "CheckTableNotInUse", ["SET CONSTRAINTS ALL IMMEDIATE"], [Leave] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Advice_fits_the_place(
        string sqlState, string statement, string mode, string? routine, string[] says, string[] saysNot)
    {
        var advice = TransactionAdvice.For(new TransactionFailure(sqlState, statement, Enum.Parse<TransactionMode>(mode))
        {
            Routine = routine,
        });

        Assert.All(says, text => Assert.Contains(text, advice, StringComparison.Ordinal));
        Assert.All(saysNot, text => Assert.DoesNotContain(text, advice, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("42601", "SELECT", "Own")]
    [InlineData("55006", "DROP DATABASE d", "None")]
    [InlineData("42P07", "CREATE TABLE t ()", "Shared")]
    public void Other_errors_get_none(string sqlState, string statement, string mode) => Assert.Null(
        TransactionAdvice.For(new TransactionFailure(sqlState, statement, Enum.Parse<TransactionMode>(mode))));

    [Fact]
    public void A_file_that_cannot_leave_its_transaction_is_not_told_to()
    {
        var commit = new TransactionFailure("2D000", "CALL p()", TransactionMode.Own);

        Assert.Contains("delete its BEGIN and COMMIT", For(commit with { HasOwnBegin = true }), StringComparison.Ordinal);
        Assert.Contains("Restore the file", For(commit with { IsRecorded = true }), StringComparison.Ordinal);
        Assert.StartsWith(
            "COMMIT and ROLLBACK in a procedure or a DO need a file outside a transaction. Move the statement into a migration",
            For(commit with { IsLarge = true }),
            StringComparison.Ordinal);

        static string For(TransactionFailure failure) => TransactionAdvice.For(failure)!;
    }

    [Fact]
    public void A_value_added_beside_its_use_is_told_both_ways()
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
}
