using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Tests.Infrastructure;
using PgMigrate.Tests.Scratch;
using Xunit;

namespace PgMigrate.Tests.Autogenerate;

public class SchemaFolderTests
{
    private const string Mark = SchemaFolderLayout.Mark + "\n\n";

    [Fact]
    public async Task A_folder_gets_the_files_and_reads_back_with_names_of_every_kind()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            """
            CREATE SCHEMA "con"; CREATE SCHEMA "a.b"; CREATE SCHEMA a;
            CREATE TABLE "con".orders (id int); CREATE TABLE "a.b".c (id int); CREATE TABLE a."b.c" (id int);
            CREATE TABLE a."T" (id int); CREATE TABLE a.t (id serial, x int); CREATE TABLE a."x/y\z: *?" (id int);
            CREATE TABLE a.one (id int PRIMARY KEY, other int);
            CREATE TABLE a.two (id int PRIMARY KEY, other int REFERENCES a.one);
            ALTER TABLE a.one ADD FOREIGN KEY (other) REFERENCES a.two;
            CREATE INDEX t_x ON a.t (x); COMMENT ON COLUMN a.t.x IS 'it''s x';
            CREATE FUNCTION a.f(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
            CREATE FUNCTION a.f(text) RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT count(*) FROM a.v); END$$;
            CREATE VIEW a.v AS SELECT a.f(id) AS f FROM a.t;
            CREATE OPERATOR a.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
            """);
        await using var connection = await database.ConnectAsync();
        var wanted = await SnapshotReader.ReadAsync(connection, [], CancellationToken.None);
        var schema = SchemaComparer.ToSchema("names", wanted);
        using var folder = new TestFolder();
        var plan = SchemaFolder.Plan(folder.FullPath, SchemaComparer.ExportFiles(schema, new()), false);
        await plan.WriteAsync([], CancellationToken.None);

        Assert.Equal(plan.Files.Order(), FilesIn(folder).Order());
        Assert.Contains(folder.PathOf("functions/a.f.sql"), plan.Files);
        Assert.Contains("CREATE SEQUENCE", await File.ReadAllTextAsync(folder.PathOf("tables/a.t.sql")), StringComparison.Ordinal);
        var (back, _) = await DesiredSchema.ReadAsync(
            await Loading.ServerAsync(), folder.FullPath, CancellationToken.None);
        Assert.Empty(SnapshotDiff.Differences(wanted, back, new RuleBook(wanted, back), new CompareOptions()));
    }

    [Fact]
    public async Task Privileges_read_back_whether_an_object_was_made_before_or_behind_default_privileges()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            """
            CREATE SCHEMA a; CREATE TABLE a.before (id int); CREATE TABLE a.granted (id int);
            GRANT UPDATE ON a.granted TO PUBLIC;
            ALTER DEFAULT PRIVILEGES IN SCHEMA a GRANT SELECT ON TABLES TO PUBLIC;
            CREATE TABLE a.behind (id int); CREATE TABLE a.revoked (id int); REVOKE ALL ON a.revoked FROM PUBLIC;
            """);
        await using var connection = await database.ConnectAsync();
        var wanted = await SnapshotReader.ReadAsync(connection, [], CancellationToken.None);
        using var folder = new TestFolder();
        var files = SchemaComparer.ExportFiles(
            SchemaComparer.ToSchema("grants", wanted), new SchemaComparison { IncludePrivileges = true });
        await SchemaFolder.Plan(folder.FullPath, files, false).WriteAsync([], CancellationToken.None);

        var (back, _) = await DesiredSchema.ReadAsync(
            await Loading.ServerAsync(), folder.FullPath, CancellationToken.None);

        Assert.Empty(SnapshotDiff.Differences(
            wanted, back, new RuleBook(wanted, back), new CompareOptions { IncludePrivileges = true }));
    }

    [Fact]
    public async Task A_second_export_replaces_its_files_removes_those_of_dropped_objects_and_keeps_all_others()
    {
        using var folder = new TestFolder();
        folder.WriteBelow("tables/own.sql", "-- mine\n");
        folder.WriteBelow("tables/notes.txt", SchemaFolderLayout.Mark);
        await WriteAsync(folder, ("tables/a.sql", "1"), ("tables/b.sql", "1"), ("views/c.sql", "1"));
        var kept = File.GetLastWriteTimeUtc(folder.PathOf("tables/a.sql"));

        var plan = SchemaFolder.Plan(folder.FullPath, Files(("tables/a.sql", "1"), ("tables/b.sql", "2")), true);
        Assert.Equal([folder.PathOf("views/c.sql")], plan.Stale);
        Assert.Equal([folder.PathOf("tables/own.sql")], plan.Foreign);
        Assert.Equal("tables/b.sql", Assert.Single(plan.Changed).Path);
        await plan.WriteAsync(plan.Stale, CancellationToken.None);

        Assert.Equal(
            ["tables/a.sql", "tables/b.sql", "tables/notes.txt", "tables/own.sql"],
            FilesIn(folder).Select(path => Path.GetRelativePath(folder.FullPath, path).Replace('\\', '/')).Order());
        Assert.Equal(kept, File.GetLastWriteTimeUtc(folder.PathOf("tables/a.sql")));
        Assert.Equal(Mark + "2", await File.ReadAllTextAsync(folder.PathOf("tables/b.sql")));
    }

    [Fact]
    public async Task A_file_that_only_changes_its_case_is_there_afterwards()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder, ("tables/orders.sql", "1"));

        var plan = SchemaFolder.Plan(folder.FullPath, Files(("tables/Orders.sql", "1")), true);
        await plan.WriteAsync(plan.Stale, CancellationToken.None);

        Assert.Equal(["Orders.sql"], FilesIn(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_folder_with_files_is_refused_unless_it_may_be_changed()
    {
        using var folder = new TestFolder();
        folder.Write(".gitkeep", "");
        SchemaFolder.RequireFree(folder.FullPath, false);
        SchemaFolder.RequireFree(folder.PathOf("missing"), false);
        await WriteAsync(folder, ("tables/a.sql", "1"));

        var error = Assert.Throws<MigrationCreationException>(() => SchemaFolder.Plan(folder.FullPath, [], false));

        Assert.Equal(ErrorCodes.FileNotWritten, error.Code);
        Assert.Contains("-Force", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_somebody_else_in_the_place_of_a_new_one_is_refused()
    {
        using var folder = new TestFolder();
        folder.WriteBelow("tables/a.sql", "-- mine\n");

        var error = Assert.Throws<MigrationCreationException>(
            () => SchemaFolder.Plan(folder.FullPath, Files(("tables/a.sql", "1"), ("tables/b.sql", "1")), true));

        Assert.Contains("a.sql", error.Message, StringComparison.Ordinal);
        Assert.Equal("-- mine\n", File.ReadAllText(folder.PathOf("tables/a.sql")));
    }

    [Fact]
    public async Task A_failed_write_changes_nothing()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder, ("tables/a.sql", "1"));
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var plan = SchemaFolder.Plan(folder.FullPath, Files(("tables/b.sql", "2")), true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plan.WriteAsync(plan.Stale, stop.Token));

        Assert.Equal([folder.PathOf("tables/a.sql")], FilesIn(folder));
        Assert.Empty(Directory.GetDirectories(folder.FullPath, ".*"));
    }

    [Fact]
    public async Task Files_behind_a_link_are_left_alone()
    {
        using var elsewhere = new TestFolder();
        await WriteAsync(elsewhere, ("tables/a.sql", "1"));
        using var folder = new TestFolder();
        Directory.CreateSymbolicLink(folder.PathOf("tables"), elsewhere.PathOf("tables"));

        Assert.Empty(SchemaFolder.Plan(folder.FullPath, [], true).Stale);
    }

    private static Task WriteAsync(TestFolder folder, params (string Path, string Text)[] files) =>
        SchemaFolder.Plan(folder.FullPath, Files(files), true).WriteAsync([], CancellationToken.None);

    private static ExportedFile[] Files(params (string Path, string Text)[] files) =>
        [.. files.Select(file => new ExportedFile(file.Path, Mark + file.Text))];

    private static IEnumerable<string> FilesIn(TestFolder folder) =>
        Directory.EnumerateFiles(folder.FullPath, "*", SearchOption.AllDirectories);
}
