using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using Xunit;
using static PgMigrate.Tests.Infrastructure.InMemory;

namespace PgMigrate.Tests.Planning;

/// <summary>Small graphs, written as edges: "2>1" lets the second file depend on the first.</summary>
public class DependencyOrderTests
{
    private static readonly PlanRequest All = new() { Direction = MigrationDirection.Apply };

    [Theory]
    [InlineData("", "1_a.sql 2_b.sql 3_c.sql 4_d.sql")]
    [InlineData("1>3", "2_b.sql 3_c.sql 1_a.sql 4_d.sql")]
    [InlineData("1>4,2>3", "3_c.sql 2_b.sql 4_d.sql 1_a.sql")]
    [InlineData("1>2,2>3,3>4", "4_d.sql 3_c.sql 2_b.sql 1_a.sql")]
    [InlineData("4>1,4>2,3>1", "1_a.sql 2_b.sql 3_c.sql 4_d.sql")]
    [InlineData("2>4,2>4_d,2>4_d.sql", "1_a.sql 3_c.sql 4_d.sql 2_b.sql")]
    public void Dependencies_come_first_and_versions_break_ties(string edges, string order)
    {
        var plan = MigrationPlanner.Plan(Files(edges), None, All);

        Assert.Equal(order, plan.Names());
        Assert.Empty(plan.Problems);
    }

    [Theory]
    [InlineData("1>9", "'9'", "DependencyMissing")]
    [InlineData("2>nothing", "'nothing'", "DependencyMissing")]
    [InlineData("2>_c", "'_c'", "DependencyMissing")]
    [InlineData("3>billing:1", "'billing:1'", "ModuleDependencyMissing")]
    public void A_missing_dependency_blocks_and_is_named(string edge, string named, string code)
    {
        var problem = Assert.Single(MigrationPlanner.Plan(Files(edge), None, All).Problems);

        Assert.Equal((code, nameof(ProblemSeverity.Error)), (problem.Code, problem.Severity));
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith(edge[..1], problem.FileName, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1>1", "1_a.sql depends on 1_a.sql")]
    [InlineData("1>2,2>1", "1_a.sql depends on 2_b.sql depends on 1_a.sql")]
    [InlineData("4>2,2>3,3>2", "2_b.sql depends on 3_c.sql depends on 2_b.sql")]
    public void A_circular_dependency_blocks_and_its_chain_is_named(string edges, string chain)
    {
        var problem = Assert.Single(MigrationPlanner.Plan(Files(edges), None, All).Errors);

        Assert.Equal("DependencyCycle", problem.Code);
        Assert.Contains(chain, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_late_when_it_sorts_before_an_applied_one_in_plan_order()
    {
        var folder = Files("1>3"); // the plan order is 2, 3, 1, 4

        Assert.Empty(MigrationPlanner.Plan(folder, Applied(folder, 2, 3), All).Problems);
        Assert.Equal("Error:OutOfOrder", MigrationPlanner.Plan(folder, Applied(folder, 3), All).ProblemCodes());
    }

    [Fact]
    public void A_choice_must_include_its_dependencies()
    {
        var plan = MigrationPlanner.Plan(
            Files("3>1"), None, All with { Versions = ["3"], OutOfOrder = OutOfOrderPolicy.Apply });

        Assert.Equal("Error:DependencyNotChosen", plan.ProblemCodes());
    }

    [Fact]
    public void A_target_includes_its_dependencies() => Assert.Equal(
        "2_b.sql 3_c.sql 1_a.sql", MigrationPlanner.Plan(Files("1>3"), None, All with { Target = "1" }).Names());

    private static MigrationFolderContent Files(string edges)
    {
        var needs = edges.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(edge => edge.Split('>'))
            .ToLookup(edge => edge[0], edge => edge[1]);
        return Folder(new[] { "1_a", "2_b", "3_c", "4_d" }
            .Select(name => $"{name}.sql|-- Depends: {string.Join(", ", needs[name[..1]])}\nSELECT {name[..1]};")
            .ToArray());
    }

    private static HistorySnapshot Applied(MigrationFolderContent folder, params int[] versions) => OfRows(
        versions.Select((version, index) => EntryOf(index + 1, folder.Migrations[version - 1])).ToArray());
}
