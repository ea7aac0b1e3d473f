using PgMigrate.Planning;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Planning;

public class SharedTransactionCheckTests
{
    [Theory]
    [InlineData("SELECT 1;", "SELECT 2;", "")]
    [InlineData("BEGIN; SELECT 1; COMMIT;", "SELECT 2;", "")]
    [InlineData("START TRANSACTION; SELECT 1; END;", "BEGIN WORK; SELECT 2; COMMIT;", "")]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE; SELECT 1; COMMIT;",
        "START TRANSACTION isolation level serializable read write; SELECT 2; COMMIT;", "")]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;", "SET work_mem = '9MB';", "")]
    [InlineData("SELECT 1;", "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 2; COMMIT;", "TransactionOptionsDiffer 2_b.sql")]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 2; COMMIT;", "SELECT 1;", "TransactionOptionsDiffer 2_b.sql")]
    [InlineData("SELECT 1;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;", "SELECT 2;", "TransactionOptionsDiffer 1_a.sql:2")]
    [InlineData("SET LOCAL TRANSACTION READ ONLY;", "SET transaction_isolation = 'serializable';",
        "TransactionOptionsDiffer 1_a.sql:1, TransactionOptionsDiffer 2_b.sql:1")]
    [InlineData("SELECT 1;", "SELECT set_config('transaction_read_only', 'on', true);", "TransactionOptionsDiffer 2_b.sql:1")]
    [InlineData("SELECT 1;", "SELECT set_config('default_transaction_read_only', 'on', false);", "")]
    [InlineData("SELECT 1;", "-- pgmigrate: no-transaction\nVACUUM;", "SingleTransactionImpossible 2_b.sql")]
    public void Files_that_cannot_share_a_transaction_are_errors(string first, string second, string expected)
    {
        var plan = MigrationPlanner.Plan(
            InMemory.Folder($"1_a.sql|{first}", $"2_b.sql|{second}"),
            InMemory.None,
            Sandbox.Apply with { SingleTransaction = true });

        var found = plan.Problems
            .Where(problem => problem.Code is "TransactionOptionsDiffer" or "SingleTransactionImpossible")
            .Select(problem => $"{problem.Code} {problem.FileName}{(problem.Line is { } line ? $":{line}" : "")}");
        Assert.Equal(expected, string.Join(", ", found));
    }

    [Fact]
    public void Without_the_option_there_is_no_error_and_no_step_shares()
    {
        var plan = MigrationPlanner.Plan(
            InMemory.Folder("1_a.sql|SELECT 1;", "2_b.sql|BEGIN READ ONLY; SELECT 2; COMMIT;"),
            InMemory.None,
            Sandbox.Apply);

        Assert.Empty(plan.Problems);
        Assert.DoesNotContain(plan.Steps, step => step.SharesTransaction);
    }

    [Fact]
    public void An_undo_never_shares_a_transaction()
    {
        var file = "1_a.sql|SELECT 1;\n-- DOWN\nSELECT 2;";

        var plan = MigrationPlanner.Plan(
            InMemory.Folder(file), InMemory.Of(file), Sandbox.Undo with { SingleTransaction = true });

        Assert.False(Assert.Single(plan.Steps).SharesTransaction);
    }
}
