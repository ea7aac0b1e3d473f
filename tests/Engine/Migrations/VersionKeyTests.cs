using System.Globalization;
using PgMigrate.Migrations;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class VersionKeyTests
{
    // In the order of a plan.
    private static readonly MigrationVersion[] Ordered =
    [
        .. new[]
        {
            "0", "0.1", "1", "1.0.1", "1.1", "1.2", "1.9", "1.10", "1.10.1", "002", "9", "10", "150", "999", "20230101",
            "2023.11.05.14.22.33.001", "20251025120000", "20251025120001", "9999999999999999999", "10000000000000000000",
            "10000000000000000000.1", "99999999999999999999", "100000000000000000000", "1" + new string('0', 200),
        }.Select(Parse).Order(),
        MigrationVersion.Unversioned("A_upper"), MigrationVersion.Unversioned("R__b"), MigrationVersion.Unversioned("_under"),
        MigrationVersion.Unversioned("a-dash"), MigrationVersion.Unversioned("a_lower"), MigrationVersion.Unversioned("aa"),
        MigrationVersion.Unversioned("b"), MigrationVersion.Unversioned("é"), MigrationVersion.Unversioned("日本"),
        MigrationVersion.Planned("zebra", 1), MigrationVersion.Planned("apple", 2), MigrationVersion.Planned("b", 10),
    ];

    [Fact]
    public void Keys_sort_in_the_order_of_versions() => Assert.Equal(Ordered, Ordered.Order());

    public static TheoryData<string> Comparisons => ["ordinal", "ignore case", "invariant", "invariant ignore case", "culture"];

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void Keys_compare_as_versions_do_in_every_comparison(string name)
    {
        StringComparer comparer = name switch
        {
            "ordinal" => StringComparer.Ordinal,
            "ignore case" => StringComparer.OrdinalIgnoreCase,
            "invariant" => StringComparer.InvariantCulture,
            "invariant ignore case" => StringComparer.InvariantCultureIgnoreCase,
            _ => StringComparer.Create(CultureInfo.CurrentCulture, CompareOptions.IgnoreCase | CompareOptions.IgnoreSymbols),
        };
        foreach (var left in Ordered)
        {
            foreach (var right in Ordered)
            {
                Assert.Equal(
                    (left, right, Math.Sign(left.CompareTo(right))),
                    (left, right, Math.Sign(comparer.Compare(left.Key, right.Key))));
            }
        }
    }

    [Theory]
    [InlineData("1", "001")]
    [InlineData("1", "1.0")]
    [InlineData("1.10", "1_10")]
    public void Two_spellings_of_one_version_have_one_key(string left, string right) =>
        Assert.Equal(Parse(left).Key, Parse(right).Key);

    private static MigrationVersion Parse(string text) =>
        MigrationVersion.TryParse(text, out var version) ? version : throw new ArgumentException(text);
}
