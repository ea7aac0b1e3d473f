namespace PgMigrate.Schema.Diff;

/// <summary>The steps of a plan in one order, the same one each time.</summary>
internal static class NodeSorter
{
    /// <exception cref="ChangeCycleException">The steps wait for each other.</exception>
    public static IReadOnlyList<PlanNode> Sort(IEnumerable<PlanNode> nodes)
    {
        var all = nodes.ToList();
        var waits = all.ToDictionary(n => n, n => n.Before.Count);
        var free = new PriorityQueue<PlanNode, (int, int, string,
            string)>(Comparer<(int, int, string, string)>.Create(Compare));
        foreach (var node in all.Where(n => waits[n] == 0))
        {
            free.Enqueue(node, Priority(node));
        }

        var sorted = new List<PlanNode>(all.Count);
        while (free.TryDequeue(out var node, out _))
        {
            sorted.Add(node);
            foreach (var after in node.After)
            {
                if (--waits[after] == 0)
                {
                    free.Enqueue(after, Priority(after));
                }
            }
        }

        return sorted.Count == all.Count
            ? sorted
            : throw new ChangeCycleException(FindCycle([.. all.Except(sorted)]));
    }

    private static (int, int, string, string) Priority(PlanNode node) => (
        (int)node.Action,
        node.Action == NodeAction.Drop ? -node.Rank : node.Rank,
        node.Pair.Any.Identity,
        node.Pair.Any.Kind);

    private static int Compare((int Action, int Rank, string Name, string Kind) a,
        (int Action, int Rank, string Name, string Kind) b) =>
        a.Action != b.Action ? a.Action - b.Action
        : a.Rank != b.Rank ? a.Rank - b.Rank
        : string.CompareOrdinal(a.Name, b.Name) is var name && name != 0 ? name
        : string.CompareOrdinal(a.Kind, b.Kind);

    private static List<PlanNode> FindCycle(List<PlanNode> left)
    {
        var inside = left.ToHashSet();
        var path = new List<PlanNode>();
        var node = left[0];
        while (!path.Contains(node))
        {
            path.Add(node);
            node = node.Before.First(inside.Contains);
        }

        return path[path.IndexOf(node)..];
    }
}

/// <summary>Steps that wait for each other.</summary>
internal sealed class ChangeCycleException(IReadOnlyList<PlanNode> cycle)
    : InvalidOperationException($"The changes wait for each other: {string.Join(" <- ", cycle)}.")
{
    public IReadOnlyList<PlanNode> Cycle { get; } = cycle;
}
