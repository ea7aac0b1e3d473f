using PgMigrate.Errors;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Execution;

public class RunSummaryTests
{
    [Fact]
    public async Task The_exception_of_a_failed_run_carries_its_summary()
    {
        await using var box = await Sandbox.CreateAsync(
            ("1_a.sql", "CREATE TABLE a (i int);"), ("2_b.sql", "SELECT nope;"), ("3_c.sql", "SELECT 3;"));

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<MigrationApplyException>();

        var run = error.Summary!;
        Assert.Equal(nameof(RunStatus.Error), run.Status);
        Assert.Equal((1, 2, 3), (run.Applied, run.Pending, run.Total));
        Assert.Equal(["Applied 1_a", "Failed 2_b"], run.Results.Select(result => result.ToString()));
        Assert.Equal("2_b.sql", run.FailedMigration);
        Assert.Equal("42703", run.Error!.SqlState);
        Assert.Equal(box.Database.Target.Connection.ToString(), run.Connection!.ToString());
    }

    [Fact]
    public async Task The_exception_of_a_blocked_plan_carries_its_problems()
    {
        await using var box = await Sandbox.CreateAsync(("1_a.sql", "SELECT 1;"));
        (await box.RunAsync(Sandbox.Apply)).Succeeded();
        box.Folder.Write("1_a.sql", "SELECT 2;");

        var error = (await box.RunAsync(Sandbox.Apply)).Failed<ChecksumMismatchException>();

        Assert.Equal("ChecksumMismatch", Assert.Single(error.Summary!.Problems).Code);
        Assert.Empty(error.Summary.Results);
    }
}
