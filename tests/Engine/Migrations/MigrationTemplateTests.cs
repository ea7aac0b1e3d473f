using PgMigrate.Authoring;
using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Migrations;

public class MigrationTemplateTests
{
    private static readonly DateTimeOffset Now = new(2025, 10, 25, 16, 30, 22, TimeSpan.FromHours(2));

    [Theory] // the first three are pycopg's C20; a trailing underscore is not kept
    [InlineData("add_users_table", MigrationNumbering.Auto, "", "001_add_users_table.sql")]
    [InlineData("new_migration", MigrationNumbering.Auto, "001_a.sql 002_b.sql 003_c.sql", "004_new_migration.sql")]
    [InlineData("Add Users Table!", MigrationNumbering.Auto, "", "001_add_users_table.sql")]
    [InlineData("a", MigrationNumbering.Auto, "9_x.sql 10_y.sql", "11_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "0001_x.sql", "0002_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "999_x.sql", "1000_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "V1__x.sql V2.5__y.sql", "V3__a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "20240101000000_x.sql", "20251025143022_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "20251025143022_x.sql", "20251025143023_a.sql")]
    [InlineData(
        "a", MigrationNumbering.Auto, "20251025_143022_x.sql 20251025143023_y.sql", "20251025143024_a.sql")]
    [InlineData("a", MigrationNumbering.Timestamp, "001_x.sql", "20251025143022_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "20301231235959_x.sql", "20310101000000_a.sql")]
    [InlineData("a", MigrationNumbering.Versioned, "", "V1__a.sql")]
    [InlineData("a", MigrationNumbering.Sequential, "V7__x.sql", "008_a.sql")]
    [InlineData("a", MigrationNumbering.Sequential, "20251025143022_x.sql", "001_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "readme.sql 002_x.sql 005_y.down.sql", "003_a.sql")]
    [InlineData("a", MigrationNumbering.Auto, "002_x.up.sql", "003_a.sql")]
    public void The_next_name_follows_the_folder(
        string name, MigrationNumbering numbering, string existing, string expected) =>
        Assert.Equal(
            expected,
            MigrationTemplate.NameAfter(
                existing.Split(' ', StringSplitOptions.RemoveEmptyEntries), Request(name, numbering)));

    [Theory]
    [InlineData("  Größe der Tabelle ", "größe_der_tabelle")]
    [InlineData("a--b__c", "a_b_c")]
    [InlineData("../../etc/passwd", "etc_passwd")]
    [InlineData("a/b\\c:d", "a_b_c_d")]
    [InlineData("2nd try", "2nd_try")]
    public void A_name_becomes_a_valid_file_name(string name, string expected) =>
        Assert.Equal($"001_{expected}.sql", MigrationTemplate.NameAfter([], Request(name)));

    [Theory]
    [InlineData("")]
    [InlineData(" ... ")]
    [InlineData("!?")]
    public void A_name_without_a_letter_is_refused(string name) =>
        Assert.Equal(
            "NameInvalid",
            Assert.Throws<MigrationCreationException>(() => MigrationTemplate.NameAfter([], Request(name))).Code);

    [Fact]
    public void A_name_that_is_too_long_for_file_systems_is_rejected() =>
        Assert.Throws<MigrationCreationException>(
            () => MigrationTemplate.NameAfter([], Request(new string('x', 300))));

    [Theory]
    [InlineData("V99999999999999999999__x.sql")]
    [InlineData("V9223372036854775807__x.sql")]
    public void No_number_follows_one_that_is_too_large(string last) =>
        Assert.Equal(
            "VersionTooLarge",
            Assert.Throws<MigrationCreationException>(
                () => MigrationTemplate.NameAfter([last], Request("a"))).Code);

    [Fact]
    public void A_new_file_is_a_migration_without_problems()
    {
        var text = MigrationTemplate.TextFor(Request("add users") with { Description = "adds\nusers" });
        var parsed = Parsed.From(text);

        Assert.Contains("-- UP\n", text, StringComparison.Ordinal);
        Assert.Contains("-- DOWN\n", text, StringComparison.Ordinal);
        Assert.Empty(parsed.Problems);
        Assert.Empty(parsed.Up);
        Assert.Null(parsed.Down);
        Assert.Equal("adds users", parsed.Migration.Description);
    }

    [Fact]
    public void Given_content_is_written_as_it_is()
    {
        const string Content = "CREATE TABLE t (\n\ti int\n);\n\nINSERT INTO t VALUES (1);\n";

        Assert.Equal(Content, MigrationTemplate.TextFor(Request("x") with { Content = Content }));
    }

    [Fact]
    public void Only_crlf_is_changed_in_given_content()
    {
        const string Special = "SELECT 'a\fb\u0085c\u2028d\re';";

        Assert.Equal(Special + "\n", MigrationTemplate.TextFor(Request("x") with { Content = Special + "\r\n" }));
        Assert.Equal(
            [Special],
            Parsed.From(MigrationTemplate.TextFor(Request("x") with { Content = Special, Down = "SELECT 1;" })).Up);
    }

    [Fact]
    public void Content_and_down_become_two_sections()
    {
        var parsed = Parsed.From(MigrationTemplate.TextFor(
            Request("x") with { Content = "CREATE TABLE t();\r\n", Down = "DROP TABLE t;" }));

        Assert.Empty(parsed.Problems);
        Assert.Equal(["CREATE TABLE t();"], parsed.Up);
        Assert.Equal(["DROP TABLE t;"], parsed.Down);
    }

    [Fact]
    public async Task A_file_is_never_overwritten()
    {
        using var folder = new TestFolder();
        var draft = await MigrationWriter.DraftAsync(folder.FullPath, Request("x"), CancellationToken.None);
        await File.WriteAllTextAsync(draft.FilePath, "mine");

        var error = await Assert.ThrowsAsync<MigrationCreationException>(
            () => MigrationWriter.WriteAsync(draft, CancellationToken.None));

        Assert.Equal("FileNotWritten", error.Code);
        Assert.Equal("mine", await File.ReadAllTextAsync(draft.FilePath));
    }

    [Theory]
    [InlineData("001_y.sql")]
    [InlineData("001_x.sql")]
    [InlineData("V1__y.sql")]
    public async Task A_version_that_was_taken_in_the_meantime_is_not_used_twice(string other)
    {
        using var folder = new TestFolder();
        var draft = await MigrationWriter.DraftAsync(folder.FullPath, Request("x"), CancellationToken.None);
        await File.WriteAllTextAsync(folder.PathOf(other), "mine");

        var file = await MigrationWriter.CreateAsync(draft, Request("x"), CancellationToken.None);

        Assert.Contains("2", file.Name, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(folder.PathOf(other)));
        Assert.Equal(
            new[] { other, file.Name }.Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.FullPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(MigrationNumbering.Auto, true)]
    [InlineData(MigrationNumbering.Auto, false)]
    [InlineData(MigrationNumbering.Timestamp, false)]
    public async Task Concurrent_writers_get_different_versions(MigrationNumbering numbering, bool sharesName)
    {
        using var folder = new TestFolder();

        var files = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            var request = Request(sharesName ? "same" : $"file {i}", numbering) with { Content = $"SELECT {i};" };
            var draft = await MigrationWriter.DraftAsync(folder.FullPath, request, CancellationToken.None);
            return await MigrationWriter.CreateAsync(draft, request, CancellationToken.None);
        })));

        Assert.Equal(12, files.Select(file => file.Name.Split('_')[0]).Distinct().Count());
        Assert.Equal(
            files.Select(file => file.FullName).Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.FullPath).Order(StringComparer.Ordinal));
        Assert.Equal(12, files.Select(file => File.ReadAllText(file.FullName)).Distinct().Count());
    }

    [Fact]
    public async Task A_draft_writes_nothing_and_writing_creates_the_folder()
    {
        using var parent = new TestFolder();
        var folder = parent.PathOf("new");

        var draft = await MigrationWriter.DraftAsync(folder, Request("x"), CancellationToken.None);
        Assert.False(Directory.Exists(folder));
        var file = await MigrationWriter.WriteAsync(draft, CancellationToken.None);

        Assert.Equal(Path.Combine(folder, "001_x.sql"), file.FullName);
        Assert.Equal(draft.Text, await File.ReadAllTextAsync(file.FullName));
        Assert.Equal((byte)'-', (await File.ReadAllBytesAsync(file.FullName))[0]);
    }

    [Fact]
    public async Task Numbers_count_files_whatever_the_case_of_their_ending()
    {
        using var folder = new TestFolder(("004_x.SQL", "SELECT 1;"));

        var draft = await MigrationWriter.DraftAsync(folder.FullPath, Request("y"), CancellationToken.None);

        Assert.Equal("005_y.sql", Path.GetFileName(draft.FilePath));
    }

    private static MigrationDraftRequest Request(
        string name, MigrationNumbering numbering = MigrationNumbering.Auto) =>
        new(name, numbering, null, null, null, Now);
}
