using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Parity;

/// <summary>What pydapter, and Alembic under it, were seen to do, and what becomes of it here.</summary>
public class PydapterCases
{
    [Fact]
    [Parity("A06")]
    public async Task Up_and_down_again_from_end_to_end()
    {
        const string HasEmail =
            "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('users') AND attname = 'email')";
        await using var box = await Sandbox.CreateAsync(
            ("001_create_users.sql", "-- UP\nCREATE TABLE users (id int);\n-- DOWN\nDROP TABLE users;"));
        await box.ApplyAllAsync();
        Assert.True(await box.Database.HasTableAsync("users"));

        box.Folder.Write(
            "002_add_email.sql", "-- UP\nALTER TABLE users ADD email text;\n-- DOWN\nALTER TABLE users DROP email;");
        await box.ApplyAllAsync();
        Assert.True(await box.Database.ScalarAsync<bool>(HasEmail));
        Assert.Equal("2", await CurrentAsync(box));
        Assert.Equal(["2", "1"], (await box.LogAsync()).Select(line => line.Version));

        (await box.RunAsync(Sandbox.Undo with { Target = "1" })).Succeeded();
        Assert.False(await box.Database.ScalarAsync<bool>(HasEmail));
        Assert.Equal("1", await CurrentAsync(box));

        (await box.RunAsync(Sandbox.Undo with { All = true })).Succeeded();
        Assert.False(await box.Database.HasTableAsync("users"));
        Assert.Null(await CurrentAsync(box));
    }

    [Fact]
    [Parity("A08", "A09")]
    public async Task Every_exception_has_one_base_a_code_and_its_cause()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "-- UP\nCREATE TABLE a(i int);\n-- DOWN\nDROP TABLE nope;"), ("002_b.sql", "SELECT 1/0;"));

        var apply = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();
        var undo = (await box.RunAsync(Sandbox.Undo)).Failed<MigrationUndoException>();

        Assert.Contains("division by zero", apply.Message, StringComparison.Ordinal);
        Assert.IsType<Npgsql.PostgresException>(apply.InnerException, exactMatch: false);
        Assert.Contains("nope", undo.Message, StringComparison.Ordinal);
        Assert.Equal(("MigrationFailed", "UndoFailed"), (apply.Code, undo.Code));
        Assert.All(
            [
                typeof(InitializationException), typeof(MigrationCreationException), typeof(MigrationApplyException),
                typeof(MigrationUndoException), typeof(MigrationNotFoundException), typeof(ChecksumMismatchException),
                typeof(PlanBlockedException), typeof(LockTimeoutException), typeof(ConnectionException),
            ],
            type => Assert.True(type.IsSubclassOf(typeof(PgMigrateException)), type.Name));
    }

    [Fact]
    [Parity("A11")]
    public async Task The_history_is_newest_first()
    {
        await using var box = await Sandbox.CreateAsync(("001_create_users.sql", "SELECT 1;"));
        await box.ApplyAllAsync();

        var line = Assert.Single(await box.LogAsync());
        Assert.Equal(("1", "001_create_users.sql", "applied"), (line.Version, line.FileName, line.Event));
        Assert.InRange(line.At, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));

        box.Folder.Write("002_b.sql", "SELECT 2;");
        await box.ApplyAllAsync();
        Assert.Equal(["2", "1"], (await box.LogAsync()).Select(entry => entry.Version));
    }

    [Fact]
    [Parity("A14")]
    public async Task A_file_that_depends_on_itself_is_circular()
    {
        await using var box = await Sandbox.CreateAsync(("001_a.sql", "-- Depends: 001_a\nSELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("DependencyCycle", error.Code);
        Assert.Contains("001_a.sql depends on 001_a.sql", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Parity("A15")]
    public async Task A_missing_parent_is_an_error_that_names_both()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "CREATE TABLE a(i int);"), ("002_b.sql", "-- Depends: 000_parent\nSELECT 1;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("DependencyMissing", error.Code);
        Assert.Contains("002_b.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("000_parent", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("a"));
    }

    [Fact]
    [Parity("A17")]
    public async Task Relative_steps_move_that_far_and_no_further_than_the_end()
    {
        await using var box = await Sandbox.CreateAsync(Reversible("001_a"), Reversible("002_b"), Reversible("003_c"));

        Assert.Equal("1", Assert.Single((await box.RunAsync(Sandbox.Apply with { Steps = 1 })).Succeeded()).Version);
        Assert.Equal("1", Assert.Single((await box.RunAsync(Sandbox.Undo with { Steps = 1 })).Succeeded()).Version);
        Assert.Equal(3, (await box.RunAsync(Sandbox.Apply with { Steps = 5 })).Succeeded().Count);
    }

    [Fact]
    [Parity("A20")]
    public async Task Two_files_with_one_version_are_found_before_a_run()
    {
        await using var box = await Sandbox.CreateAsync(
            ("001_a.sql", "SELECT 1;"), ("002_mine.sql", "SELECT 2;"), ("002_yours.sql", "SELECT 3;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<PlanBlockedException>();

        Assert.Equal("DuplicateVersion", error.Code);
        Assert.Contains("002_mine.sql and 002_yours.sql", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("public.schema_migrations"));
    }

    private static async Task<string?> CurrentAsync(Sandbox box)
    {
        await using var migrator = await box.OpenAsync();
        return (await migrator.GetSummaryAsync(CancellationToken.None)).CurrentVersion;
    }

    private static (string Name, string Text) Reversible(string name) =>
        ($"{name}.sql", $"-- UP\nCREATE TABLE \"{name}\"(i int);\n-- DOWN\nDROP TABLE \"{name}\";\n");
}
