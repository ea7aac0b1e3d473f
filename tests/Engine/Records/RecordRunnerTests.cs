using PgMigrate.Errors;
using PgMigrate.Records;
using PgMigrate.Runs;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Records;

public class RecordRunnerTests
{
    [Fact]
    public async Task A_record_that_another_run_removed_is_not_found()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"), ("2_b.sql", "SELECT 2;"));
        await box.ApplyAllAsync();
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(new RemoveRecords(["1", "2"]), CancellationToken.None);
        await using (var other = await box.OpenAsync())
        {
            await Sandbox.ChangeAsync(other, new RemoveRecords(["1"]));
        }

        await Assert.ThrowsAsync<MigrationNotFoundException>(
            () => migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal(["2"], await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }

    [Fact]
    public async Task A_migration_that_another_run_applied_is_not_marked()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"), ("2_b.sql", "SELECT 2;"));
        await using var migrator = await box.OpenAsync();
        var plan = await migrator.PlanAsync(new MarkApplied(["1", "2"], "by hand"), CancellationToken.None);
        await box.RunAsync(Sandbox.Apply with { Versions = ["1"] });

        var error = await Assert.ThrowsAsync<PlanBlockedException>(
            () => migrator.RunAsync(plan, new RunOptions(), CancellationToken.None));

        Assert.Equal("AlreadyApplied", error.Code);
        Assert.Equal(["1"], await box.RecordedAsync());
    }

    [Fact]
    public async Task Migrations_are_marked_as_applied_in_a_database_without_a_tracking_table()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"), ("2_b.sql", "SELECT 2;"));
        await using var migrator = await box.OpenAsync();

        var marked = await Sandbox.ChangeAsync(migrator, new MarkApplied(["2_b", "1"], "by hand"));

        Assert.Equal(["1_a.sql Applied", "2_b.sql Applied"], marked.Select(row => $"{row.FileName} {row.State}"));
        Assert.Equal(["2", "1"], await box.RecordedAsync());
        await box.AssertLockIsFreeAsync();
    }
}
