using PgMigrate.Messages;
using Xunit;

namespace PgMigrate.Tests.Sql;

public class CountedTests
{
    [Theory]
    [InlineData(0, "0 statements")]
    [InlineData(1, "1 statement")]
    [InlineData(2, "2 statements")]
    [InlineData(1000000, "1000000 statements")]
    public void A_noun_is_singular_for_one(long count, string expected) => Assert.Equal(expected, Counted.Of(count, "statement"));
}
