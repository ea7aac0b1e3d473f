using PgMigrate.History;
using Xunit;

namespace PgMigrate.Tests.History;

public class ForeignHistoryTests
{
    private const string Own =
        "id module_name version name filename kind checksum up_checksum depends_on applied_at applied_by "
        + "execution_time_ms undo_sql state statements_done progress_checksum";

    [Theory]
    [InlineData("version dirty", "golang-migrate")]
    [InlineData("installed_rank version description type script checksum installed_by installed_on success", "Flyway")]
    [InlineData("id version_id is_applied tstamp", "goose")]
    [InlineData("id checksum finished_at migration_name logs rolled_back_at started_at applied_steps_count", "Prisma")]
    [InlineData("id filename checksum module_name applied_at applied_by execution_time_ms", "pgdbm")]
    [InlineData("id name checksum applied_at execution_time_ms success error", "metapg")]
    [InlineData("version_num", "Alembic")]
    [InlineData("version run_on", "Diesel")]
    [InlineData("id name run_on", "node-pg-migrate")]
    [InlineData("id applied_at", "sql-migrate")]
    [InlineData("version name applied_at", "pycopg")]
    [InlineData("version statements name", "Supabase")]
    [InlineData("version", "dbmate or Rails")]
    [InlineData("version comment", null)]
    [InlineData("something else", null)]
    [InlineData("", null)]
    public void The_columns_of_a_table_identify_its_tool(string columns, string? tool)
    {
        var names = columns.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(tool, ForeignHistory.Recognise(names));
        Assert.False(ForeignHistory.IsOurs(names));
    }

    [Fact]
    public void A_tracking_table_with_additional_columns_is_still_recognised()
    {
        Assert.True(ForeignHistory.IsOurs(Own.Split(' ')));
        Assert.True(ForeignHistory.IsOurs((Own + " note").Split(' ')));
    }

    [Fact]
    public void A_table_without_one_of_the_columns_is_not_a_tracking_table() => Assert.All(
        Own.Split(' '),
        column => Assert.False(ForeignHistory.IsOurs(Own.Split(' ').Where(name => name != column).ToList()), column));
}
