using PgMigrate.Sql;
using Xunit;

namespace PgMigrate.Tests.Sql;

public class SqlIdentifierTests
{
    [Theory]
    [InlineData("users", "\"users\"")]
    [InlineData("Users", "\"Users\"")]
    [InlineData("select", "\"select\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData("a.b", "\"a.b\"")]
    [InlineData("x\"; DROP TABLE t; --", "\"x\"\"; DROP TABLE t; --\"")]
    [InlineData("größe🐘", "\"größe🐘\"")]
    [InlineData("a\\b", "\"a\\b\"")]
    public void A_name_is_quoted_whatever_it_contains(string name, string quoted) =>
        Assert.Equal(quoted, SqlIdentifier.Quote(name));

    [Fact]
    public void Schema_and_name_are_quoted_apart() =>
        Assert.Equal("\"a.b\".\"c\"\"d\"", SqlIdentifier.Quote("a.b", "c\"d"));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_name_that_the_server_cannot_have_is_rejected(string name) =>
        Assert.Throws<ArgumentException>(() => SqlIdentifier.Quote(name));

    [Theory]
    [InlineData("it", "'it'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\\b", "E'a\\\\b'")]
    [InlineData("\\'; DROP TABLE t; --", "E'\\\\''; DROP TABLE t; --'")]
    [InlineData("", "''")]
    public void A_literal_means_the_same_whatever_the_server_is_set_to(string text, string literal) =>
        Assert.Equal(literal, SqlIdentifier.Literal(text));

    [Theory]
    [InlineData(63, 0, true)]
    [InlineData(64, 0, false)]
    [InlineData(59, 4, true)]
    [InlineData(60, 4, false)]
    public void A_name_fits_as_long_as_the_server_keeps_it_whole(int length, int reserved, bool fits) =>
        Assert.Equal(fits, SqlIdentifier.Fits(new string('x', length), reserved));

    [Fact]
    public void Length_is_counted_in_bytes()
    {
        Assert.True(SqlIdentifier.Fits(new string('ä', 31)));
        Assert.False(SqlIdentifier.Fits(new string('ä', 32)));
    }
}
