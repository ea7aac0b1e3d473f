using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

public class UndoPlannerTests
{
    private const string One = "001_a.sql|SELECT 1;\n-- DOWN\nSELECT -1;";
    private const string Two = "002_b.sql|SELECT 2;\n-- DOWN\nSELECT -2;";
    private const string Three = "003_c.sql|SELECT 3;\n-- DOWN\nSELECT -3;";

    private static readonly PlanRequest Default = new() { Direction = MigrationDirection.Undo };

    [Theory]
    [InlineData(null, "003_c.sql")]
    [InlineData(0, "")]
    [InlineData(2, "003_c.sql 002_b.sql")]
    [InlineData(99, "003_c.sql 002_b.sql 001_a.sql")]
    public void The_newest_is_undone_first_and_one_step_is_the_default(int? steps, string expected)
    {
        var plan = MigrationPlanner.Plan(
            Folder(One, Two, Three), Of(One, Two, Three), Default with { Steps = steps });

        Assert.Equal(expected, plan.Names());
        Assert.Empty(plan.Problems);
        Assert.All(plan.Steps, step => Assert.NotNull(step.Entry));
        Assert.All(plan.Steps, step => Assert.Same(step.Migration!.Down, step.Script));
    }

    [Fact]
    public void Nothing_applied_is_nothing_to_undo()
    {
        Assert.True(MigrationPlanner.Plan(Folder(One), None, Default).IsEmpty);
        Assert.Empty(MigrationPlanner.Plan(Folder(One), None, Default with { All = true }).Problems);
    }

    [Fact]
    public void All_undoes_everything() => Assert.Equal(
        "003_c.sql 002_b.sql 001_a.sql",
        MigrationPlanner.Plan(Folder(One, Two, Three), Of(One, Two, Three), Default with { All = true }).Names());

    [Theory]
    [InlineData("1", "003_c.sql 002_b.sql")]
    [InlineData("002_b", "003_c.sql")]
    [InlineData("3", "")]
    public void A_target_stays_applied(string target, string expected) => Assert.Equal(
        expected,
        MigrationPlanner.Plan(Folder(One, Two, Three), Of(One, Two, Three), Default with { Target = target }).Names());

    [Fact]
    public void Exact_versions_are_undone_newest_first() => Assert.Equal(
        "003_c.sql 001_a.sql",
        MigrationPlanner.Plan(
            Folder(One, Two, Three), Of(One, Two, Three), Default with { Versions = ["1", "003"] }).Names());

    [Theory]
    [InlineData(1, null, "003_c.sql")]
    [InlineData(0, null, "")]
    [InlineData(9, null, "003_c.sql 001_a.sql")]
    [InlineData(null, "1", "003_c.sql")]
    [InlineData(null, "3", "")]
    public void Steps_and_target_limit_exact_versions(int? steps, string? target, string expected) =>
        Assert.Equal(
            expected,
            MigrationPlanner.Plan(
                Folder(One, Two, Three),
                Of(One, Two, Three),
                Default with { Versions = ["1", "003"], Steps = steps, Target = target }).Names());

    [Theory]
    [InlineData("001_a", true)]
    [InlineData("001_a.sql", true)]
    [InlineData("1", true)]
    [InlineData("2", false)]
    public void A_dependency_of_another_module_is_not_undone(string needs, bool isNeeded)
    {
        var history = Of(One) with { Dependents = [new("orders", "7", "007_orders.sql", needs)] };

        var plan = MigrationPlanner.Plan(Folder(One), history, Default);

        Assert.Equal(isNeeded ? "Error:StillNeeded" : "", plan.ProblemCodes());
        Assert.All(plan.Errors, problem => Assert.Contains(
            "Undo-PgMigration -Module orders -Version 7", problem.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_dependency_that_was_removed_from_an_applied_file_still_counts()
    {
        const string Needy = "002_b.sql|-- Depends: 001_a\nSELECT 2;\n-- DOWN\nSELECT -2;";

        var plan = MigrationPlanner.Plan(Folder(One, Two), Of(One, Needy), Default with { Versions = ["1"] });

        Assert.Equal("Error:StillNeeded", plan.ProblemCodes());
    }

    [Theory]
    [InlineData("2", "NotApplied")]
    [InlineData("7", "MigrationNotFound")]
    public void Only_an_applied_migration_can_be_named_for_undo(string reference, string code)
    {
        foreach (var request in new[] { Default with { Target = reference }, Default with { Versions = [reference] } })
        {
            var plan = MigrationPlanner.Plan(Folder(One, Two), Of(One), request);
            Assert.True(plan.IsEmpty);
            Assert.Equal($"Error:{code}", plan.ProblemCodes());
        }
    }

    [Fact]
    public void Undo_goes_in_reverse_applied_order_not_in_version_order()
    {
        var history = Of(One, Three, Two); // the second one came late

        Assert.Equal(
            "002_b.sql 003_c.sql 001_a.sql",
            MigrationPlanner.Plan(Folder(One, Two, Three), history, Default with { All = true }).Names());
        Assert.Equal("002_b.sql", MigrationPlanner.Plan(Folder(One, Two, Three), history, Default).Names());
    }

    [Theory]
    [InlineData("SELECT 1;\n-- DOWN\nSELECT -9;")]
    [InlineData("SELECT 1;")]
    public void A_file_whose_down_differs_from_the_record_needs_a_choice(string now)
    {
        var plan = MigrationPlanner.Plan(Folder($"001_a.sql|{now}"), Of(One), Default);

        Assert.True(plan.IsEmpty);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal("UndoDiffers", problem.Code);
        Assert.Contains("-UndoSource File", problem.Message, StringComparison.Ordinal);
        Assert.Contains("-UndoSource Recorded", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_down_that_was_added_later_needs_a_choice() => Assert.Equal(
        "Error:UndoDiffers", MigrationPlanner.Plan(Folder(One), Of("001_a.sql|SELECT 1;"), Default).ProblemCodes());

    [Theory]
    [InlineData(UndoSource.File, "SELECT -9;", false)]
    [InlineData(UndoSource.Recorded, "SELECT -1;", true)]
    public void The_undo_source_decides_which_text_runs(UndoSource source, string sql, bool isRecorded)
    {
        var plan = MigrationPlanner.Plan(
            Folder("001_a.sql|SELECT 1;\n-- DOWN\nSELECT -9;"), Of(One), Default with { UndoSource = source });

        Assert.Empty(plan.Problems);
        var step = Assert.Single(plan.Steps);
        Assert.Equal(sql, Assert.Single(step.Script.Held!).Text);
        Assert.Equal(isRecorded, step.IsRecordedScript);
        Assert.Equal(isRecorded, step.FilePath is null);
    }

    [Theory]
    [InlineData(UndoSource.Unspecified, "")]
    [InlineData(UndoSource.Recorded, "")]
    [InlineData(UndoSource.File, "Error:NoUndo")]
    public void A_file_that_is_gone_is_undone_from_its_record(UndoSource source, string problems)
    {
        var plan = MigrationPlanner.Plan(Folder(Two), Of(One), Default with { UndoSource = source });

        Assert.Equal(problems, plan.ProblemCodes());
        Assert.Equal(problems.Length == 0, plan.Steps is [{ IsRecordedScript: true, FileName: "001_a.sql" }]);
    }

    [Theory]
    [InlineData(UndoSource.Unspecified)]
    [InlineData(UndoSource.File)]
    [InlineData(UndoSource.Recorded)]
    public void One_migration_without_a_down_blocks_all(UndoSource source)
    {
        const string Bare = "002_b.sql|SELECT 2;";

        var plan = MigrationPlanner.Plan(
            Folder(One, Bare, Three), Of(One, Bare, Three), Default with { All = true, UndoSource = source });

        Assert.True(plan.IsBlocked);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal(("NoUndo", "002_b.sql"), (problem.Code, problem.FileName));
    }

    [Fact]
    public void Without_a_down_in_file_and_record_there_is_no_undo() => Assert.Equal(
        "Error:NoUndo", MigrationPlanner.Plan(Folder(Two), Of("001_a.sql|SELECT 1;"), Default).ProblemCodes());

    [Fact]
    public void A_down_that_cannot_run_blocks_only_when_it_would_run()
    {
        const string Bad = "001_a.sql|SELECT 1;\n-- DOWN\nCOMMIT;";
        var folder = Folder(Bad, Two);

        Assert.Empty(MigrationPlanner.Plan(folder, Of(Bad, Two), Default).Problems);
        Assert.Equal(
            "Error:TransactionControl",
            MigrationPlanner.Plan(folder, Of(Bad, Two), Default with { All = true }).ProblemCodes());
    }

    [Fact]
    public void A_recorded_down_that_cannot_be_split_blocks()
    {
        var entry = Of(One).Entries[0] with { UndoSql = "DROP TABLE a; SELECT 'open" };

        Assert.Equal(
            "Error:UnterminatedString", MigrationPlanner.Plan(Folder(Two), OfRows(entry), Default).ProblemCodes());
    }

    [Fact]
    public void A_file_that_is_broken_now_blocks_only_its_own_undo()
    {
        const string Broken = "001_a.sql|SELECT 1;\n-- DOWN\nSELECT -1; SELECT 'open";
        var folder = Folder(Broken, Two, "004_new.sql|SELECT 'open");

        Assert.Empty(MigrationPlanner.Plan(folder, Of(One, Two), Default).Problems);
        Assert.Equal(
            "Error:UnterminatedString",
            MigrationPlanner.Plan(
                folder, Of(One, Two), Default with { All = true, UndoSource = UndoSource.File }).ProblemCodes());
    }

    [Fact]
    public void A_changed_up_does_not_block_the_undo() => Assert.Empty(
        MigrationPlanner.Plan(Folder("001_a.sql|SELECT 'x';\n-- DOWN\nSELECT -1;"), Of(One), Default).Problems);

    [Fact]
    public void The_other_writers_of_the_table_are_kept_for_the_prompt() => Assert.Equal(
        ["intern"], MigrationPlanner.Plan(Folder(), Of(One) with { OtherWriters = ["intern"] }, Default).OtherWriters);
}
