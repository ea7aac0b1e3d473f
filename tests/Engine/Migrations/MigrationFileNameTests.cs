using PgMigrate.Migrations;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationFileNameTests
{
    [Theory]
    [InlineData("001_users.sql", "1", "001_users", nameof(NumberingStyle.Sequential))]
    [InlineData("1_users.SQL", "1", "1_users", nameof(NumberingStyle.Sequential))]
    [InlineData("010_a_b__c.sql", "10", "010_a_b__c", nameof(NumberingStyle.Sequential))]
    [InlineData("20251025_note.sql", "20251025", "20251025_note", nameof(NumberingStyle.Sequential))]
    [InlineData("001_users.up.sql", "1", "001_users", nameof(NumberingStyle.Sequential))]
    [InlineData("V1__users.sql", "1", "V1__users", nameof(NumberingStyle.Versioned))]
    [InlineData("v01__users.sql", "1", "v01__users", nameof(NumberingStyle.Versioned))]
    [InlineData("V13.1__users.sql", "13.1", "V13.1__users", nameof(NumberingStyle.Versioned))]
    [InlineData("V2_1__users.sql", "2.1", "V2_1__users", nameof(NumberingStyle.Versioned))]
    [InlineData("V1.0__users.sql", "1", "V1.0__users", nameof(NumberingStyle.Versioned))]
    [InlineData("20251025120000_users.sql", "20251025120000", "20251025120000_users", nameof(NumberingStyle.Timestamp))]
    [InlineData("20251025_143022_users.sql", "20251025143022", "20251025_143022_users", nameof(NumberingStyle.Timestamp))]
    [InlineData("001_größe mit blank.sql", "1", "001_größe mit blank", nameof(NumberingStyle.Sequential))]
    public void A_name_contains_version_and_style(string fileName, string version, string name, string style)
    {
        Assert.True(MigrationFileName.TryParse(fileName, false, out var parsed, out var problem));
        Assert.Null(problem);
        Assert.Equal(fileName, parsed.FileName);
        Assert.Equal(version, parsed.Version.Text);
        Assert.Equal(name, parsed.Name);
        Assert.Equal(style, parsed.Style.ToString());
    }

    [Theory]
    [InlineData("users.sql")]
    [InlineData("_001_users.sql")]
    [InlineData("001.sql")]
    [InlineData("001_.sql")]
    [InlineData("001-users.sql")]
    [InlineData("1.2_users.sql")]
    [InlineData("V1_users.sql")]
    [InlineData("V__users.sql")]
    [InlineData("V1__.sql")]
    [InlineData("V1.x__users.sql")]
    [InlineData("20251025143022.sql")]
    [InlineData(".sql")]
    public void A_name_without_a_version_is_refused_with_the_patterns(string fileName)
    {
        Assert.False(MigrationFileName.TryParse(fileName, false, out _, out var problem));
        Assert.Equal("FileNameInvalid", problem.Code);
        Assert.Equal(fileName, problem.FileName);
        Assert.Contains(MigrationFileName.Patterns, problem.Message, StringComparison.Ordinal);
        Assert.Contains("-AllowUnversioned", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_without_a_version_is_its_own_version_when_that_is_allowed()
    {
        Assert.True(MigrationFileName.TryParse("seed-data.sql", true, out var parsed, out _));
        Assert.Equal(MigrationVersion.Unversioned("seed-data"), parsed.Version);
        Assert.Equal(NumberingStyle.Unversioned, parsed.Style);
    }

    [Theory]
    [InlineData("001_users.down.sql", false)]
    [InlineData("001_users.down.sql", true)]
    [InlineData("seed.DOWN.sql", true)]
    public void A_down_file_is_not_a_migration(string fileName, bool allowUnversioned) =>
        Assert.False(MigrationFileName.TryParse(fileName, allowUnversioned, out _, out _));

    [Theory]
    [InlineData("001_users.up.sql", "001_users")]
    [InlineData("2024-01-31-120000_users/up.sql", "2024-01-31-120000_users")]
    [InlineData("20240131120000_users/migration.sql", "20240131120000_users")]
    [InlineData("deploy/schema/users.sql", "schema/users")]
    public void A_script_in_a_folder_of_its_own_has_the_folders_name(string fileName, string name) =>
        Assert.Equal(name, MigrationFileName.NameOf(fileName));

    [Theory]
    [InlineData("Upgrade__x.sql")]
    [InlineData("Bank__x.sql")]
    public void A_word_that_starts_like_a_flyway_prefix_is_not_one(string fileName) =>
        Assert.True(MigrationFileName.TryParse(fileName, true, out _, out _));
}
