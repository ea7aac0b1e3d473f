using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/prisma.md.</summary>
public class PrismaFormatTests
{
    [Fact]
    public async Task A_folder_is_a_migration_and_down_sql_its_down_script()
    {
        var (up, down, migration) = await FormatFolder.ScriptsAsync(
            ("migration_lock.toml", "# by hand: no\nprovider = \"postgresql\"\n"),
            ("20240131120000_add_users/migration.sql", "SELECT 1;"),
            ("20240131120000_add_users/down.sql", "SELECT 2;"));

        Assert.Equal(["SELECT 1;"], up);
        Assert.Equal(["SELECT 2;"], down);
        Assert.Equal(
            ("20240131120000_add_users", "20240131120000_add_users", "20240131120000_add_users/migration.sql"),
            (migration.Version.Text, migration.Name, migration.FileName));
    }

    [Fact]
    public async Task Folders_run_in_the_order_of_their_names()
    {
        string[] names =
        [
            "0_init", "20240131120000_a", "20240131120000_b", "20240131_short", "2024_shorter", "later",
        ];

        var content = await FormatFolder.ReadAsync(
            [("migration_lock.toml", "provider = \"postgresql\""), .. names.Select(name => ($"{name}/migration.sql", "SELECT 1;"))]);

        Assert.Empty(content.Problems);
        Assert.Equal(names, content.Migrations.Select(migration => migration.Version.Text));
        Assert.Equal(
            ["0_init", "20240131_short"],
            content.Migrations.Where(file => file.IsNamed("0") || file.IsNamed("20240131")).Select(file => file.Name));
        Assert.Equal(2, content.Migrations.Count(migration => migration.IsNamed("20240131120000")));
        Assert.True(Migrator.IsNamed("20240131", "20240131_short", "20240131_short/migration.sql"));
        Assert.False(Migrator.IsNamed("2024013", "20240131_short", "20240131_short/migration.sql"));
        Assert.False(Migrator.IsNamed("2024", "2024_change", "deploy/2024_change.sql"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- This is an empty migration.")]
    public async Task A_migration_without_sql_does_nothing(string text)
    {
        var (up, down, _) = await FormatFolder.ScriptsAsync(
            ("20240131120000_a/migration.sql", text), ("20240131120000_a/down.sql", text));

        Assert.Empty(up);
        Assert.Empty(down!);
    }

    [Fact]
    public async Task The_first_state_of_an_adopted_database_is_a_version_like_the_others() => Assert.Empty(
        await FormatFolder.CheckAsync(
            ("0_init/migration.sql", "SELECT 1;"), ("20240131120000_a/migration.sql", "SELECT 2;")));

    [Theory]
    [InlineData("ProviderForeign migration_lock.toml:1", "migration_lock.toml", "provider = \"mysql\"")]
    [InlineData("UpMissing lib", "lib/views.sql", "SELECT 1;")]
    [InlineData("UpMissing 20250131120000_b", "20250131120000_b/readme.txt", "x")]
    [InlineData("FileIgnored seed.sql", "seed.sql", "SELECT 1;")]
    [InlineData("FileIgnored 20240131120000_a/extra.sql", "20240131120000_a/extra.sql", "SELECT 1;")]
    [InlineData("FileIgnored 20240131120000_a/more/extra.sql", "20240131120000_a/more/extra.sql", "SELECT 1;")]
    public async Task Files_that_do_not_fit_are_named(string problem, string file, string text) => Assert.Equal(
        [problem], await FormatFolder.CheckAsync(("20240131120000_a/migration.sql", "SELECT 1;"), (file, text)));
}
