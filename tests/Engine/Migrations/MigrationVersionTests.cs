using PgMigrate.Migrations;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationVersionTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("01", "1")]
    [InlineData("001", "1")]
    [InlineData("1.0", "1")]
    [InlineData("1.0.0", "1")]
    [InlineData("00", "0")]
    [InlineData("0.0", "0")]
    [InlineData("0.1", "0.1")]
    [InlineData("13.1", "13.1")]
    [InlineData("2_1", "2.1")]
    [InlineData("10.020", "10.20")]
    [InlineData("1.0.1", "1.0.1")]
    [InlineData("20251025143022", "20251025143022")]
    [InlineData("000123456789012345678901234567890", "123456789012345678901234567890")]
    public void A_version_has_one_canonical_text(string given, string canonical)
    {
        Assert.True(MigrationVersion.TryParse(given, out var version));
        Assert.Equal(canonical, version.Text);
        Assert.Equal(canonical, version.ToString());
        Assert.True(version.IsNumeric);
        Assert.Equal(version, MigrationVersion.FromStored(canonical));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.")]
    [InlineData(".1")]
    [InlineData("1..2")]
    [InlineData("1.a")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,5")]
    [InlineData("1e3")]
    [InlineData("\u0661")] // an Arabic digit: char.IsDigit would take it
    public void Anything_else_is_not_a_version(string? given) => Assert.False(MigrationVersion.TryParse(given, out _));

    [Theory]
    [InlineData("2", "10")]
    [InlineData("9", "10")]
    [InlineData("099", "100")]
    [InlineData("13", "13.1")]
    [InlineData("13.2", "13.10")]
    [InlineData("1.9.9", "1.10")]
    [InlineData("0", "0.1")]
    [InlineData("1", "1.0.1")]
    [InlineData("999", "20251025143022")]
    [InlineData("20251025120000", "20251025143022")]
    [InlineData("99999999999999999999", "100000000000000000000")]
    public void Versions_are_ordered_as_numbers(string first, string second)
    {
        var left = Parse(first);
        var right = Parse(second);

        Assert.True(left < right);
        Assert.True(left <= right);
        Assert.True(right > left);
        Assert.True(right >= left);
        Assert.NotEqual(left, right);
        Assert.Equal(0, left.CompareTo(Parse(first)));
    }

    [Fact]
    public void Files_without_a_version_come_last_by_ordinal_name()
    {
        MigrationVersion[] sorted =
        [
            Parse("2"), Parse("10"), MigrationVersion.Unversioned("Zebra"), MigrationVersion.Unversioned("apple"),
        ];

        Assert.Equal(sorted, sorted.Reverse().Order());
    }

    [Theory]
    [InlineData("01")]
    [InlineData("1.0")]
    [InlineData("1_2")]
    public void A_name_that_only_looks_like_a_version_stays_a_name_in_the_history(string stored)
    {
        var version = MigrationVersion.FromStored(stored);

        Assert.False(version.IsNumeric);
        Assert.Equal(stored, version.Text);
    }

    private static MigrationVersion Parse(string text) =>
        MigrationVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
}
