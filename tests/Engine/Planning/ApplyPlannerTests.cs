using PgMigrate.History;
using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

public class ApplyPlannerTests
{
    private const string One = "001_a.sql";
    private const string Two = "002_b.sql";
    private const string Three = "003_c.sql";
    private const string Four = "004_d.sql";

    private static readonly PlanRequest All = new() { Direction = MigrationDirection.Apply };

    [Fact]
    public void Everything_pending_is_applied_in_version_order()
    {
        var plan = MigrationPlanner.Plan(Folder("V10__x.sql", "V2__y.sql", "V1__z.sql"), Of("V1__z.sql"), All);

        Assert.Equal("V2__y.sql V10__x.sql", plan.Names());
        Assert.Empty(plan.Problems);
        Assert.False(plan.IsBlocked);
        Assert.Equal(3, plan.Total);
        Assert.All(plan.Steps, step => Assert.Equal(MigrationDirection.Apply, step.Direction));
        Assert.All(plan.Steps, step => Assert.Same(step.Migration!.Up, step.Script));
    }

    [Fact]
    public void Nothing_pending_is_an_empty_plan_without_problems()
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two), Of(One, Two), All);

        Assert.True(plan.IsEmpty);
        Assert.Empty(plan.Problems);
    }

    [Theory]
    [InlineData("2", "001_a.sql 002_b.sql")]
    [InlineData("002", "001_a.sql 002_b.sql")]
    [InlineData("002_b", "001_a.sql 002_b.sql")]
    [InlineData("002_b.sql", "001_a.sql 002_b.sql")]
    [InlineData("4", "001_a.sql 002_b.sql 003_c.sql 004_d.sql")]
    public void A_target_is_inclusive(string target, string steps)
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three, Four), None, All with { Target = target });

        Assert.Equal(steps, plan.Names());
        Assert.Empty(plan.Problems);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "002_b.sql")]
    [InlineData(2, "002_b.sql 003_c.sql")]
    [InlineData(99, "002_b.sql 003_c.sql 004_d.sql")]
    public void Steps_counts_pending_migrations(int steps, string expected)
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three, Four), Of(One), All with { Steps = steps });

        Assert.Equal(expected, plan.Names());
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void Target_and_steps_both_limit() => Assert.Equal(
        "001_a.sql",
        MigrationPlanner.Plan(Folder(One, Two, Three), None, All with { Target = "2", Steps = 1 }).Names());

    [Fact]
    public void Exact_versions_run_in_plan_order_and_applied_ones_among_them_do_not()
    {
        var plan = MigrationPlanner.Plan(
            Folder(One, Two, Three), Of(One), All with { Versions = ["3", "002_b", "1"] });

        Assert.Equal("002_b.sql 003_c.sql", plan.Names());
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void No_exact_version_means_no_step() =>
        Assert.True(MigrationPlanner.Plan(Folder(One), None, All with { Versions = [] }).IsEmpty);

    [Theory]
    [InlineData(OutOfOrderPolicy.Error, "Error:PredecessorSkipped Error:PredecessorSkipped")]
    [InlineData(OutOfOrderPolicy.Warn, "Warning:PredecessorSkipped Warning:PredecessorSkipped")]
    [InlineData(OutOfOrderPolicy.Apply, "")]
    public void A_skipped_predecessor_follows_the_policy(OutOfOrderPolicy policy, string problems)
    {
        var plan = MigrationPlanner.Plan(
            Folder(One, Two, Three, Four), None, All with { Versions = ["3"], OutOfOrder = policy });

        Assert.Equal("003_c.sql", plan.Names());
        Assert.Equal(problems, plan.ProblemCodes());
    }

    [Theory]
    [InlineData(OutOfOrderPolicy.Error, "Error:OutOfOrder")]
    [InlineData(OutOfOrderPolicy.Warn, "Warning:OutOfOrder")]
    [InlineData(OutOfOrderPolicy.Apply, "")]
    public void A_late_file_follows_the_policy(OutOfOrderPolicy policy, string problems)
    {
        var plan = MigrationPlanner.Plan(
            Folder(One, Two, Three, Four), Of(One, Three), All with { OutOfOrder = policy });

        Assert.Equal("002_b.sql 004_d.sql", plan.Names());
        Assert.Equal(problems, plan.ProblemCodes());
    }

    [Fact]
    public void A_late_file_can_allow_being_late()
    {
        var plan = MigrationPlanner.Plan(
            Folder(One, Two + "|-- pgmigrate: out-of-order\nSELECT 1;", Three), Of(One, Three), All);

        Assert.Equal(Two, plan.Names());
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void A_late_file_that_is_not_chosen_is_a_problem_only_when_it_is_skipped()
    {
        var folder = Folder(One, Two, Three, Four);

        Assert.Empty(MigrationPlanner.Plan(folder, Of(One, Three), All with { Steps = 0 }).Problems);
        Assert.Equal(
            "Error:PredecessorSkipped",
            MigrationPlanner.Plan(folder, Of(One, Three), All with { Versions = ["4"] }).ProblemCodes());
    }

    [Fact]
    public void A_changed_file_blocks_and_names_both_checksums()
    {
        var history = Of(One, Two);
        var plan = MigrationPlanner.Plan(Folder(One + "|SELECT 2;", Two, Three), history, All);

        var problem = Assert.Single(plan.Problems);
        Assert.Equal(("ChecksumMismatch", One), (problem.Code, problem.FileName));
        Assert.Contains(history.Entries[0].Checksum, problem.Message, StringComparison.Ordinal);
        Assert.Contains(
            Folder(One + "|SELECT 2;").Migrations[0].Checksum, problem.Message, StringComparison.Ordinal);
        Assert.True(plan.IsBlocked);
        Assert.IsType<Errors.ChecksumMismatchException>(Errors.PlanBlockedException.For(plan.Errors));
    }

    [Theory]
    [InlineData("SELECT 1;\n-- DOWN\nSELECT 3;")]
    [InlineData("SELECT 1;")]
    [InlineData("-- new title\n-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;")]
    public void A_change_outside_up_is_a_warning(string now)
    {
        var plan = MigrationPlanner.Plan(
            Folder($"{One}|{now}", Two), Of(One + "|SELECT 1;\n-- DOWN\nSELECT 2;"), All);

        Assert.Equal("Warning:DownChanged", plan.ProblemCodes());
        Assert.Equal(Two, plan.Names());
    }

    [Fact]
    public void Without_a_recorded_up_checksum_any_change_counts()
    {
        var entry = Of(One + "|SELECT 1;\n-- DOWN\nSELECT 2;").Entries[0] with { UpChecksum = null };

        Assert.Equal(
            "Error:ChecksumMismatch",
            MigrationPlanner.Plan(Folder(One + "|SELECT 1;\n-- DOWN\nSELECT 3;"), OfRows(entry), All).ProblemCodes());
    }

    [Fact]
    public void A_renamed_file_is_a_warning()
    {
        var plan = MigrationPlanner.Plan(Folder("01_new.sql|SELECT 1;", Two), Of(One + "|SELECT 1;"), All);

        Assert.Equal("Warning:FileRenamed", plan.ProblemCodes());
        Assert.Equal(Two, plan.Names());
    }

    [Fact]
    public void A_missing_file_is_a_warning()
    {
        var plan = MigrationPlanner.Plan(Folder(Two), Of(One), All);

        Assert.Equal("Warning:FileMissing", plan.ProblemCodes());
        Assert.Equal(Two, plan.Names());
        Assert.Equal(2, plan.Total);
    }

    [Fact]
    public void An_interrupted_migration_blocks()
    {
        var entry = Of(One).Entries[0] with { State = "interrupted" };

        Assert.Equal("Error:Interrupted", MigrationPlanner.Plan(Folder(One, Two), OfRows(entry), All).ProblemCodes());
    }

    [Theory]
    [InlineData(MigrationDirection.Undo, null, "Error:UndoInterrupted")]
    [InlineData(MigrationDirection.Undo, "2", "Error:UndoInterrupted")]
    [InlineData(MigrationDirection.Undo, "1", "Error:UndoInterrupted")]
    [InlineData(MigrationDirection.Apply, null, "Error:InterruptedChanged")]
    public void An_interrupted_script_is_one_problem(MigrationDirection direction, string? version, string problems)
    {
        const string File = One + "|-- pgmigrate: no-transaction\nSELECT 1;\nSELECT 2;\n-- DOWN\nSELECT 3;\nSELECT 4;";
        var entry = Of(File).Entries[0] with
        {
            State = "interrupted",
            StatementsDone = 1,
            Progress = new ScriptProgress(direction, false, "not that of the first"),
        };

        var plan = MigrationPlanner.Plan(
            Folder(File, Two), OfRows(entry), All with { Versions = version is null ? null : [version] });

        Assert.Equal(problems, plan.ProblemCodes());
        Assert.True(plan.IsBlocked);
    }

    [Fact]
    public void A_version_that_appears_twice_is_planned_once_and_blocks()
    {
        var folder = Folder(One, "1_z.sql");
        var problem = new MigrationProblem { Code = "DuplicateVersion", Message = "twice" };

        var plan = MigrationPlanner.Plan(folder with { Problems = [problem] }, None, All);

        Assert.Single(plan.Steps);
        Assert.True(plan.IsBlocked);
    }

    [Fact]
    public void An_empty_folder_is_an_error() =>
        Assert.Equal("Error:FolderEmpty", MigrationPlanner.Plan(Folder(), None, All).ProblemCodes());

    [Fact]
    public void An_empty_history_in_a_database_with_tables_blocks_unless_it_is_allowed()
    {
        var history = None with { HasUserTables = true };

        Assert.Equal("Error:DatabaseNotEmpty", MigrationPlanner.Plan(Folder(One), history, All).ProblemCodes());
        Assert.Empty(MigrationPlanner.Plan(Folder(One), history, All with { AllowNonEmpty = true }).Problems);
        Assert.Empty(MigrationPlanner.Plan(Folder(One, Two), Of(One) with { HasUserTables = true }, All).Problems);
    }

    [Fact]
    public void A_history_of_the_module_in_another_table_blocks_unless_it_is_allowed()
    {
        var history = None with { OtherTable = "\"s\".\"schema_migrations\"" };

        var problem = Assert.Single(MigrationPlanner.Plan(Folder(One), history, All).Problems);
        Assert.Equal("HistoryElsewhere", problem.Code);
        Assert.Contains(history.OtherTable!, problem.Message, StringComparison.Ordinal);
        Assert.Empty(MigrationPlanner.Plan(Folder(One), history, All with { AllowNonEmpty = true }).Problems);
    }

    [Fact]
    public void A_missing_schema_blocks_unless_it_will_be_created()
    {
        var history = None with { SchemaExists = false };

        Assert.Equal("Error:SchemaNotFound", MigrationPlanner.Plan(Folder(One), history, All).ProblemCodes());
        Assert.Empty(MigrationPlanner.Plan(Folder(One), history, All with { CreateSchema = true }).Problems);
    }

    [Theory]
    [InlineData("9")]
    [InlineData("001")]
    [InlineData("a")]
    public void An_unknown_reference_blocks(string reference)
    {
        var folder = Folder(Two, Three);

        foreach (var request in new[] { All with { Target = reference }, All with { Versions = [reference] } })
        {
            var plan = MigrationPlanner.Plan(folder, None, request);
            Assert.Contains("Error:MigrationNotFound", plan.ProblemCodes(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_reference_that_matches_two_migrations_blocks_and_names_both()
    {
        // The first file's former name is the second one's name now.
        var renamed = EntryOf(1, Folder("1_b.sql|SELECT 1;").Migrations[0]) with { Name = "2_x", FileName = "2_x.sql" };
        var folder = Folder("1_b.sql|SELECT 1;", "2_x.sql");

        var problem = MigrationPlanner.Plan(folder, OfRows(renamed), All with { Target = "2_x" }).Errors[0];

        Assert.Equal("MigrationAmbiguous", problem.Code);
        Assert.Contains("1_b.sql", problem.Message, StringComparison.Ordinal);
        Assert.Contains("2_x.sql", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_already_passed_is_a_warning()
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three), Of(One, Two), All with { Target = "1" });

        Assert.True(plan.IsEmpty);
        Assert.Equal("Warning:TargetPassed", plan.ProblemCodes());
    }

    [Theory]
    [InlineData("2", "")]
    [InlineData("1", "The database is already past this target: 002_b.sql is applied.")]
    public void A_repeatable_file_does_not_count_as_past_a_target(string target, string said)
    {
        var history = Of(One, Two, "R__x.sql").Entries
            .Select(entry => entry.FileName[0] == 'R' ? entry with { Kind = HistoryKind.Repeatable } : entry);

        var plan = MigrationPlanner.Plan(
            Folder(One, Two, "R__x.sql"), OfRows([.. history]), All with { Target = target });

        Assert.StartsWith(said, string.Concat(plan.Problems.Select(problem => problem.Message)), StringComparison.Ordinal);
        Assert.Equal(said.Length > 0 ? 1 : 0, plan.Problems.Count);
    }

    [Fact]
    public void A_script_that_cannot_run_blocks_only_when_it_would_run()
    {
        var folder = Folder(One, Two + "|COMMIT;", Three + "|SELECT 1;\n-- DOWN\nCOMMIT;");

        Assert.Empty(MigrationPlanner.Plan(folder, None, All with { Target = "1" }).Problems);
        // A problem of the undo can still be fixed now, so it is reported.
        Assert.Equal(
            "Warning:TransactionControl",
            MigrationPlanner.Plan(folder, Of(One, Two + "|COMMIT;"), All).ProblemCodes());
        Assert.Equal(
            "Error:TransactionControl Warning:TransactionControl",
            MigrationPlanner.Plan(folder, None, All).ProblemCodes());
    }

    [Theory]
    [InlineData("003_b.sql|SELECT 2;", "Error:FileRenumbered Warning:FileMissing")]
    [InlineData("003_b.sql|SELECT 2; -- again", "Warning:FileMissing")]
    [InlineData("002_new.sql|SELECT 2;", "Warning:FileRenamed")]
    public void An_applied_file_under_another_version_would_run_again(string now, string problems)
    {
        var plan = MigrationPlanner.Plan(Folder(One, now), Of(One, Two + "|SELECT 2;"), All);

        Assert.Equal(problems, string.Join(' ', plan.ProblemCodes().Split(' ').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void All_problems_are_reported_together()
    {
        var folder = Folder(
            One + "|SELECT 'changed';", Two, Three, Four + "|COMMIT;",
            "005_e.sql|SELECT '{{vars.x}}'; COPY t TO STDOUT;",
            "006_f.sql|SELECT 'open");

        var plan = MigrationPlanner.Plan(folder, Of(One, Three, "000_gone.sql"), All);

        Assert.Equal(
            "Error:ChecksumMismatch Error:OutOfOrder Error:TransactionControl Error:PlaceholderInvalid "
                + "Error:CopyNotSupported Error:UnterminatedString Warning:FileMissing",
            plan.ProblemCodes());
        Assert.All(plan.Problems, problem => Assert.NotNull(problem.FileName));
        var message = Errors.PlanBlockedException.For(plan.Errors).Message;
        Assert.All(plan.Errors, problem => Assert.Contains(problem.Message, message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_can_be_limited_to_its_first_steps()
    {
        var plan = MigrationPlanner.Plan(Folder(One, Two, Three), None, All);

        Assert.Equal("001_a.sql 002_b.sql", plan.Until(2).Names());
        Assert.True(plan.Until(0).IsEmpty);
        Assert.Equal(plan.BasedOn, plan.Until(1).BasedOn);
    }
}
