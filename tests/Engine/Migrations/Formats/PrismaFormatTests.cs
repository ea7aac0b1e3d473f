using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/prisma.md.</summary>
public class PrismaFormatTests
{
    [Fact]
    public async Task A_folder_is_a_migration_and_down_sql_its_way_back()
    {
        var (up, down, migration) = await FormatFolder.ScriptsAsync(
            ("migration_lock.toml", "# by hand: no\nprovider = \"postgresql\"\n"),
            ("20240131120000_add_users/migration.sql", "SELECT 1;"),
            ("20240131120000_add_users/down.sql", "SELECT 2;"));

        Assert.Equal(["SELECT 1;"], up);
        Assert.Equal(["SELECT 2;"], down);
        Assert.Equal(
            ("20240131120000", "20240131120000_add_users", "20240131120000_add_users/migration.sql"),
            (migration.Version.Text, migration.Name, migration.FileName));
    }

    [Fact]
    public async Task The_first_state_of_an_adopted_database_is_a_version_like_the_others() => Assert.Empty(
        await FormatFolder.CheckAsync(
            ("0_init/migration.sql", "SELECT 1;"), ("20240131120000_a/migration.sql", "SELECT 2;")));

    [Theory]
    [InlineData("ProviderForeign migration_lock.toml:1", "migration_lock.toml", "provider = \"mysql\"")]
    [InlineData("FileNameInvalid init", "init/migration.sql", "SELECT 1;")]
    [InlineData("UpMissing 20250131120000_b", "20250131120000_b/readme.txt", "x")]
    [InlineData("FileIgnored seed.sql", "seed.sql", "SELECT 1;")]
    [InlineData("FileIgnored 20240131120000_a/extra.sql", "20240131120000_a/extra.sql", "SELECT 1;")]
    [InlineData("FileIgnored 20240131120000_a/more/extra.sql", "20240131120000_a/more/extra.sql", "SELECT 1;")]
    public async Task What_does_not_fit_is_named(string problem, string file, string text) => Assert.Equal(
        [problem], await FormatFolder.CheckAsync(("20240131120000_a/migration.sql", "SELECT 1;"), (file, text)));
}
