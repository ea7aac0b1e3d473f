using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class UndoTests
{
    private static readonly (string Name, string Text)[] Three =
    [
        ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
        ("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;"),
        ("003_c.sql", "CREATE TABLE c (i int);\n-- DOWN\nDROP TABLE c;"),
    ];

    [Fact]
    public async Task Undo_is_refused_when_another_module_applies_a_dependent_during_the_prompt()
    {
        await using var box = await Sandbox.CreateAsync(("001_users.sql", "CREATE TABLE users (i int);\n-- DOWN\nDROP TABLE users;"));
        using var orders = new TestFolder(("001_orders.sql", "-- Depends: users:1\nSELECT 1;"));
        box.Options = box.Options with { Module = "users" };
        await box.ApplyAllAsync();
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Undo, CancellationToken.None);
        box.Options = box.Options with { Module = "orders", FolderPaths = [orders.FullPath] };
        await box.ApplyAllAsync();

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal("StillNeeded", run.Failed<PlanBlockedException>().Code);
        Assert.True(await box.Database.HasTableAsync("users"));
    }

    [Fact]
    public async Task Undo_is_refused_while_another_module_depends_on_it()
    {
        const string Users = "-- pgmigrate: no-transaction\nCREATE TABLE users (i int);\n";
        await using var box = await Sandbox.CreateAsync(("001_users.sql", Users + "SELECT nope;"));
        using var orders = new TestFolder(("001_orders.sql", "-- Depends: users:001_users\nSELECT 1;"));
        var users = box.Options with { Module = "users" };
        var needy = box.Options with { Module = "orders", FolderPaths = [orders.FullPath] };
        box.Options = users;
        (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        box.Options = needy;
        Assert.Equal("ModuleDependencyMissing", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
        box.Options = users;
        box.Folder.Write("001_users.sql", Users + "-- DOWN\nDROP TABLE users;");
        await box.ApplyAllAsync();
        box.Options = needy;
        await box.ApplyAllAsync();
        box.Options = users;
        var request = Sandbox.Undo with { UndoSource = UndoSource.File };

        var error = (await box.RunAsync(request)).Failed<PlanBlockedException>();

        Assert.Equal("StillNeeded", error.Code);
        Assert.Contains("001_orders.sql of the module orders is applied and depends on this one", error.Message, StringComparison.Ordinal);
        Assert.True(await box.Database.HasTableAsync("users"));
        await box.Database.ExecuteAsync("DELETE FROM schema_migrations WHERE module_name = 'orders'");
        (await box.RunAsync(request)).Succeeded();
    }

    [Fact]
    public async Task One_step_is_undone_and_can_be_applied_again()
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.ApplyAllAsync();

        var result = Assert.Single((await box.RunAsync(Sandbox.Undo)).Succeeded());

        Assert.Equal(("3", nameof(MigrationOutcome.Undone), nameof(MigrationDirection.Undo)),
            (result.Version, result.Outcome, result.Direction));
        Assert.True(result.DurationMs > 0);
        Assert.False(await box.Database.HasTableAsync("c"));
        Assert.Equal(["1", "2"], await box.RecordedAsync());
        Assert.Equal(["undone", "applied", "applied", "applied"], (await box.LogAsync()).Select(line => line.Event));

        await box.ApplyAllAsync();
        Assert.True(await box.Database.HasTableAsync("c"));
    }

    [Fact]
    public async Task All_are_undone_in_reverse_applied_order()
    {
        await using var box = await Sandbox.CreateAsync(Three[0], Three[2]);
        await box.ApplyAllAsync();
        box.Folder.Write(Three[1].Name, Three[1].Text);
        (await box.RunAsync(Sandbox.Apply with { OutOfOrder = OutOfOrderPolicy.Apply })).Succeeded();

        var results = (await box.RunAsync(Sandbox.Undo with { All = true })).Succeeded();

        Assert.Equal(["2", "3", "1"], results.Select(result => result.Version));
        Assert.Empty(await box.RecordedAsync());
        Assert.True(await box.Database.HasTableAsync("schema_migrations"));
    }

    [Fact]
    public async Task A_failed_undo_leaves_the_migration_applied()
    {
        await using var box = await Sandbox.CreateAsync(
            Three[0], ("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;\n SELECT nope;"), Three[2]);
        await box.ApplyAllAsync();

        var run = await box.RunAsync(Sandbox.Undo with { All = true });

        var error = run.Failed<MigrationUndoException>().Result.Error!;
        Assert.Equal(("002_b.sql", 4, 9, 2), (error.FileName, error.Line, error.Column, error.StatementNumber));
        Assert.Equal(("UndoFailed", "42703"), (error.Code, error.SqlState));
        Assert.Contains("stays applied", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], await box.RecordedAsync());
        Assert.True(await box.Database.HasTableAsync("b"));
        Assert.Equal("failed", (await box.LogAsync(1))[0].Event);
    }

    [Fact]
    public async Task Undo_works_when_the_file_is_gone()
    {
        await using var box = await Sandbox.CreateAsync(Three);
        await box.ApplyAllAsync();
        box.Folder.Delete("003_c.sql");

        var result = Assert.Single((await box.RunAsync(Sandbox.Undo)).Succeeded());

        Assert.Equal("003_c.sql", result.FileName);
        Assert.False(await box.Database.HasTableAsync("c"));
    }

    [Fact]
    public async Task A_failed_undo_from_the_record_is_logged_as_well()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nSELECT 1;\nDROP TABLE nowhere;"), Three[1]);
        (await box.RunAsync(Sandbox.Apply with { Target = "1" })).Succeeded();
        box.Folder.Delete("001_a.sql");

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>().Result.Error!;

        Assert.Equal((2, "42P01"), (error.Line, error.SqlState));
        var line = (await box.LogAsync(1))[0];
        Assert.Equal(("failed", "1", "001_a.sql"), (line.Event, line.Version, line.FileName));
    }

    [Fact]
    public async Task The_recorded_text_is_the_one_that_was_in_force()
    {
        await using var box = await Sandbox.CreateAsync(Three[0]);
        await box.ApplyAllAsync();
        box.Folder.Write("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nSELECT nope;");

        (await box.RunAsync(Sandbox.Undo)).Failed<PlanBlockedException>();
        (await box.RunAsync(Sandbox.Undo with { UndoSource = UndoSource.Recorded })).Succeeded();

        Assert.False(await box.Database.HasTableAsync("a"));
    }

    [Fact]
    public async Task Nothing_is_undone_when_one_of_several_has_no_down()
    {
        await using var box = await Sandbox.CreateAsync(Three[0], ("002_b.sql", "CREATE TABLE b (i int);"), Three[2]);
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo with { All = true })).Failed<PlanBlockedException>();

        Assert.Equal("NoUndo", error.Code);
        Assert.Equal(["1", "2", "3"], await box.RecordedAsync());
        Assert.True(await box.Database.HasTableAsync("c"));
    }

    [Fact]
    public async Task A_row_that_vanished_under_the_lock_rolls_the_undo_back()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDELETE FROM schema_migrations; DROP TABLE a;"));
        await box.ApplyAllAsync();

        var error = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();

        Assert.Equal("RecordNotWritten", error.Code);
        Assert.Equal(["1"], await box.RecordedAsync());
        Assert.True(await box.Database.HasTableAsync("a"));
    }

    [Fact]
    public async Task The_plan_knows_the_roles_that_could_have_written_the_recorded_text()
    {
        await using var box = await Sandbox.CreateAsync(Three[0]);
        await box.ApplyAllAsync();
        var role = await box.CreateRoleAsync();
        await box.Database.ExecuteAsync($"GRANT UPDATE ON schema_migrations TO {role}");

        Assert.Equal([role], (await box.PlanAsync(Sandbox.Undo)).OtherWriters);
    }

    [Fact]
    public async Task An_undo_is_refused_when_something_newer_was_applied_in_the_meantime()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"));
        await box.ApplyAllAsync();
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(Sandbox.Undo, CancellationToken.None);
        box.Folder.Write("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;");
        await box.ApplyAllAsync();

        var run = await RunRecord.OfAsync(migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal("HistoryChanged", run.Failed<PlanBlockedException>().Code);
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task The_recorded_undo_can_be_read_back()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE {{schema}}.a;"));
        await box.ApplyAllAsync();
        box.Folder.Delete("001_a.sql");
        await using var migrator = await box.OpenAsync();

        var row = Assert.Single((await migrator.GetStatusAsync(true, CancellationToken.None)).Migrations);

        Assert.Equal("DROP TABLE {{schema}}.a;", row.UndoSql);
        Assert.Null(Assert.Single((await migrator.GetStatusAsync(CancellationToken.None)).Migrations).UndoSql);
    }

    [Theory]
    [InlineData("002_b.sql", "002_c.sql")] // both are pending
    [InlineData("001_0.sql", "1_z.sql")] // the name tells which one is applied
    public async Task Pending_files_with_one_version_do_not_stop_an_undo(params string[] pending)
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a ();\n-- DOWN\nDROP TABLE a;"));
        await box.ApplyAllAsync();
        foreach (var name in pending)
        {
            box.Folder.Write(name, "SELECT 1;\n-- DOWN\nSELECT 2;");
        }

        Assert.Equal("DuplicateVersion", (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>().Code);
        var undone = Assert.Single((await box.RunAsync(Sandbox.Undo)).Succeeded());

        Assert.Equal("001_a.sql", undone.FileName);
        Assert.False(await box.Database.HasTableAsync("a"));
    }

    [Fact]
    public async Task An_undo_stops_where_two_files_could_be_the_applied_one()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "CREATE TABLE a ();\n-- DOWN\nDROP TABLE a;"));
        await box.ApplyAllAsync();
        box.Folder.Delete("001_a.sql");
        box.Folder.Write("001_b.sql", "CREATE TABLE a ();\n-- DOWN\nDROP TABLE a;");
        box.Folder.Write("001_c.sql", "SELECT 1;\n-- DOWN\nSELECT 2;");

        Assert.Equal("DuplicateVersion", (await box.RunAsync(Sandbox.Undo)).Failed<PlanBlockedException>().Code);
    }
}
