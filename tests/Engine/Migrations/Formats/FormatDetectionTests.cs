using PgMigrate.Folders;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations.Formats;

public class FormatDetectionTests
{
    private const string Goose = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;";
    private const string Dbmate = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;";

    [Theory]
    [InlineData("native", "001_a.sql")]
    [InlineData("native", "V1__a.sql", "002_b.sql")]
    [InlineData("golang-migrate", "001_a.up.sql")]
    [InlineData("golang-migrate", "001_a.up.sql", "001_a.down.sql")]
    [InlineData("diesel", "2024-01-31-120000_a/up.sql", "LICENSE")]
    [InlineData("prisma", "20240131120000_a/migration.sql", "migration_lock.toml=provider = \"postgresql\"")]
    [InlineData("prisma", "20240131120000_a/migration.sql", "20240131120000_a/down.sql")]
    [InlineData("flyway", "V1__a.sql", "V1.1__b.sql")]
    [InlineData("flyway", "V1__a.sql", "R__b.sql")]
    [InlineData("flyway", "one/V1__a.sql", "two/V2__b.sql")]
    [InlineData("sqitch", "sqitch.plan=%project=p\na", "deploy/a.sql")]
    [InlineData("goose", "001_a.sql=-- +goose Up\nSELECT 1;")]
    [InlineData("goose", "001_a.sql=\uFEFF-- +goose Up\r\nSELECT 1;")]
    [InlineData("dbmate", "001_a.sql=-- migrate:up\nSELECT 1;")]
    [InlineData("native", "001_a.sql=SELECT 1; -- not +goose Up")]
    public async Task A_folder_is_recognised_by_its_names_and_markers(string format, params string[] files)
    {
        var content = await FormatFolder.ReadAsync(Split(files));

        Assert.Equal(format, content.Format);
        Assert.All(content.Migrations, migration => Assert.Equal(format, migration.Format));
        Assert.DoesNotContain(content.Problems, problem => problem.Is(ProblemSeverity.Error));
        Assert.NotEmpty(content.Migrations);
    }

    [Theory]
    [InlineData("FormatAmbiguous", "001_a.sql", "R__b.sql")]
    [InlineData("FormatAmbiguous", "001_a.sql", "2024-01-31-120000_a/up.sql")]
    [InlineData("FormatAmbiguous", "20240131120000_a/migration.sql", "20240131120000_b/up.sql")]
    [InlineData("FormatAmbiguous", "V1__a.sql", "U1__a.sql", "001_a.up.sql")]
    [InlineData("FormatAmbiguous", "V1__a.sql", "sub/V2__b.sql")]
    [InlineData("FormatMixed", "001_a.sql=-- +goose Up\nSELECT 1;", "002_b.sql")]
    [InlineData("FormatMixed", "001_a.sql=-- +goose Up\nSELECT 1;", "002_b.sql=-- migrate:up\nSELECT 1;")]
    public async Task A_folder_that_fits_two_formats_is_an_error(string code, params string[] files)
    {
        var content = await FormatFolder.ReadAsync(Split(files));

        Assert.Contains(content.Problems, problem => problem.Code == code && problem.Is(ProblemSeverity.Error));
    }

    [Theory]
    [InlineData("goose", "FormatMixed 3_c.sql '-- +goose Up' and '-- +goose Down'", Goose, Goose, Dbmate)]
    [InlineData("dbmate", "FormatMixed 1_a.sql '-- migrate:up' and '-- migrate:down'", Goose, Dbmate, Dbmate)]
    [InlineData("goose", "FormatMixed 2_b.sql '-- +goose Up'", Goose, "SELECT 1;\n-- DOWN\nSELECT 2;", Goose)]
    [InlineData("dbmate", "FormatMixed 3_c.sql '-- migrate:up'", Dbmate, Dbmate, "SELECT 1;")]
    [InlineData("goose", "FileFormatNotSupported 2_b.sql:5 as the other files", Goose, Goose + "\n" + Dbmate, Goose)]
    [InlineData("dbmate", "FileFormatNotSupported 2_b.sql:5 as the other files", Dbmate, Dbmate + "\n" + Goose, Dbmate)]
    [InlineData("native", "FileFormatNotSupported 2_b.sql:1 '-- UP' and '-- DOWN'", "SELECT 1;", Dbmate, "SELECT 3;")]
    [InlineData("native", "FileFormatNotSupported 1_a.sql:1 '-- UP' and '-- DOWN'", Goose, "SELECT 2;", "SELECT 3;")]
    [InlineData("native", "", "SELECT 1;", "SELECT 2;", "SELECT '\n-- migrate:down\n';")]
    [InlineData("native", "FileFormatNotSupported 2_b.sql:1 '-- UP'", "SELECT 1;", "-- Up Migration\nSELECT 2;\n"
        + "-- Down Migration\nSELECT 3;", "SELECT 4;")]
    public async Task A_file_of_another_format_is_one_problem_with_advice_for_the_folder(
        string format, string problem, string one, string two, string three)
    {
        var content = await FormatFolder.ReadAsync(("1_a.sql", one), ("2_b.sql", two), ("3_c.sql", three));
        var found = FolderCheck.Check(content, new PlaceholderValues());

        Assert.Equal(format, content.Format);
        if (problem.Length == 0)
        {
            Assert.Empty(found);
            return;
        }

        var words = problem.Split(' ', 3);
        var only = Assert.Single(found);
        Assert.Equal((words[0], words[1]), (only.Code, $"{only.FileName}:{only.Line}".TrimEnd(':')));
        Assert.Contains(words[2], only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_of_a_set_each_have_their_format_and_share_one_numbering()
    {
        using var one = FormatFolder.Make(("V1__a.sql", "SELECT 1;"), ("V3__c.sql", "SELECT 3;"));
        using var two = FormatFolder.Make(("002_b.up.sql", "SELECT 2;"));

        var content = await MigrationFolder.ReadAsync(
            [one.FullPath, two.FullPath, one.FullPath + Path.DirectorySeparatorChar], false, CancellationToken.None);

        Assert.Equal(["1", "2", "3"], content.Migrations.Select(migration => migration.Version.Text));
        Assert.Equal([one.FullPath, two.FullPath, one.FullPath], content.Migrations.Select(migration => migration.Folder));
        Assert.Equal("flyway, golang-migrate", content.Format);
        Assert.Equal([one.FullPath, two.FullPath], content.Folders);
    }

    [Fact]
    public async Task One_version_in_two_folders_is_an_error_that_names_both_paths()
    {
        using var one = FormatFolder.Make(("001_a.sql", "SELECT 1;"));
        using var two = FormatFolder.Make(("001_a.sql", "SELECT 1;"));

        var content = await MigrationFolder.ReadAsync(
            [one.FullPath, two.FullPath], false, CancellationToken.None);

        var problem = Assert.Single(content.Problems);
        Assert.Equal("DuplicateVersion", problem.Code);
        Assert.Contains(one.PathOf("001_a.sql"), problem.Message, StringComparison.Ordinal);
        Assert.Contains(two.PathOf("001_a.sql"), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_of_sqitch_cannot_be_part_of_a_set()
    {
        using var one = FormatFolder.Make(("sqitch.plan", "a\n"), ("deploy/a.sql", "SELECT 1;"));
        using var two = FormatFolder.Make(("001_a.sql", "SELECT 1;"));

        var content = await MigrationFolder.ReadAsync(
            [one.FullPath, two.FullPath], false, CancellationToken.None);

        Assert.Contains(content.Problems, problem => problem.Code == "FormatMixed");
    }

    [Theory]
    [InlineData("V1__a.sql R__b.sql sub/V2__c.sql", "sub/back=..")]
    [InlineData("V1__a.sql R__b.sql sub/V2__c.sql", "sub/one=.. sub/two=..")]
    [InlineData("V1__a.sql R__b.sql sub/V2__c.sql", "self=. sub/deep=../sub")]
    [InlineData("V1__a.sql R__b.sql sub/V2__c.sql one/two/V3__d.sql", "one/two/back=../.. sub/again=../self self=.")]
    [InlineData("V1__a.sql R__b.sql one/V2__c.sql two/x.txt", "one/other=../two two/other=../one", "V2__c.sql")]
    [InlineData("sqitch.plan=%project=p\na deploy/a.sql", "deploy/loop=.")]
    [InlineData("2024-01-31-120000_a/up.sql", "2024-01-31-120000_a/loop=..")]
    [InlineData("20240131120000_a/migration.sql", "20240131120000_a/loop=..")]
    public async Task A_link_that_leads_back_is_not_followed(string files, string links, string? twice = null)
    {
        using var folder = FormatFolder.Make(Split([.. files.Split(' ')]));
        foreach (var link in links.Split(' ').Select(link => link.Split('=')))
        {
            Directory.CreateSymbolicLink(folder.PathOf(link[0]), link[1]);
        }

        var reading = MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);
        var content = await reading.WaitAsync(TimeSpan.FromMinutes(1));

        // Of folders that link to each other, each is found again below the other.
        Assert.Equal(twice is null ? [] : [twice], content.Problems.Select(problem => problem.FileName));
        Assert.Equal(files.Split(".sql").Length - 1, content.Migrations.DistinctBy(one => one.FileName).Count());
    }

    [Fact]
    public async Task A_link_to_another_folder_is_followed()
    {
        using var other = FormatFolder.Make(("V2__b.sql", "SELECT 2;"));
        using var folder = FormatFolder.Make(("V1__a.sql", "SELECT 1;"), ("R__x.sql", "SELECT 3;"));
        Directory.CreateSymbolicLink(folder.PathOf("more"), other.FullPath);

        var content = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        Assert.Equal(["1", "2", "R__x"], content.Migrations.Select(migration => migration.Version.Text));
        Assert.Empty(content.Problems);
    }

    private static (string, string)[] Split(string[] files) => files.Select(file =>
        file.Split('=', 2) is [var name, var text] ? (name, text) : (file, "SELECT 1;")).ToArray();
}
