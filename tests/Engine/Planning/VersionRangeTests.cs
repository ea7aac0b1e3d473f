using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

public class VersionRangeTests
{
    private static readonly MigrationFolderContent Files = Folder(
        "001_a.sql", "V1.9__b.sql", "V1.10__c.sql", "005_d.sql", "20251025_143022_e.sql");

    [Theory]
    [InlineData(null, null, "1 1.9 1.10 5 20251025143022")]
    [InlineData("1.9", "5", "1.9 1.10 5")]
    [InlineData("001.09", null, "1.9 1.10 5 20251025143022")]
    [InlineData("2", "4", "")]
    [InlineData("3", "999", "5")]
    [InlineData(null, "1.9", "1 1.9")]
    [InlineData("005_d", "005_d.sql", "5")]
    [InlineData("20251025_143022", null, "20251025143022")]
    [InlineData("20251025_000000", "20251026_000000", "20251025143022")]
    [InlineData("003_not_there", null, "5 20251025143022")]
    [InlineData(null, "V1.9__not_there.sql", "1 1.9")]
    public void A_range_contains_its_bounds_and_everything_between_them(string? from, string? to, string expected)
    {
        var range = VersionRange.Of(new VersionBounds(from, to), Files);

        Assert.Equal(
            expected,
            string.Join(' ', Files.Migrations.Select(file => file.Version).Where(range.Holds).Select(version => version.Text)));
    }

    [Theory]
    [InlineData("abc", null)]
    [InlineData(null, "1.x")]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("5", "1.10")]
    [InlineData("1.10", "1.9")]
    public void A_bound_without_a_version_and_a_reversed_range_are_errors(string? from, string? to) => Assert.Equal(
        "RangeInvalid",
        Assert.Throws<InitializationException>(() => VersionRange.Of(new VersionBounds(from, to), Files)).Code);

    [Theory]
    [InlineData("20240131", "20240301", "20240131120000_a 20240131120000_b 20240131_c")]
    [InlineData("20240131120000", "20240131120000", "20240131120000_a 20240131120000_b")]
    [InlineData("20240131120000_b", null, "20240131120000_b 20240131_c 20240401000000_d")]
    [InlineData(null, "20240131_c", "0_init 20240131120000_a 20240131120000_b 20240131_c")]
    [InlineData("2025", null, "")]
    public void Where_names_are_versions_a_range_compares_them_as_text(string? from, string? to, string expected)
    {
        string[] names = ["0_init", "20240131120000_a", "20240131120000_b", "20240131_c", "20240401000000_d"];
        var files = Files with
        {
            Migrations = [.. names.Select(name => Migration.FromText(
                new($"{name}/migration.sql", MigrationVersion.Named(name), NumberingStyle.Unversioned), $"/{name}", "SELECT 1;"))],
        };

        var range = VersionRange.Of(new VersionBounds(from, to), files);

        Assert.Equal(expected, string.Join(' ', names.Where(name => range.Holds(MigrationVersion.Named(name)))));
        Assert.Throws<InitializationException>(() => VersionRange.Of(new VersionBounds("20240401", "20240131_c"), files));
    }

    [Fact]
    public void A_file_without_a_number_is_in_no_range_of_numbers_but_in_one_of_names()
    {
        var name = MigrationVersion.Unversioned("seed");
        var files = Files with { Migrations = [.. Files.Migrations, .. Unversioned("seed.sql", "users.sql")] };

        Assert.False(VersionRange.Of(new VersionBounds("1", null), files).Holds(name));
        Assert.True(VersionRange.Of(new VersionBounds("seed", null), files).Holds(MigrationVersion.Unversioned("users")));
        Assert.False(VersionRange.Of(new VersionBounds(null, "seed"), files).Holds(MigrationVersion.Unversioned("users")));
    }

    [Theory]
    [InlineData("2", "3", null, "003_c.sql 002_b.sql", "")]
    [InlineData("3", null, null, "004_d.sql 003_c.sql", "")]
    [InlineData("2", null, 1, "004_d.sql", "")]
    [InlineData("7", "9", null, "", "")]
    [InlineData("1", "1", null, "001_a.sql", "Error:StillNeeded")]
    public void An_undo_of_a_range_runs_newest_first_and_keeps_dependencies_of_others(
        string from, string? to, int? steps, string expected, string problems)
    {
        string[] files =
        [
            "001_a.sql|-- UP\nSELECT 1;\n-- DOWN\nSELECT 1;", "002_b.sql|-- UP\nSELECT 2;\n-- DOWN\nSELECT 2;",
            "003_c.sql|-- UP\nSELECT 3;\n-- DOWN\nSELECT 3;",
            "004_d.sql|-- Depends: 001_a\n-- UP\nSELECT 4;\n-- DOWN\nSELECT 4;",
        ];
        var request = new PlanRequest
        {
            Direction = MigrationDirection.Undo,
            Range = new VersionBounds(from, to),
            Steps = steps,
        };

        var plan = MigrationPlanner.Plan(Folder(files), Of(files), request);

        Assert.Equal(expected, plan.Names());
        Assert.Equal(problems, plan.ProblemCodes());
    }

    private static IEnumerable<Migration> Unversioned(params string[] names) => names.Select(name => Migration.FromText(
        new MigrationFileName(name, MigrationVersion.Unversioned(name[..^4]), NumberingStyle.Unversioned), name, "SELECT 1;"));
}
