using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/diesel.md.</summary>
public class DieselFormatTests
{
    [Theory]
    [InlineData("2024-01-31-120000_add users", "20240131120000")]
    [InlineData("20240131120000_a", "20240131120000")]
    [InlineData("00000000000000_setup", "0")]
    [InlineData("2024-01-31-120000-0000_a", "20240131120000.1")]
    [InlineData("2024-01-31-120000-0001_a", "20240131120000.2")]
    public async Task The_version_is_the_start_of_the_folder_name(string folder, string version)
    {
        var (up, down, migration) = await FormatFolder.ScriptsAsync(
            ($"{folder}/up.sql", "SELECT 1;\n-- DOWN\nSELECT 2;"), ($"{folder}/down.sql", "SELECT 3;"));

        Assert.Equal((version, folder, $"{folder}/up.sql"), (migration.Version.Text, migration.Name, migration.FileName));
        Assert.Equal(["SELECT 1;", "SELECT 2;"], up); // our section lines are comments to Diesel
        Assert.Equal(["SELECT 3;"], down);
        Assert.True(migration.IsNamed(folder));
    }

    [Fact]
    public async Task Both_styles_of_date_sort_together_as_diesel_sorts_them()
    {
        var content = await FormatFolder.ReadAsync(
            ("2026-01-01-000000_c/up.sql", "SELECT 3;"), ("2025-12-29-110242-0000_b/up.sql", "SELECT 2;"),
            ("2025-12-29-110242_a/up.sql", "SELECT 1;"));

        Assert.Empty(content.Problems);
        Assert.Equal(["a", "b", "c"], content.Migrations.Select(migration => migration.Name[^1..]));
    }

    [Theory]
    [InlineData("run_in_transaction = false", ScriptTransaction.None)]
    [InlineData("# why\nrun_in_transaction=false # here", ScriptTransaction.None)]
    [InlineData("run_in_transaction = true", ScriptTransaction.Wrapped)]
    public async Task Metadata_toml_sets_the_transaction_mode(string metadata, ScriptTransaction transaction)
    {
        var (_, _, migration) = await FormatFolder.ScriptsAsync(
            ("1_a/up.sql", "SELECT 1;"), ("1_a/down.sql", "SELECT 2;"), ("1_a/metadata.toml", metadata));

        Assert.Equal(transaction, migration.Up.Transaction);
        Assert.Equal(transaction, migration.Down!.Transaction);
        Assert.Equal(
            transaction == ScriptTransaction.None ? "-- pgmigrate: no-transaction\nSELECT 2;" : "SELECT 2;",
            migration.DownText);
        Assert.Equal(PgMigrate.Files.MigrationChecksum.Of(migration.DownText), migration.DownChecksum);
    }

    [Theory]
    [InlineData("UpMissing 1_a", "1_a/down.sql", "2_b/up.sql")]
    [InlineData("UpMissing other", "other/x.txt", "2_b/up.sql", "FileNameInvalid other")]
    [InlineData("FileNameInvalid x_a", "x_a/up.sql", "2_b/up.sql")]
    [InlineData("FileIgnored data.sql", "data.sql", "2_b/up.sql")]
    [InlineData("FileIgnored 2_b/more.sql", "2_b/more.sql", "2_b/up.sql")]
    [InlineData("DuplicateVersion 2_c/up.sql", "2_b/up.sql", "2_c/up.sql")]
    [InlineData("OrderDiffers 10_b/up.sql", "9_a/up.sql", "10_b/up.sql", "OrderDiffers 9_a/up.sql")]
    public async Task Files_that_do_not_fit_are_named(string problem, string first, string second, string? instead = null) =>
        Assert.Equal([instead ?? problem], await FormatFolder.CheckAsync((first, "SELECT 1;"), (second, "SELECT 1;")));

    [Fact]
    public async Task Unsupported_metadata_is_an_error_with_its_line() => Assert.Equal(
        ["SettingUnknown 1_a/metadata.toml:2", "SettingUnknown 1_a/metadata.toml:3"],
        await FormatFolder.CheckAsync(
            ("1_a/up.sql", "SELECT 1;"), ("1_a/metadata.toml", "\nrun_in_transaction = 0\nother = 1\n")));
}
