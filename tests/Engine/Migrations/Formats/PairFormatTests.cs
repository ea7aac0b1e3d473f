using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/golang-migrate.md.</summary>
public class PairFormatTests
{
    [Fact]
    public async Task The_down_file_is_the_down_script_and_not_part_of_the_checksum()
    {
        var alone = (await FormatFolder.ReadAsync(("001_a.up.sql", "CREATE TABLE a ();"))).Migrations[0];
        var (up, down, pair) = await FormatFolder.ScriptsAsync(
            ("001_a.up.sql", "CREATE TABLE a ();"), ("001_a.down.sql", "DROP TABLE a;\n"));

        Assert.Equal(["CREATE TABLE a ();"], up);
        Assert.Equal(["DROP TABLE a;"], down);
        Assert.Equal("DROP TABLE a;", pair.DownText);
        Assert.Equal(alone.Checksum, pair.Checksum);
        Assert.Equal(alone.UpChecksum, pair.UpChecksum);
        Assert.Equal(("1", "001_a", "001_a.up.sql"), (pair.Version.Text, pair.Name, pair.FileName));
    }

    [Fact]
    public async Task An_error_in_the_down_file_points_into_the_down_file() => Assert.Equal(
        ["UnterminatedString 001_a.down.sql:2"],
        await FormatFolder.CheckAsync(("001_a.up.sql", "SELECT 1;"), ("001_a.down.sql", "SELECT 1;\nSELECT 'x")));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\r\n")]
    [InlineData("-- nothing to do\n")]
    public async Task A_file_without_sql_does_nothing_in_its_direction(string text)
    {
        var (up, down, pair) = await FormatFolder.ScriptsAsync(("001_a.up.sql", text), ("001_a.down.sql", text));

        Assert.Empty(up);
        Assert.Empty(down!);
        Assert.Equal(text.Trim(), pair.DownText);
        Assert.NotNull(pair.DownChecksum);
    }

    [Theory]
    [InlineData("30_add_x.up.sql", "30_drop_x.down.sql")]
    [InlineData("030_add_x.up.sql", "30_add_x.down.sql")]
    [InlineData("20240131120000_add_x.up.sql", "20240131120000_remove.down.sql")]
    public async Task Files_are_paired_by_version_and_direction(string up, string down)
    {
        var content = await FormatFolder.ReadAsync((up, "SELECT 1;"), (down, "SELECT 2;"), ("31_y.up.sql", "SELECT 3;"));

        Assert.DoesNotContain(content.Problems, problem => problem.Code != "MixedNumbering");
        Assert.Equal("SELECT 2;", content.Migrations.Single(migration => migration.FileName == up).DownText);
        Assert.Null(content.Migrations.Single(migration => migration.FileName == "31_y.up.sql").DownText);
    }

    [Theory]
    [InlineData("DownWithoutUp 002_b.down.sql", "001_a.up.sql", "002_b.down.sql")]
    [InlineData("DownWithoutUp 001_b.down.sql", "001_a.up.sql", "001_a.down.sql", "001_b.down.sql")]
    [InlineData("FormatMixed 002_b.sql", "001_a.up.sql", "001_a.down.sql", "002_b.sql")]
    [InlineData("FileNameInvalid seed.sql", "001_a.up.sql", "seed.sql")]
    [InlineData("FileFormatNotSupported 002_b.up.pgsql", "001_a.up.sql", "002_b.up.pgsql")]
    [InlineData("FileIgnored 003_c.up.sql.disabled", "001_a.up.sql", "003_c.up.sql.disabled")]
    [InlineData("FileIgnored 001_a.up.sql.bak", "001_a.up.sql", "001_a.up.sql.bak")]
    public async Task A_file_that_belongs_to_no_pair_is_named(string problem, params string[] files) =>
        Assert.Equal([problem], await FormatFolder.CheckAsync([.. files.Select(name => (name, "SELECT 1;"))]));

    [Fact]
    public async Task A_down_section_beside_a_down_file_is_an_error() => Assert.Equal(
        ["UndoTwice 001_a.up.sql:2"],
        await FormatFolder.CheckAsync(("001_a.up.sql", "SELECT 1;\n-- DOWN\nSELECT 2;"), ("001_a.down.sql", "SELECT 3;")));

    [Fact]
    public async Task An_up_file_without_a_down_file_may_have_sections()
    {
        var (up, down, _) = await FormatFolder.ScriptsAsync(("001_a.up.sql", "SELECT 1;\n-- DOWN\nSELECT 2;"));

        Assert.Equal(["SELECT 1;"], up);
        Assert.Equal(["SELECT 2;"], down);
    }
}
