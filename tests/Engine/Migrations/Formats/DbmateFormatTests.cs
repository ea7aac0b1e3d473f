using PgMigrate.Sql;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/dbmate.md.</summary>
public class DbmateFormatTests
{
    [Theory]
    [InlineData("-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;", ScriptTransaction.Wrapped, ScriptTransaction.Wrapped)]
    [InlineData("-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;",
        ScriptTransaction.None, ScriptTransaction.Wrapped)]
    [InlineData("--migrate:up\nSELECT 1;\n-- migrate:down transaction:false\nSELECT 2;",
        ScriptTransaction.Wrapped, ScriptTransaction.None)]
    public async Task Up_and_down_have_each_their_transaction(
        string text, ScriptTransaction upMode, ScriptTransaction downMode)
    {
        var (up, down, migration) = await FormatFolder.ScriptsAsync(("20240131120000_a.sql", text));

        Assert.Equal(["SELECT 1;"], up);
        Assert.Equal(["SELECT 2;"], down);
        Assert.Equal(upMode, migration.Up.Transaction);
        Assert.Equal(downMode, migration.Down!.Transaction);
        Assert.Equal("20240131120000", migration.Version.Text);
    }

    [Fact]
    public async Task Our_section_lines_are_comments()
    {
        var (up, down, _) = await FormatFolder.ScriptsAsync(("1_a.sql", "-- migrate:up\nSELECT 1;\n-- DOWN\nSELECT 2;"));

        Assert.Equal(["SELECT 1;", "SELECT 2;"], up);
        Assert.Null(down);
    }

    [Theory]
    [InlineData("DirectiveUnknown", 1, "-- migrate:up speed:fast\nSELECT 1;")]
    [InlineData("SectionMissing", 1, "-- migrate:down\nSELECT 1;")]
    [InlineData("SectionMissing", 1, "-- migrate:down\nSELECT 1;\n-- migrate:up\nSELECT 2;")]
    [InlineData("SectionDuplicate", 3, "-- migrate:up\nSELECT 1;\n-- migrate:up\nSELECT 2;")]
    [InlineData("TextBeforeUp", 2, "SELECT 1;\n-- migrate:up\nSELECT 2;")]
    [InlineData("SectionInsideStatement", 3, "-- migrate:up\nSELECT 1\n-- migrate:down\nSELECT 2;")]
    [InlineData("AnnotationInsideStatement", 3, "-- migrate:up\nSELECT '\n-- migrate:down\n';")]
    public async Task What_is_not_understood_is_refused_by_its_line(string code, int line, string text) =>
        Assert.Equal($"{code} 1_a.sql:{line}", (await FormatFolder.CheckAsync(("1_a.sql", text)))[0]);
}
