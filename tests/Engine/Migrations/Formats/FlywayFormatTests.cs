using PgMigrate.Migrations;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

/// <summary>The rows of docs/formats/flyway.md.</summary>
public class FlywayFormatTests
{
    [Fact]
    public async Task Every_kind_of_file_is_read_and_subfolders_are_searched()
    {
        var content = await FormatFolder.ReadAsync(
            ("V1.2__a.sql", "SELECT 1;"), ("U1_2__other.sql", "SELECT 2;"), ("R__views.sql", "SELECT 3;"),
            ("B5__base.sql", "SELECT 5;"), ("sub/deep/V10__b.sql", "SELECT 10;"), ("sub/note.txt", "x"));

        Assert.Empty(content.Problems);
        Assert.Equal(
            ["1.2 Versioned", "5 BaselineScript", "10 Versioned", "R__views Repeatable"],
            content.Migrations.Select(migration => $"{migration.Version} {migration.Kind}"));
        Assert.Equal("SELECT 2;", content.Migrations[0].DownText);
        Assert.Equal("V10__b.sql", content.Migrations[2].FileName);
        Assert.All(content.Migrations, migration => Assert.Equal(content.FolderPath, migration.Folder));
    }

    [Fact]
    public async Task Settings_are_read_from_the_conf_file_of_a_script()
    {
        var (_, _, migration) = await FormatFolder.ScriptsAsync(
            ("V1__a.sql", "SELECT '${a}';"), ("V1__a.sql.conf", "executeInTransaction=false\nplaceholderReplacement=false\n"),
            ("U1__a.sql", "SELECT 2;"), ("U1__a.sql.conf", "executeInTransaction=FALSE"));

        Assert.Equal(ScriptTransaction.None, migration.Up.Transaction);
        Assert.Equal(ScriptTransaction.None, migration.Down!.Transaction);
        Assert.Empty(migration.Problems);
    }

    [Fact]
    public async Task With_only_V_files_sections_and_header_lines_of_PgMigrate_count()
    {
        var (up, down, migration) = await FormatFolder.ScriptsAsync(
            ("V1__a.sql", "-- Description: first\nSELECT '${a}';\n-- DOWN\nSELECT 2;"));

        Assert.Equal(["SELECT '${a}';"], up);
        Assert.Equal(["SELECT 2;"], down);
        Assert.Equal("first", migration.Description);
        Assert.Empty(migration.Problems);
    }

    [Theory]
    [InlineData("FlywayPlaceholder V1__a.sql:1", "V1__a.sql", "SELECT '${a}';")]
    [InlineData("FlywayPlaceholder V1__a.sql:2", "V1__a.sql", "DO $$ BEGIN\n PERFORM '${a}'; END $$;")]
    [InlineData("FlywayPlaceholder R__a.sql:1", "R__a.sql", "GRANT x TO ${flyway:user};")]
    [InlineData("FormatAmbiguous R__a.sql:1", "R__a.sql", "SELECT 1;\n-- DOWN\nSELECT 2;", "FormatAmbiguous R__a.sql:2")]
    [InlineData("FileFormatNotSupported afterMigrate.sql", "afterMigrate.sql", "SELECT 1;")]
    [InlineData("DownWithoutUp U7__a.sql", "U7__a.sql", "SELECT 1;")]
    [InlineData("SettingUnknown V9__gone.sql.conf", "V9__gone.sql.conf", "executeInTransaction=false")]
    [InlineData("SettingUnknown V2__b.sql.conf:1", "V2__b.sql.conf", "shouldExecute=${x}==1")]
    [InlineData("FileNameInvalid seed.sql", "seed.sql", "SELECT 1;", "FileNameInvalid seed.sql")]
    public async Task Unsupported_files_and_settings_are_errors(string problem, string file, string text, string? instead = null)
    {
        var found = await FormatFolder.CheckAsync(
            ("V2__b.sql", "SELECT 1;"), (file, text), (file[0] is 's' ? "R__z.sql" : "V3__c.sql", "SELECT 3;"));

        Assert.Equal([instead ?? problem], found);
    }

    [Fact]
    public async Task A_number_sign_in_a_comment_is_not_a_placeholder() => Assert.Empty(await FormatFolder.CheckAsync(
        ("V1__a.sql", "-- ${not} one\nSELECT $1$ {a} $1$;")));

    [Fact]
    public async Task A_heading_is_a_comment_in_a_certain_flyway_folder()
    {
        var content = await FormatFolder.ReadAsync(
            ("V1__a.sql", "-- Depends: on the moon\nSELECT 1;"), ("R__b.sql", "SELECT 2;"));

        Assert.Empty(content.Migrations[0].DependsOn);
        Assert.Equal(MigrationKind.Repeatable, content.Migrations[1].Kind);
    }
}
