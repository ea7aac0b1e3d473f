using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Runs;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Runs;

public class RunCollectorTests
{
    private static readonly RunOrigin Origin = new("default", "public", "schema_migrations", null);

    // One of four migrations is applied; three are pending.
    [Theory]
    [InlineData(3, "Applied Applied Applied", false, "Success", "3 applied, 0 pending, 0 unknown, 1 skipped")]
    [InlineData(3, "Applied", false, "Success", "1 applied, 0 pending, 0 unknown, 3 skipped")]
    [InlineData(1, "Applied", false, "Success", "1 applied, 2 pending, 0 unknown, 1 skipped")]
    [InlineData(3, "Applied Failed", true, "Error", "1 applied, 2 pending, 0 unknown, 1 skipped")]
    [InlineData(3, "Applied Unknown", true, "Error", "1 applied, 1 pending, 1 unknown, 1 skipped")]
    [InlineData(3, "", true, "Error", "0 applied, 3 pending, 0 unknown, 1 skipped")]
    [InlineData(3, "", false, "UpToDate", "0 applied, 0 pending, 0 unknown, 4 skipped")]
    public void The_counts_follow_from_the_plan_and_the_results(
        int accepted, string outcomes, bool fails, string status, string counts)
    {
        var collector = Collector(accepted);
        var results = outcomes.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((outcome, i) => collector.Preview(collector.Plan!.Steps[i], i + 1) with { Outcome = outcome })
            .ToList();

        var run = collector.ToSummary(results, fails ? new LockTimeoutException("Still held.") : null);

        Assert.Equal(status, run.Status);
        Assert.Equal(
            counts, $"{run.Applied} applied, {run.Pending} pending, {run.Unknown} unknown, {run.Skipped} skipped");
        Assert.Equal(4, run.Total);
        Assert.Equal(fails ? "LockTimeout" : null, run.Error?.Code);
        Assert.Equal(results, run.Results);
    }

    [Fact]
    public void A_preview_and_a_declined_run_have_a_status_of_their_own()
    {
        var preview = Collector(0);
        preview.IsPreview = true;
        var declined = Collector(0);
        declined.IsDeclined = true;

        Assert.Equal("DryRun", preview.ToSummary([]).Status);
        Assert.Equal("Declined", declined.ToSummary([]).Status);
    }

    [Fact]
    public void Steps_without_a_result_were_not_reached()
    {
        var collector = Collector(3);
        var first = collector.Preview(collector.Plan!.Steps[0], 1);

        Assert.Equal(["003_c.sql", "004_d.sql"], collector.NotReached([first]));
    }

    [Fact]
    public void An_error_of_another_type_is_described_by_one_of_the_model()
    {
        var run = RunCollector.OfFailure(new UnauthorizedAccessException("No."), Origin);

        Assert.Equal("FileAccess", run.Error!.Code);
        Assert.Equal("Error", run.Status);
    }

    private static RunCollector Collector(int accepted) => new(Origin)
    {
        Plan = MigrationPlanner.Plan(
            Folder("001_a.sql", "002_b.sql", "003_c.sql", "004_d.sql"),
            Of("001_a.sql"),
            new PlanRequest { Direction = MigrationDirection.Apply }),
        Accepted = accepted,
    };
}
