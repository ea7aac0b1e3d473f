using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/goose.md.</summary>
public class GooseFormatTests
{
    [Theory]
    [InlineData("-- about it\n-- +goose up\nSELECT 1;\n-- UP\nSELECT 2;\n-- +goose Down\nSELECT 3;\n")]
    [InlineData("-- about it\r-- +goose up\rSELECT 1;\r-- UP\rSELECT 2;\r-- +goose Down\rSELECT 3;\r")]
    public async Task Up_and_down_are_found(string text)
    {
        var (up, down, migration) = await FormatFolder.ScriptsAsync(("00001_a.sql", text));

        Assert.Equal(["SELECT 1;", "SELECT 2;"], up);
        Assert.Equal(["SELECT 3;"], down);
        Assert.Equal("SELECT 3;", migration.DownText);
        Assert.Equal("1", migration.Version.Text);
    }

    [Fact]
    public async Task A_block_ends_its_statement_without_a_semicolon()
    {
        const string Text = """
            -- +goose Up
            -- +goose StatementBegin
            CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$
            -- +goose StatementEnd
            SELECT 2;
            -- +goose Down
            -- +goose StatementBegin
            DROP FUNCTION f()
            -- +goose StatementEnd
            """;

        var (up, down, migration) = await FormatFolder.ScriptsAsync(("1_a.sql", Text));

        Assert.Equal(2, up.Count);
        Assert.StartsWith("CREATE FUNCTION", up[0], StringComparison.Ordinal);
        Assert.Equal("SELECT 2;", up[1]);
        Assert.Equal(5, migration.Up.Held![1].Line);
        Assert.StartsWith("DROP FUNCTION f()", Assert.Single(down!), StringComparison.Ordinal);
        Assert.Empty(migration.Problems);
    }

    [Fact]
    public async Task Several_statements_of_a_block_run_one_after_the_other()
    {
        var (up, _, _) = await FormatFolder.ScriptsAsync(
            ("1_a.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1; SELECT 2;\n-- +goose StatementEnd\n"));

        Assert.Equal(["SELECT 1;", "SELECT 2;"], up);
    }

    [Fact]
    public async Task No_transaction_applies_to_up_and_down()
    {
        var (_, _, migration) = await FormatFolder.ScriptsAsync(
            ("1_a.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;"));

        Assert.Equal(ScriptTransaction.None, migration.Up.Transaction);
        Assert.Equal(ScriptTransaction.None, migration.Down!.Transaction);
        Assert.StartsWith("-- pgmigrate: no-transaction\n", migration.DownText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EnvironmentNotSupported", 2, "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${A}';")]
    [InlineData(null, 0, "-- +goose Up\n-- +goose ENVSUB OFF\nSELECT '${A}';")]
    [InlineData("DirectiveUnknown", 2, "-- +goose Up\n-- +goose Sideways\nSELECT 1;")]
    [InlineData("SectionDuplicate", 3, "-- +goose Up\nSELECT 1;\n-- +goose Up\nSELECT 2;")]
    [InlineData("SectionDuplicate", 3, "-- +goose Up\n-- +goose Down\n-- +goose Down\n")]
    [InlineData("SectionMissing", 1, "-- +goose StatementBegin\n-- +goose StatementEnd\n")]
    [InlineData("SectionMissing", 1, "-- +goose Down\nSELECT 1;")]
    [InlineData("SectionMissing", 2, "\n-- +goose Down\nSELECT 1;\n-- +goose Up\n")]
    [InlineData("TextBeforeUp", 2, "SELECT 1;\n-- +goose Up\nSELECT 2;")]
    [InlineData("SectionInsideStatement", 3, "-- +goose Up\nSELECT 1\n-- +goose Down\nSELECT 2;")]
    [InlineData("AnnotationMisplaced", 2, "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;")]
    [InlineData("AnnotationMisplaced", 3, "-- +goose Up\nSELECT 1;\n-- +goose StatementEnd")]
    [InlineData("AnnotationIndented", 3, "-- +goose Up\nSELECT 1;\n  -- +goose Down\n")]
    [InlineData("AnnotationInsideStatement", 2, "-- +goose Up\nSELECT $$\n-- +goose Down\n$$;", 3)]
    [InlineData("FileFormatNotSupported", 2, "-- +goose Up\n-- liquibase formatted sql\n")]
    public async Task Unsupported_lines_are_errors_with_their_line(
        string? code, int line, string text, int? instead = null) => Assert.Equal(
            code is null ? [] : [$"{code} 1_a.sql:{instead ?? line}"],
            await FormatFolder.CheckAsync(("1_a.sql", text)));

    [Fact]
    public async Task A_migration_in_go_is_an_error() => Assert.Equal(
        ["FileFormatNotSupported 00002_b.go"],
        await FormatFolder.CheckAsync(
            ("00001_a.sql", "-- +goose Up\nSELECT 1;"), ("00002_b.go", "package x"), ("00002_b_test.go", "package x")));
}
