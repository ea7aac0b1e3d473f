using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Records;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Records;

public class RecordPlannerTests
{
    private static readonly HistoryTable Table = new("public", "schema_migrations");

    [Theory]
    [InlineData("remove", "1", "", "DeleteRow 001_a.sql")]
    [InlineData("remove", "001_a 1 001_a.sql", "", "DeleteRow 001_a.sql")]
    [InlineData("remove", "2 1", "", "DeleteRow 002_b.sql, DeleteRow 001_a.sql")]
    [InlineData("remove", "3", "MigrationNotFound", "")]
    [InlineData("remove", "1 nope", "MigrationNotFound", "")]
    [InlineData("applied", "3", "", "WriteAppliedRow 003_c.sql")]
    [InlineData("applied", "2", "", "WriteAppliedRow 002_b.sql over 2")]
    [InlineData("applied", "1", "AlreadyApplied", "")]
    [InlineData("applied", "4", "AlreadyApplied", "")]
    [InlineData("applied", "3 1 4", "AlreadyApplied AlreadyApplied", "")]
    [InlineData("applied", "5", "FileMissing", "")]
    [InlineData("applied", "nope", "MigrationNotFound", "")]
    [InlineData("pending", "2", "", "DeleteInterruptedRow 002_b.sql")]
    [InlineData("pending", "1", "NotInterrupted", "")]
    [InlineData("pending", "3", "NotInterrupted", "")]
    public void A_change_writes_these_rows_or_is_blocked_by_these_problems(
        string kind, string versions, string problems, string edits)
    {
        var plan = Plan(Change(kind, versions.Split(' ')), History());

        Assert.Equal(problems, string.Join(' ', plan.Problems.Select(problem => problem.Code)));
        Assert.Equal(edits, string.Join(", ", plan.Edits.Select(Describe)));
        Assert.Equal(problems.Length > 0, plan.IsBlocked);
    }

    [Theory]
    [InlineData("remove", "table DELETE", "HistoryWriteDenied")]
    [InlineData("remove", "table UPDATE", "")]
    [InlineData("applied", "table UPDATE", "HistoryWriteDenied")]
    [InlineData("applied", "table DELETE", "")]
    [InlineData("pending", "table DELETE", "HistoryWriteDenied")]
    public void A_change_needs_the_rights_of_what_it_writes(string kind, string missing, string code)
    {
        var history = History() with { Access = new HistoryAccess { Role = "app", Missing = [missing] } };

        var plan = Plan(Change(kind, ["2"]), history);

        Assert.Equal(code, string.Join(' ', plan.Problems.Select(problem => problem.Code)));
        Assert.Equal(code.Length > 0, plan.Edits.Count == 0);
    }

    [Fact]
    public void Each_obstacle_has_its_exception()
    {
        var denied = History() with { Access = new HistoryAccess { Role = "app", Missing = ["table DELETE"] } };

        Assert.Throws<MigrationNotFoundException>(Plan(new RemoveRecords(["nope"]), History()).Require);
        Assert.Throws<InitializationException>(Plan(new RemoveRecords(["1"]), denied).Require);
        Assert.Throws<PlanBlockedException>(Plan(new MarkPending(["1"], "x"), History()).Require);
        Plan(new RemoveRecords(["1"]), History()).Require();
    }

    [Fact]
    public void A_plan_has_the_fingerprint_of_its_history()
    {
        var history = History();
        var later = OfRows([.. history.Entries, .. Of("009_z.sql").Entries]);

        Assert.Equal(history.Fingerprint, Plan(new RemoveRecords(["1"]), history).BasedOn);
        Assert.NotEqual(history.Fingerprint, Plan(new RemoveRecords(["1"]), later).BasedOn);
    }

    [Fact]
    public void A_baseline_writes_the_steps_that_the_planner_has_chosen()
    {
        var request = new PlanRequest { Direction = MigrationDirection.Apply, Baseline = "2" };
        var plan = MigrationPlanner.Plan(Folder("001_a.sql", "002_b.sql", "003_c.sql"), None, request);

        var records = RecordPlanner.Baseline(plan, plan.Steps);

        Assert.Equal(
            "WriteBaselineRow 001_a.sql, WriteBaselineRow 002_b.sql", string.Join(", ", records.Edits.Select(Describe)));
        Assert.Equal(plan.BasedOn, records.BasedOn);
    }

    // 1 is applied, 2 is interrupted, 3 is pending, 4 has changed, the file of 5 is gone.
    private static HistorySnapshot History()
    {
        var rows = Of("001_a.sql", "002_b.sql", "004_d.sql|SELECT 0;", "005_e.sql").Entries;
        return OfRows(rows[0], rows[1] with { State = "interrupted" }, rows[2], rows[3]);
    }

    private static RecordPlan Plan(RecordChange change, HistorySnapshot history) =>
        new RecordPlanner(
            Folder("001_a.sql", "002_b.sql", "003_c.sql", "004_d.sql").Migrations, Table, "default").Plan(change, history);

    private static RecordChange Change(string kind, string[] versions) => kind switch
    {
        "remove" => new RemoveRecords(versions),
        "applied" => new MarkApplied(versions, "by hand"),
        _ => new MarkPending(versions, "by hand"),
    };

    private static string Describe(RecordEdit edit) => edit switch
    {
        DeleteRow row => $"DeleteRow {row.Entry.FileName}",
        WriteAppliedRow { Entry: { } entry } row => $"WriteAppliedRow {row.Migration.FileName} over {entry.Id}",
        WriteAppliedRow row => $"WriteAppliedRow {row.Migration.FileName}",
        DeleteInterruptedRow row => $"DeleteInterruptedRow {row.Entry.FileName}",
        WriteBaselineRow row => $"WriteBaselineRow {row.Migration.FileName}",
        _ => edit.ToString(),
    };
}
