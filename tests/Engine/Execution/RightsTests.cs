using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class RightsTests
{
    private static readonly (string Name, string Text)[] Files =
    [
        ("001_a.sql", "CREATE TABLE a (i int);\n-- DOWN\nDROP TABLE a;"),
        ("002_b.sql", "CREATE TABLE b (i int);\n-- DOWN\nDROP TABLE b;"),
    ];

    [Fact]
    public async Task A_plain_login_that_owns_its_schema_can_do_everything()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        var role = await box.CreateRoleAsync("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT");
        await box.Database.ExecuteAsync("REVOKE ALL ON SCHEMA public FROM PUBLIC");
        await box.Database.ExecuteAsync($"REVOKE ALL ON DATABASE {box.Database.Name} FROM PUBLIC");
        await box.Database.ExecuteAsync($"GRANT CONNECT ON DATABASE {box.Database.Name} TO {role}");
        await box.Database.ExecuteAsync($"CREATE SCHEMA app AUTHORIZATION {role}");
        box.Options = box.Options with { Schema = "app" };
        var target = box.Database.TargetFor(settings => settings.Username = role);

        await using (var first = await box.OpenAsync(target))
        {
            await first.InitializeAsync(new RunOptions(), CancellationToken.None);
        }

        Assert.Equal(2, (await box.ApplyAllAsync(target)).Count);
        Assert.Single((await box.RunAsync(Sandbox.Undo, target)).Succeeded());
        await using var migrator = await box.OpenAsync(target);
        Assert.Equal(
            [nameof(MigrationState.Applied), nameof(MigrationState.Pending)],
            (await migrator.GetStatusAsync(CancellationToken.None)).Migrations.Select(row => row.State));
        Assert.Single(await migrator.RemoveRecordsAsync(["1"], new RunOptions(), CancellationToken.None));
        Assert.Equal(
            ["record_removed", "undone", "applied", "applied"],
            (await migrator.GetLogAsync(null, CancellationToken.None)).Select(line => line.Event));
        await box.AssertLockIsFreeAsync();
    }

    [Theory]
    [InlineData("REVOKE INSERT ON public.schema_migrations FROM {0}", "GRANT INSERT ON \"public\".\"schema_migrations\"")]
    [InlineData(
        "REVOKE INSERT ON public.schema_migrations_log FROM {0}", "GRANT INSERT ON \"public\".\"schema_migrations_log\"")]
    public async Task A_missing_right_is_named_before_the_first_file_runs(string revoke, string grant)
    {
        await using var box = await Sandbox.CreateAsync(Files);
        var (role, target) = await ShareHistoryAsync(box);
        await box.Database.ExecuteAsync(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, revoke, role));

        var error = (await box.RunAsync(Sandbox.Apply, target)).Failed<PlanBlockedException>();

        Assert.Equal("HistoryWriteDenied", error.Code);
        Assert.Contains($"{grant} TO \"{role}\"", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("public.b"));

        // What the message says is enough.
        await box.Database.ExecuteAsync($"{grant} TO {role}");
        Assert.Single(await box.ApplyAllAsync(target));
    }

    [Fact]
    public async Task An_undo_names_the_missing_right_to_delete_records()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        var (role, target) = await ShareHistoryAsync(box);
        await box.Database.ExecuteAsync($"REVOKE DELETE ON public.schema_migrations FROM {role}");

        Assert.Single(await box.ApplyAllAsync(target));
        var undo = (await box.RunAsync(Sandbox.Undo, target)).Failed<PlanBlockedException>();
        await using var migrator = await box.OpenAsync(target);
        var remove = await Assert.ThrowsAsync<InitializationException>(
            () => migrator.RemoveRecordsAsync(["2"], new RunOptions(), CancellationToken.None));

        Assert.Equal("HistoryWriteDenied", undo.Code);
        Assert.Equal("HistoryWriteDenied", remove.Code);
        Assert.Equal(["1", "2"], await box.RecordedAsync());
    }

    [Fact]
    public async Task A_login_without_update_applies_plain_files_and_is_rejected_before_a_no_transaction_file()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        var (role, target) = await ShareHistoryAsync(box);
        Assert.Single(await box.ApplyAllAsync(target));
        box.Folder.Write("003_c.sql", "CREATE TABLE c (i int);");
        box.Folder.Write(
            "004_d.sql",
            "-- pgmigrate: no-transaction\nCREATE TABLE d (i int);\nCREATE INDEX CONCURRENTLY d_i ON d (i);\n"
                + "-- DOWN\nDROP INDEX CONCURRENTLY d_i;\nDROP TABLE d;");

        var error = (await box.RunAsync(Sandbox.Apply, target)).Failed<PlanBlockedException>();

        Assert.Equal("HistoryWriteDenied", error.Code);
        Assert.Contains(
            $"GRANT UPDATE ON \"public\".\"schema_migrations\" TO \"{role}\"", error.Message, StringComparison.Ordinal);
        Assert.False(await box.Database.HasTableAsync("public.c"));

        // The advice of the message is enough, for the undo as well; without it an undo fails in the same way.
        await box.Database.ExecuteAsync($"GRANT UPDATE ON public.schema_migrations TO {role}");
        Assert.Equal(2, (await box.ApplyAllAsync(target)).Count);
        await box.Database.ExecuteAsync($"REVOKE UPDATE ON public.schema_migrations FROM {role}");
        Assert.Equal(
            "HistoryWriteDenied", (await box.RunAsync(Sandbox.Undo, target)).Failed<PlanBlockedException>().Code);
        await box.Database.ExecuteAsync($"GRANT UPDATE ON public.schema_migrations TO {role}");
        Assert.Single((await box.RunAsync(Sandbox.Undo, target)).Succeeded());
    }

    [Fact]
    public async Task A_login_without_update_is_rejected_before_a_repeatable_file()
    {
        await using var box = await Sandbox.CreateAsync(
            ("V1__a.sql", "CREATE TABLE a (i int);"), ("R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS i;"));
        var (role, target) = await ShareHistoryAsync(box);

        var error = (await box.RunAsync(Sandbox.Apply, target)).Failed<PlanBlockedException>();

        Assert.Equal("HistoryWriteDenied", error.Code);
        Assert.Contains("GRANT UPDATE ON", error.Message, StringComparison.Ordinal);
        await box.Database.ExecuteAsync($"GRANT UPDATE ON public.schema_migrations TO {role}");
        Assert.Single(await box.ApplyAllAsync(target));
    }

    [Fact]
    public async Task A_schema_that_may_not_be_used_is_named()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        await box.Database.ExecuteAsync("CREATE SCHEMA closed");
        box.Options = box.Options with { Schema = "closed" };
        await box.ApplyAllAsync();
        var role = await box.CreateRoleAsync("LOGIN");
        await using var migrator = await box.OpenAsync(
            box.Database.TargetFor(settings => settings.Username = role));

        var error = await Assert.ThrowsAsync<InitializationException>(
            () => migrator.GetStatusAsync(CancellationToken.None));

        Assert.Equal("HistoryReadDenied", error.Code);
        Assert.Contains($"GRANT USAGE ON SCHEMA \"closed\" TO \"{role}\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Creating_the_schema_needs_a_right_on_the_database()
    {
        await using var box = await Sandbox.CreateAsync(Files);
        var role = await box.CreateRoleAsync("LOGIN");
        box.Options = box.Options with { Schema = "fresh", CreateSchema = true };
        var target = box.Database.TargetFor(settings => settings.Username = role);

        var error = (await box.RunAsync(Sandbox.Apply, target)).Failed<PlanBlockedException>();

        Assert.Equal("HistoryCreateFailed", error.Code);
        Assert.Contains(
            $"GRANT CREATE ON DATABASE \"{box.Database.Name}\" TO \"{role}\"", error.Message, StringComparison.Ordinal);
        await box.Database.ExecuteAsync($"GRANT CREATE ON DATABASE {box.Database.Name} TO {role}");
        Assert.Equal(2, (await box.ApplyAllAsync(target)).Count);
        await box.Database.ExecuteAsync($"REVOKE ALL ON DATABASE {box.Database.Name} FROM {role}");
        await box.Database.ExecuteAsync("DROP SCHEMA fresh CASCADE");
    }

    // The first file is applied by a superuser; a second login has every right on the history.
    private static async Task<(string Role, DatabaseTarget Target)> ShareHistoryAsync(Sandbox box)
    {
        Assert.Single((await box.RunAsync(Sandbox.Apply with { Steps = 1 })).Succeeded());
        var role = await box.CreateRoleAsync("LOGIN");
        await box.Database.ExecuteAsync($"GRANT USAGE, CREATE ON SCHEMA public TO {role}");
        await box.Database.ExecuteAsync(
            $"GRANT SELECT, INSERT, DELETE ON public.schema_migrations, public.schema_migrations_log TO {role}");
        return (role, box.Database.TargetFor(settings => settings.Username = role));
    }
}
