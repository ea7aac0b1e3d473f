using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationFolderTests
{
    [Fact]
    public async Task Files_come_in_version_order_and_nothing_else_is_read()
    {
        using var folder = new TestFolder(
            ("V10__b.sql", "SELECT 10;"), ("V2__a.sql", "SELECT 2;"), (".003_hidden.sql", "SELECT 3;"),
            ("readme.txt", "x"), ("V1__c.SQL", "SELECT 1;"), ("004_x.sql.bak", "x"));
        Directory.CreateDirectory(folder.PathOf("005_folder.sql"));
        Directory.CreateDirectory(folder.PathOf("sub"));
        folder.Write(Path.Combine("sub", "006_x.sql"), "SELECT 6;");

        var content = await ReadAsync(folder);

        Assert.Empty(content.Problems);
        Assert.Equal(["V1__c.SQL", "V2__a.sql", "V10__b.sql"], content.Migrations.Select(file => file.FileName));
        Assert.Equal(3, content.FileCount);
        Assert.Equal(folder.FullPath, content.FolderPath);
        Assert.Equal(folder.PathOf("V2__a.sql"), content.Migrations[1].FilePath);
    }

    [Theory]
    [InlineData("1_a.sql", "001_b.sql")]
    [InlineData("V1__a.sql", "V1.0__b.sql")]
    [InlineData("20251025_143022_a.sql", "20251025143022_b.sql")]
    [InlineData("001_a.sql", "001_a.up.sql")]
    public async Task Two_files_of_one_version_are_an_error_that_names_both(string first, string second)
    {
        using var folder = new TestFolder((first, "SELECT 1;"), (second, "SELECT 2;"));

        var problem = Assert.Single((await ReadAsync(folder)).Problems);

        Assert.Equal(("DuplicateVersion", nameof(ProblemSeverity.Error)), (problem.Code, problem.Severity));
        Assert.Contains(first, problem.Message, StringComparison.Ordinal);
        Assert.Contains(second, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mixed_numbering_is_a_warning()
    {
        using var folder = new TestFolder(("001_a.sql", "SELECT 1;"), ("20251025143022_b.sql", "SELECT 2;"));

        var problem = Assert.Single((await ReadAsync(folder)).Problems);

        Assert.Equal(("MixedNumbering", nameof(ProblemSeverity.Warning)), (problem.Code, problem.Severity));
    }

    [Fact]
    public async Task Every_problem_is_reported_with_its_file()
    {
        using var folder = new TestFolder(
            ("users.sql", "SELECT 1;"), ("001_a.down.sql", "SELECT 1;"), ("002_empty.sql", " \n"),
            ("003_open.sql", "SELECT 'x"), ("004_good.sql", "SELECT 1;"));
        folder.Write("005_latin1.sql", [(byte)'\n', 0xE4]);

        var content = await ReadAsync(folder);
        IReadOnlyList<MigrationProblem> problems =
            [.. content.Problems, .. content.Migrations.SelectMany(migration => migration.Problems)];

        Assert.Equal(
            ["001_a.down.sql DownWithoutUp", "002_empty.sql FileEmpty", "003_open.sql UnterminatedString",
                "005_latin1.sql FileEncoding", "users.sql FileNameInvalid"],
            problems.Select(problem => $"{problem.FileName} {problem.Code}").Order(StringComparer.Ordinal));
        Assert.All(problems, problem => Assert.Equal(folder.PathOf(problem.FileName!), problem.FilePath));
        Assert.Equal(2, problems.Single(problem => problem.Code == "FileEncoding").Line);
        Assert.Equal(6, content.FileCount);
    }

    [Fact]
    public async Task Unversioned_files_come_last_when_they_are_allowed()
    {
        using var folder = new TestFolder(("b.sql", "SELECT 1;"), ("A.sql", "SELECT 1;"), ("9_x.sql", "SELECT 1;"));

        var content = await MigrationFolder.ReadAsync(folder.FullPath, true, CancellationToken.None);

        Assert.Empty(content.Problems);
        Assert.Equal(["9", "A", "b"], content.Migrations.Select(file => file.Version.Text));
    }

    [Fact]
    public async Task A_missing_folder_is_an_error()
    {
        using var folder = new TestFolder();

        var error = await Assert.ThrowsAsync<InitializationException>(
            () => MigrationFolder.ReadAsync(folder.PathOf("nowhere"), false, CancellationToken.None));

        Assert.Equal("FolderNotFound", error.Code);
        Assert.Contains(folder.PathOf("nowhere"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", true)]
    [InlineData("002", true)]
    [InlineData("2.0", true)]
    [InlineData("002_add_users", true)]
    [InlineData("002_add_users.sql", true)]
    [InlineData("002_add", false)]
    [InlineData("add_users", false)]
    [InlineData("002_ADD_USERS", false)]
    [InlineData("20", false)]
    [InlineData("", false)]
    public void A_migration_is_named_by_version_or_whole_name(string reference, bool isNamed) =>
        Assert.Equal(isNamed, Parsed.From("SELECT 1;", "002_add_users.sql").Migration.IsNamed(reference));

    [Theory]
    [InlineData("20251025143022")]
    [InlineData("20251025_143022")]
    public void A_timestamp_can_be_written_as_in_the_file_name(string reference) =>
        Assert.True(Parsed.From("SELECT 1;", "20251025_143022_add.sql").Migration.IsNamed(reference));

    private static Task<MigrationFolderContent> ReadAsync(TestFolder folder) =>
        MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);
}
