using System.Text;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Scripts;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Parity;

/// <summary>What pycopg was seen to do, and what becomes of it here.</summary>
public class PycopgCases
{
    [Fact]
    [Parity("C02")]
    public async Task Versions_sort_as_numbers_and_a_bad_name_is_an_error()
    {
        using var folder = new TestFolder(
            ("003_c.sql", "SELECT 3;"), ("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 2;"),
            ("invalid.sql", "SELECT 0;"));

        var content = await MigrationFolder.ReadAsync(folder.FullPath, false, CancellationToken.None);

        Assert.Equal(["1", "2", "3"], content.Migrations.Select(migration => migration.Version.Text));
        var problem = Assert.Single(content.Problems);
        Assert.Equal(
            ("FileNameInvalid", "invalid.sql", nameof(ProblemSeverity.Error)),
            (problem.Code, problem.FileName, problem.Severity));
    }

    [Fact]
    [Parity("C03")]
    public async Task A_missing_folder_is_an_error()
    {
        await using var box = await Sandbox.CreateAsync();
        box.Options = box.Options with { FolderPaths = [box.Folder.PathOf("nonexistent")] };

        var error = await Assert.ThrowsAsync<InitializationException>(() => box.OpenAsync());

        Assert.Equal("FolderNotFound", error.Code);
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Parity("C05", "C06")]
    public async Task A_target_is_inclusive_and_nothing_pending_is_nothing_done()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT 1;"), ("002_b.sql", "SELECT 1;"), ("003_c.sql", "SELECT 1;"));

        var run = await box.RunAsync(Sandbox.Apply with { Target = "2" });
        Assert.Equal(["1", "2"], run.Succeeded().Select(result => result.Version));

        Assert.Single(await box.ApplyAllAsync());
        Assert.Empty(await box.ApplyAllAsync());
    }

    [Theory]
    [Parity("C08", "C09", "C11", "M05")]
    [InlineData("-- UP\nCREATE TABLE t();\n\n-- DOWN\nDROP TABLE t;\n", "CREATE TABLE t();", "DROP TABLE t;")]
    [InlineData("-- up\nCREATE TABLE t();\n\n-- down\nDROP TABLE t;\n", "CREATE TABLE t();", "DROP TABLE t;")]
    [InlineData("CREATE TABLE t();", "CREATE TABLE t();", null)]
    [InlineData("--UP\nSELECT 1;\n", "SELECT 1;", null)]
    [InlineData("-- DOWN\nSELECT 2;\n-- UP\nSELECT 1;\n", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP\r\nSELECT 1;\r\n-- DOWN\r\nSELECT 2;\r\n", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP\nSELECT 1;\n-- DOWN", "SELECT 1;", null)]
    [InlineData("-- UP: make t\nSELECT 1;\n-- DOWN\nSELECT 2;\n", "SELECT 1;", "SELECT 2;")]
    [InlineData("-- UP\nSELECT '-- down\n';\n-- DOWN\nSELECT 3;\n", "SELECT '-- down\n';", "SELECT 3;")]
    [InlineData("-- UP\n\n-- DOWN\nDROP TABLE keepme;\n", "", "DROP TABLE keepme;")]
    [InlineData("CREATE TABLE t();\n-- ROLLBACK\nDROP TABLE t;\n", "CREATE TABLE t();", "DROP TABLE t;")]
    public void Sections_are_found_where_psql_sees_a_comment(string text, string up, string? down)
    {
        Assert.True(MigrationFileName.TryParse("001_x.sql", allowUnversioned: false, out var name, out _));

        var migration = Migration.Read(name, "/folder/001_x.sql", Encoding.UTF8.GetBytes(text), out var problem)!;

        Assert.Null(problem);
        Assert.Empty(migration.Problems.Concat(migration.Up.Problems).Concat(migration.Down?.Problems ?? []));
        Assert.Equal(up, TextOf(migration.Up));
        Assert.Equal(down, migration.Down is { } script ? TextOf(script) : null);
        Assert.Matches("^[0-9a-f]{64}$", migration.Checksum);
    }

    [Fact]
    [Parity("C11")]
    public async Task Down_never_runs_on_apply()
    {
        await using var box = await Sandbox.CreateAsync(("001_t.sql", "-- UP\n\n-- DOWN\nDROP TABLE keepme;\n"));
        await box.Database.ExecuteAsync("CREATE TABLE keepme(i int)");

        (await box.RunAsync(Sandbox.Apply with { AllowNonEmpty = true })).Succeeded();

        Assert.True(await box.Database.HasTableAsync("keepme"));
    }

    [Fact]
    [Parity("C12")]
    public async Task A_migration_and_its_record_are_committed_together()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_p.sql", "-- UP\nCREATE TABLE p(id int);\nINSERT INTO p(nope) VALUES (1);\n-- DOWN\nDROP TABLE p;\n"));

        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        Assert.False(await box.Database.HasTableAsync("p"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    [Parity("C14")]
    public async Task The_newest_is_undone_first()
    {
        await using var box = await Sandbox.CreateAsync(Reversible("001_a"), Reversible("002_b"), Reversible("003_c"));
        await box.ApplyAllAsync();

        var run = await box.RunAsync(Sandbox.Undo with { Steps = 2 });

        Assert.Equal(["3", "2"], run.Succeeded().Select(result => result.Version));
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("C15")]
    public async Task Nothing_applied_is_nothing_to_undo()
    {
        await using var box = await Sandbox.CreateAsync();

        Assert.Empty((await box.RunAsync(Sandbox.Undo)).Succeeded());
    }

    [Fact]
    [Parity("C17")]
    public async Task A_deleted_file_is_undone_from_its_record()
    {
        await using var box = await Sandbox.CreateAsync(Reversible("002_d"));
        await box.ApplyAllAsync();
        box.Folder.Delete("002_d.sql");

        Assert.Equal("2", Assert.Single((await box.RunAsync(Sandbox.Undo)).Succeeded()).Version);

        Assert.False(await box.Database.HasTableAsync("002_d"));
        Assert.Empty(await box.RecordedAsync());
    }

    [Fact]
    [Parity("C17")]
    public async Task A_deleted_file_without_a_recorded_down_cannot_be_undone_and_its_row_stays()
    {
        await using var box = await Sandbox.CreateAsync(("002_d.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Folder.Delete("002_d.sql");

        Assert.Equal("NoUndo", (await box.RunAsync(Sandbox.Undo)).Failed<PlanBlockedException>().Code);
        Assert.Equal(["2"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("C18")]
    public async Task An_error_in_down_names_its_migration()
    {
        await using var box = await Sandbox.CreateAsync(
            ("003_s.sql", "-- UP\nCREATE TABLE s(i int);\n-- DOWN\nDROP TABEL s;\n"));
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();

        Assert.StartsWith("003_s.sql:4:", error.Message, StringComparison.Ordinal);
        Assert.Equal("42601", error.Result.Error!.SqlState);
        Assert.Equal(["3"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("C21")]
    public async Task No_step_undoes_nothing()
    {
        await using var box = await Sandbox.CreateAsync(Reversible("001_a"), Reversible("002_b"), Reversible("003_c"));
        await box.ApplyAllAsync();

        Assert.Empty((await box.RunAsync(Sandbox.Undo with { Steps = 0 })).Succeeded());

        Assert.Equal(["1", "2", "3"], await box.RecordedAsync());
    }

    [Fact]
    [Parity("C23", "M09")]
    public async Task An_edited_file_is_shown_as_modified_and_blocks_the_run()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "SELECT 1;"));
        await box.ApplyAllAsync();
        box.Folder.Write("001_a.sql", "SELECT 2;");
        box.Folder.Write("002_b.sql", "CREATE TABLE b(i int);");

        Assert.Equal(nameof(MigrationState.Modified), (await box.StatusAsync())[0].State);
        (await box.RunAsync(Sandbox.Apply)).Failed<ChecksumMismatchException>();
        Assert.False(await box.Database.HasTableAsync("b"));
    }

    [Fact]
    [Parity("C24")]
    public async Task A_target_below_applies_nothing_and_too_many_steps_undo_all()
    {
        await using var box = await Sandbox.CreateAsync(Reversible("001_a"), Reversible("002_b"));
        await box.ApplyAllAsync();

        var plan = await box.PlanAsync(Sandbox.Apply with { Target = "1" });
        Assert.Empty(plan.Steps);
        Assert.Equal("TargetPassed", Assert.Single(plan.Problems).Code);
        Assert.False(plan.IsBlocked);

        var undone = (await box.RunAsync(Sandbox.Undo with { Steps = 99 })).Succeeded();
        Assert.Equal(["2", "1"], undone.Select(result => result.Version));
    }

    [Theory]
    [Parity("C26")]
    [InlineData("DATABASE_URL=postgres://u@h/d PGHOST=x PGDATABASE=x", "u@h:5432/d")]
    [InlineData("DATABASE_URL=postgresql://u@h:5433/d", "u@h:5433/d")]
    [InlineData("DATABASE_URL=postgresql+asyncpg://u@h:5433/d", "u@h:5433/d")]
    [InlineData("PGHOST=h PGPORT=5433 PGUSER=u PGDATABASE=d", "u@h:5433/d")]
    [InlineData("DB_HOST=x DB_NAME=x PGHOST=h PGUSER=u PGDATABASE=d", "u@h:5432/d")]
    [InlineData("PGUSER=u", "u@localhost:5432/u")]
    public void The_environment_is_read_as_libpq_reads_it(string environment, string expected)
    {
        var variables = environment.Split(' ').Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);

        var target = DatabaseTarget.Resolve(new ConnectionInput(), name => variables.GetValueOrDefault(name));

        Assert.Equal(expected, target.ToString());
    }

    [Fact]
    [Parity("C27")]
    public async Task One_migration_without_a_down_blocks_the_whole_undo()
    {
        await using var box = await Sandbox.CreateAsync(
            Reversible("001_a"), ("002_b.sql", "SELECT 1;"), Reversible("003_c"));
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo with { Steps = 3 })).Failed<PlanBlockedException>();

        Assert.Equal("NoUndo", error.Code);
        Assert.Contains("002_b.sql", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], await box.RecordedAsync());
    }

    private static string TextOf(SqlScript script) =>
        string.Join('\n', script.Held!.Select(statement => statement.Text));

    private static (string Name, string Text) Reversible(string name) =>
        ($"{name}.sql", $"-- UP\nCREATE TABLE \"{name}\"(i int);\n-- DOWN\nDROP TABLE \"{name}\";\n");
}
