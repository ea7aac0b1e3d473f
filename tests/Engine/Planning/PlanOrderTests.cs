using PgMigrate.Folders;
using PgMigrate.Planning;
using PgMigrate.Tests.Infrastructure;
using Xunit;

namespace PgMigrate.Tests.Planning;

/// <summary>One folder has one order, however often it is read. The benchmark measures the speed.</summary>
public class PlanOrderTests
{
    [Fact]
    public async Task Two_thousand_files_with_random_dependencies_have_the_same_order_twice()
    {
        const int Count = 2000;
        var random = new Random(20251025);
        var byRank = Enumerable.Range(1, Count).ToArray();
        random.Shuffle(byRank);
        // Needs point at lower ranks only: so there is no circle.
        var needs = byRank.Select((number, rank) => (number, of: Enumerable.Range(0, rank == 0 ? 0 : random.Next(4))
            .Select(_ => byRank[random.Next(rank)]).Distinct().ToArray())).ToDictionary(pair => pair.number, pair => pair.of);
        using var folder = new TestFolder(needs.Select(pair =>
            ($"{pair.Key:D4}_m.sql", $"-- Depends: {string.Join(", ", pair.Value)}\nSELECT {pair.Key};")));

        var first = await PlanAsync(folder.FullPath);
        var second = await PlanAsync(folder.FullPath);

        Assert.Empty(first.Problems);
        Assert.Equal(first.Names(), second.Names());
        var order = first.Steps.Select(step => int.Parse(step.Version.Text, null)).ToList();
        Assert.Equal(Count, order.Count);
        Assert.NotEqual(order.Order(), order);
        var place = order.Select((number, index) => (number, index)).ToDictionary(pair => pair.number, pair => pair.index);
        Assert.All(needs, pair => Assert.All(pair.Value, need => Assert.True(place[need] < place[pair.Key])));
    }

    [RealDataFact]
    public async Task Real_folders_have_the_same_order_twice_and_it_is_that_of_their_versions()
    {
        foreach (var name in new[] { "harbor", "supabase-auth" })
        {
            var path = Path.Combine(RealData.Folder!, name);

            var first = await PlanAsync(path);
            var second = await PlanAsync(path);

            Assert.NotEmpty(first.Steps);
            Assert.Equal(first.Names(), second.Names());
            Assert.Equal(first.Steps.Select(step => step.Version).Order(), first.Steps.Select(step => step.Version));
        }
    }

    private static async Task<MigrationPlan> PlanAsync(string folder) => MigrationPlanner.Plan(
        await MigrationFolder.ReadAsync(folder, false, CancellationToken.None), InMemory.None, Sandbox.Apply);
}
