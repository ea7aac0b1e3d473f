using PgMigrate.Scripts;
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
    [InlineData("-- migrate:up\rSELECT 1;\r-- migrate:down transaction:false\rSELECT 2;\r",
        ScriptTransaction.Wrapped, ScriptTransaction.None)]
    public async Task Up_and_down_each_have_their_transaction_mode(
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
    public async Task Section_markers_of_PgMigrate_are_comments()
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
    [InlineData("DirectiveUnknown", 3, "-- migrate:up\nSELECT 1;\n-- migrate:down;\nSELECT 2;")]
    [InlineData("DirectiveUnknown", 3, "-- migrate:up\nSELECT 1;\n-- migrate: down\nSELECT 2;")]
    [InlineData("DirectiveUnknown", 3, "-- migrate:up\nSELECT 1;\n-- migrate :down\nSELECT 2;")]
    [InlineData("DirectiveUnknown", 3, "-- migrate:up\nSELECT 1;\n-- migrate:dwon\nSELECT 2;")]
    [InlineData("DirectiveUnknown", 3, "-- migrate:up\nSELECT 1;\n-- Migrate:Down\nSELECT 2;")]
    [InlineData("DirectiveUnknown", 3, "-- migrate:up\nSELECT 1;\n--- migrate:down\nSELECT 2;")]
    [InlineData("DirectiveUnknown", 4, "-- migrate:up\nSELECT 1;\n-- migrate:down\n-- migrate:rollback\nSELECT 2;")]
    [InlineData("AnnotationIndented", 3, "-- migrate:up\nSELECT 1;\n -- migrate:down\nSELECT 2;")]
    [InlineData("AnnotationIndented", 3, "-- migrate:up\nSELECT 1;\n\t-- migrate:down transaction:false\nSELECT 2;")]
    [InlineData("AnnotationIndented", 2, "-- migrate:up\nSELECT 1; -- migrate:down\nSELECT 2;")]
    [InlineData("AnnotationIndented", 1, " -- migrate:up\nSELECT 1;")]
    public async Task Unsupported_lines_are_errors_with_their_line(string code, int line, string text) =>
        Assert.Equal($"{code} 1_a.sql:{line}", Assert.Single(await FormatFolder.CheckAsync(("1_a.sql", text))));

    [Theory]
    [InlineData("-- migrated: all of it\nSELECT 1;")]
    [InlineData("-- how to migrate: see the page\nSELECT 1;")]
    [InlineData("SELECT '\n -- migrate:down;\n';")]
    [InlineData("CREATE TABLE t (\n  -- migrate: later\n  i int);")]
    [InlineData("/*\n -- migrate: down\n*/\nSELECT 1;")]
    public async Task Comments_that_resemble_markers_are_comments(string text) =>
        Assert.Empty(await FormatFolder.CheckAsync(("1_a.sql", "-- migrate:up\n" + text)));
}
