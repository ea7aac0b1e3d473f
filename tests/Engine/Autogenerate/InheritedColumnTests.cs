using Xunit;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Columns that a partition has from its parent.</summary>
public class InheritedColumnTests
{
    // The parent comes first, whatever sorts first.
    [Theory]
    [InlineData("a", false)]
    [InlineData("u", false)]
    [InlineData("a", true)]
    [InlineData("u", true)]
    public async Task Not_null_of_a_partitioned_table_is_set_and_dropped_again(string partition, bool online)
    {
        static string Sql(string partition, string n) =>
            $"""
            CREATE TABLE t (i int, n int {n}) PARTITION BY RANGE (i);
            CREATE TABLE {partition} PARTITION OF t FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (i);
            CREATE TABLE {partition}0 PARTITION OF {partition} DEFAULT;
            """;

        var drafted = await Drafting.DraftAsync(Sql(partition, ""), Sql(partition, "NOT NULL"), online);

        Assert.Contains("ALTER TABLE public.t ALTER COLUMN n SET NOT NULL", drafted.Up);
        Assert.Contains("ALTER TABLE public.t ALTER COLUMN n DROP NOT NULL", drafted.Down);
    }
}
