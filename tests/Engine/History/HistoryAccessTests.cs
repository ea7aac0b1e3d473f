using PgMigrate.History;
using Xunit;

namespace PgMigrate.Tests.History;

public class HistoryAccessTests
{
    private static readonly HistoryTable Table = new("s", "h");

    [Theory]
    [InlineData(nameof(HistoryUse.Read), "", "")]
    [InlineData(nameof(HistoryUse.Read), "table INSERT|table DELETE|log INSERT|schema CREATE", "")]
    [InlineData(nameof(HistoryUse.Read), "table SELECT", "HistoryReadDenied GRANT SELECT ON \"s\".\"h\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Read), "schema USAGE", "HistoryReadDenied GRANT USAGE ON SCHEMA \"s\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Read), "log SELECT", "")]
    [InlineData(nameof(HistoryUse.ReadLog), "log SELECT|log INSERT", "HistoryReadDenied GRANT SELECT ON \"s\".\"h_log\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Apply), "table DELETE|log SELECT|schema CREATE|database CREATE", "")]
    [InlineData(nameof(HistoryUse.Apply), "table INSERT", "HistoryWriteDenied GRANT INSERT ON \"s\".\"h\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Apply), "log INSERT", "HistoryWriteDenied GRANT INSERT ON \"s\".\"h_log\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Apply), "table UPDATE", "")]
    [InlineData(
        nameof(HistoryUse.ApplyRepeatable),
        "table UPDATE|table DELETE",
        "HistoryWriteDenied GRANT UPDATE ON \"s\".\"h\" TO \"me\";")]
    [InlineData(
        nameof(HistoryUse.ApplyNoTransaction),
        "table UPDATE|table DELETE|log SELECT",
        "HistoryWriteDenied GRANT UPDATE, DELETE ON \"s\".\"h\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Remove), "table INSERT|table UPDATE", "")]
    [InlineData(nameof(HistoryUse.RemoveNoTransaction), "table UPDATE", "HistoryWriteDenied GRANT UPDATE ON \"s\".\"h\" TO \"me\";")]
    [InlineData(nameof(HistoryUse.Remove), "table DELETE", "HistoryWriteDenied GRANT DELETE ON \"s\".\"h\" TO \"me\";")]
    [InlineData(
        nameof(HistoryUse.Remove),
        "log SELECT|log INSERT",
        "HistoryWriteDenied GRANT SELECT, INSERT ON \"s\".\"h_log\" TO \"me\";")]
    [InlineData(
        nameof(HistoryUse.Apply),
        "schema USAGE|table SELECT|table INSERT",
        "HistoryWriteDenied GRANT USAGE ON SCHEMA \"s\" TO \"me\"; GRANT SELECT, INSERT ON \"s\".\"h\" TO \"me\";")]
    public void Missing_rights_are_named_as_the_grants_that_give_them(string use, string missing, string expected) =>
        Assert.Equal(expected, Summary(Of(missing).ProblemsOf(Enum.Parse<HistoryUse>(use), Table)));

    [Theory]
    [InlineData(false, "database CREATE", "")]
    [InlineData(false, "schema CREATE", "HistoryCreateFailed GRANT CREATE ON SCHEMA \"s\" TO \"me\";")]
    [InlineData(true, "schema CREATE", "")]
    [InlineData(true, "database CREATE", "HistoryCreateFailed GRANT CREATE ON DATABASE \"d\" TO \"me\";")]
    public void The_error_for_a_login_that_may_not_create_the_tables_names_the_missing_right(
        bool withSchema, string missing, string expected) =>
        Assert.Equal(expected, Summary(Of(missing).ProblemsOfCreating(Table, withSchema)));

    [Fact]
    public void A_published_table_is_a_warning_and_a_subscribed_one_an_error_unless_it_is_only_read()
    {
        var access = new HistoryAccess { Publications = "p", IsSubscribed = true };

        Assert.Empty(access.ProblemsOf(HistoryUse.Read, Table));
        foreach (var use in new[] { HistoryUse.Apply, HistoryUse.Remove })
        {
            Assert.Equal(
                [("HistorySubscribed", nameof(ProblemSeverity.Error)), ("HistoryPublished", nameof(ProblemSeverity.Warning))],
                access.ProblemsOf(use, Table).Select(problem => (problem.Code, problem.Severity)));
        }
    }

    [Theory]
    [InlineData(nameof(HistoryUse.Read))]
    [InlineData(nameof(HistoryUse.Apply))]
    [InlineData(nameof(HistoryUse.Remove))]
    public void Rows_that_may_be_hidden_block_every_use(string use)
    {
        var problem = Assert.Single(new HistoryAccess { Role = "me", HidesRows = true }
            .ProblemsOf(Enum.Parse<HistoryUse>(use), Table));

        Assert.Equal(("HistoryRowsHidden", nameof(ProblemSeverity.Error)), (problem.Code, problem.Severity));
    }

    private static HistoryAccess Of(string missing) => new()
    {
        Role = "me",
        Database = "d",
        Missing = missing.Split('|', StringSplitOptions.RemoveEmptyEntries),
    };

    private static string Summary(IEnumerable<MigrationProblem> problems) => string.Join(' ', problems.Select(problem =>
        problem.Code + " " + string.Join(' ', System.Text.RegularExpressions.Regex
            .Matches(problem.Message, "GRANT [^;]*;").Select(match => match.Value))));
}
