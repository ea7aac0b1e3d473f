using PgMigrate.History;
using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

public class DependencyTests
{
    private static readonly PlanRequest Apply = new() { Direction = MigrationDirection.Apply };
    private static readonly PlanRequest Undo = new() { Direction = MigrationDirection.Undo };

    [Theory]
    [InlineData("003_c")]
    [InlineData("003_c.sql")]
    [InlineData("3")]
    [InlineData("0003")]
    public void Dependencies_run_first(string reference)
    {
        var plan = MigrationPlanner.Plan(
            Folder($"001_a.sql|-- Depends: {reference}\nSELECT 1;", "002_b.sql", "003_c.sql"), None, Apply);

        Assert.Empty(plan.Problems);
        Assert.Equal("002_b.sql 003_c.sql 001_a.sql", plan.Names());
    }

    [Fact]
    public void A_missing_dependency_names_both()
    {
        var plan = MigrationPlanner.Plan(Folder("001_a.sql|-- Depends: 009_ghost\nSELECT 1;"), None, Apply);

        var problem = Assert.Single(plan.Errors);
        Assert.Equal(("DependencyMissing", "001_a.sql"), (problem.Code, problem.FileName));
        Assert.Contains("009_ghost", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_is_named_member_by_member()
    {
        var plan = MigrationPlanner.Plan(
            Folder(
                "001_a.sql|-- Depends: 002_b\nSELECT 1;", "002_b.sql|-- Depends: 3\nSELECT 1;",
                "003_c.sql|-- Depends: 001_a\nSELECT 1;", "004_d.sql|-- Depends: 1\nSELECT 1;"),
            None,
            Apply);

        var problem = Assert.Single(plan.Errors);
        Assert.Equal("DependencyCycle", problem.Code);
        Assert.Contains(
            "001_a.sql depends on 002_b.sql depends on 003_c.sql depends on 001_a.sql", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_depends_on_itself_is_circular() => Assert.Equal(
        "Error:DependencyCycle",
        MigrationPlanner.Plan(Folder("001_a.sql|-- Depends: 1\nSELECT 1;"), None, Apply).ProblemCodes());

    [Fact]
    public void A_removed_file_satisfies_a_dependency_while_it_is_applied()
    {
        var plan = MigrationPlanner.Plan(
            Folder("002_b.sql|-- Depends: 001_gone\nSELECT 1;"), Of("001_gone.sql"), Apply);

        Assert.Empty(plan.Errors);
        Assert.Equal("002_b.sql", plan.Names());
    }

    [Theory]
    [InlineData("auth:001_users", true)]
    [InlineData("auth: 1", true)]
    [InlineData("auth:002_roles", false)]
    [InlineData("billing:001_users", false)]
    public void A_dependency_on_another_module_must_be_applied_there(string reference, bool isMet)
    {
        var history = None with { OtherModules = [new ModuleMigration("auth", "1", "001_users", "001_users.sql")] };

        var plan = MigrationPlanner.Plan(Folder($"001_a.sql|-- Depends: {reference}\nSELECT 1;"), history, Apply);

        Assert.Equal(isMet ? "" : "Error:ModuleDependencyMissing", plan.ProblemCodes());
    }

    [Fact]
    public void A_pending_file_that_plan_order_puts_last_is_not_late()
    {
        // By version 001 is before the applied 002; its dependency puts it after it.
        var plan = MigrationPlanner.Plan(
            Folder("001_a.sql|-- Depends: 2\nSELECT 1;", "002_b.sql"), Of("002_b.sql"), Apply);

        Assert.Empty(plan.Problems);
        Assert.Equal("001_a.sql", plan.Names());
    }

    [Fact]
    public void A_target_applies_its_dependencies()
    {
        var folder = Folder("001_a.sql|-- Depends: 3\nSELECT 1;", "002_b.sql", "003_c.sql", "004_d.sql");

        var plan = MigrationPlanner.Plan(folder, None, Apply with { Target = "1" });

        Assert.Equal("002_b.sql 003_c.sql 001_a.sql", plan.Names());
    }

    [Fact]
    public void An_exact_choice_must_include_its_dependencies()
    {
        var folder = Folder("001_a.sql", "002_b.sql|-- Depends: 1\nSELECT 1;");
        var request = Apply with { Versions = ["2"], OutOfOrder = OutOfOrderPolicy.Apply };

        Assert.Equal("Error:DependencyNotChosen", MigrationPlanner.Plan(folder, None, request).ProblemCodes());
        Assert.Empty(MigrationPlanner.Plan(folder, Of("001_a.sql"), request).Problems);
    }

    [Fact]
    public void Undo_is_refused_for_a_dependency_of_an_applied_migration()
    {
        string[] files =
        [
            "001_a.sql|SELECT 1;\n-- DOWN\nSELECT -1;",
            "002_b.sql|-- Depends: 001_a\nSELECT 2;\n-- DOWN\nSELECT -2;",
        ];

        var alone = MigrationPlanner.Plan(Folder(files), Of(files), Undo with { Versions = ["1"] });
        var both = MigrationPlanner.Plan(Folder(files), Of(files), Undo with { Versions = ["1", "2"] });

        Assert.Equal("Error:StillNeeded", alone.ProblemCodes());
        Assert.Contains("001_a.sql", alone.Errors[0].Message, StringComparison.Ordinal);
        Assert.Empty(both.Problems);
        Assert.Equal("002_b.sql 001_a.sql", both.Names());
    }

    [Fact]
    public void Undo_knows_the_dependencies_of_a_file_that_is_gone()
    {
        var first = "001_a.sql|SELECT 1;\n-- DOWN\nSELECT -1;";
        var gone = EntryOf(2, Folder("002_b.sql|SELECT 2;").Migrations[0]) with { DependsOn = ["001_a"] };
        var history = OfRows(Of(first).Entries[0], gone);

        Assert.Equal(
            "Error:StillNeeded",
            MigrationPlanner.Plan(Folder(first), history, Undo with { Versions = ["1"] }).ProblemCodes());
    }
}
