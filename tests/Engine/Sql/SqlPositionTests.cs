using PgMigrate.Sql;
using Xunit;

namespace PgMigrate.Tests.Sql;

public sealed class SqlPositionTests
{
    [Theory]
    [InlineData("", 0, 1, 1)]
    [InlineData("ab\ncd", 0, 1, 1)]
    [InlineData("ab\ncd", 2, 1, 3)]
    [InlineData("ab\ncd", 3, 2, 1)]
    [InlineData("ab\ncd", 5, 2, 3)]
    [InlineData("a😀b", 3, 1, 3)]
    [InlineData("a\r\nb", 3, 2, 1)]
    [InlineData("a\r\nb", 2, 1, 3)]
    [InlineData("a\r\rbc\nd\re", 4, 3, 2)]
    [InlineData("a\r\rbc\nd\re", 8, 5, 1)]
    [InlineData("ab", 99, 1, 3)]
    [InlineData("ab", -1, 1, 1)]
    public void An_offset_has_a_line_and_a_column_in_code_points(string text, int offset, int line, int column) =>
        Assert.Equal((line, column), SqlPosition.At(text, offset));

    [Theory]
    [InlineData("abc", 1, 0)]
    [InlineData("abc", 3, 2)]
    [InlineData("a😀b", 3, 3)]
    [InlineData("é\uD800b", 3, 2)]
    [InlineData("abc", 99, 3)]
    [InlineData("abc", 0, 0)]
    public void A_position_of_the_server_becomes_an_offset(string statement, int position, int offset) =>
        Assert.Equal(offset, SqlPosition.OffsetOfCharacter(statement, position));
}
