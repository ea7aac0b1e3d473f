using PgMigrate.Errors;
using PgMigrate.Files;
using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>One version before it has its place in the plan: a file, a row, or both.</summary>
internal readonly record struct DependencyNode(MigrationVersion Version, Migration? Migration, HistoryEntry? Entry)
{
    public string FileName => Migration?.FileName ?? Entry!.FileName;

    /// <summary>
    /// Its dependencies: the recorded ones when it is applied, those of the file while it is pending.
    /// </summary>
    public IReadOnlyList<string> DependsOn =>
        Migration is null || Entry is { IsInterrupted: false, Kind: not HistoryKind.Repeatable }
            ? Entry!.DependsOn
            : Migration.DependsOn;

    public bool IsPending => Entry is null;
}

/// <summary>The dependencies of a module's nodes, as positions among them.</summary>
/// <param name="Needs">For each node the nodes it depends on; null when no node has any.</param>
/// <param name="Problems">Missing and circular dependencies.</param>
/// <param name="Order">Positions in plan order: dependencies first, then by version.</param>
internal sealed record DependencyResult(
    IReadOnlyList<IReadOnlyList<int>> Needs, IReadOnlyList<MigrationProblem> Problems, IReadOnlyList<int> Order)
{
    /// <summary>True when there are no dependencies, as in most folders: nothing to look up.</summary>
    public bool IsPlain => Needs.Count == 0;
}

/// <summary>Sorts dependencies before their dependents, otherwise by version; pure.</summary>
internal static class DependencyOrder
{
    /// <summary>Code of a dependency that only another module can satisfy.</summary>
    public const string OtherModuleMissing = ErrorCodes.ModuleDependencyMissing;

    private static readonly IReadOnlyList<int> Nothing = [];

    /// <summary>Sorts nodes that are in version order.</summary>
    public static DependencyResult Sort(
        IReadOnlyList<DependencyNode> nodes, IReadOnlyCollection<ModuleMigration> otherModules)
    {
        if (!nodes.Any(node => node.DependsOn.Count > 0))
        {
            return new DependencyResult([], [], [.. Enumerable.Range(0, nodes.Count)]);
        }

        var problems = new List<MigrationProblem>();
        var lookup = new NodeLookup(nodes, otherModules);
        var needs = nodes.Select(node => lookup.Resolve(node, problems)).ToList();
        var order = Arrange(needs);
        if (order.Count < nodes.Count)
        {
            problems.Add(DescribeCircle(nodes, needs, order));
            order.AddRange(Enumerable.Range(0, nodes.Count).Except(order).ToList());
        }

        return new DependencyResult(needs, problems, order);
    }

    /// <summary>The dependencies of a plan's steps on other modules that are no longer satisfied.</summary>
    public static IReadOnlyList<MigrationProblem> FindMissingElsewhere(MigrationPlan plan, HistorySnapshot now)
    {
        if (plan.Folder.OtherModules.Count == 0)
        {
            return [];
        }

        var planned = plan.Steps.Select(step => step.FileName).ToHashSet(StringComparer.Ordinal);
        return MigrationComparison.Of(plan.Folder.Migrations, now).Problems
            .Where(problem => problem.Code == OtherModuleMissing && planned.Contains(problem.FileName!))
            .ToList();
    }

    // Among the candidates the lowest version comes first: two runs over one folder have one order.
    private static List<int> Arrange(List<IReadOnlyList<int>> needs)
    {
        var neededBy = needs.SelectMany((of, node) => of.Select(need => (need, node)))
            .ToLookup(pair => pair.need, pair => pair.node);
        var open = needs.ConvertAll(of => of.Count);
        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < needs.Count; i++)
        {
            if (open[i] == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var order = new List<int>(needs.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(next);
            foreach (var node in neededBy[next])
            {
                if (--open[node] == 0)
                {
                    ready.Enqueue(node, node);
                }
            }
        }

        return order;
    }

    private static MigrationProblem DescribeCircle(
        IReadOnlyList<DependencyNode> nodes, List<IReadOnlyList<int>> needs, List<int> placed)
    {
        var left = Enumerable.Range(0, nodes.Count).Except(placed).ToHashSet();
        var path = new List<int> { left.Min() };
        while (true)
        {
            // A node that could not be placed depends on another one that could not be placed.
            var next = needs[path[^1]].First(left.Contains);
            var start = path.IndexOf(next);
            path.Add(next);
            if (start >= 0)
            {
                var chain = string.Join(" depends on ", path.Skip(start).Select(node => nodes[node].FileName));
                return new MigrationProblem
                {
                    Code = ErrorCodes.DependencyCycle,
                    FileName = nodes[next].FileName,
                    FilePath = nodes[next].Migration?.FilePath,
                    Message = $"The dependencies are circular: {chain}. Delete one of these '-- Depends:' lines.",
                };
            }
        }
    }

    private sealed class NodeLookup
    {
        private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
        private readonly Dictionary<MigrationVersion, int> _byVersion = [];
        private readonly ILookup<string, ModuleMigration> _others;

        public NodeLookup(IReadOnlyList<DependencyNode> nodes, IReadOnlyCollection<ModuleMigration> otherModules)
        {
            _others = otherModules.ToLookup(other => other.Module, StringComparer.Ordinal);
            for (var i = 0; i < nodes.Count; i++)
            {
                _byVersion.TryAdd(nodes[i].Version, i);
                AddNames(nodes[i].Migration?.Name, nodes[i].Migration?.FileName, i);
                AddNames(nodes[i].Entry?.Name, nodes[i].Entry?.FileName, i);
            }
        }

        public IReadOnlyList<int> Resolve(DependencyNode node, List<MigrationProblem> problems)
        {
            if (node.DependsOn.Count == 0)
            {
                return Nothing;
            }

            var found = new List<int>();
            foreach (var reference in node.DependsOn)
            {
                if (Find(reference) is { } index)
                {
                    found.Add(index);
                }
                else if (node.IsPending && !IsAppliedElsewhere(reference))
                {
                    problems.Add(Missing(node, reference));
                }
            }

            return found;
        }

        private void AddNames(string? name, string? fileName, int index)
        {
            if (name is not null && fileName is not null)
            {
                _byName.TryAdd(NormalName.Of(name), index);
                _byName.TryAdd(NormalName.Of(fileName), index);
            }
        }

        private int? Find(string reference) =>
            _byName.TryGetValue(NormalName.Of(reference), out var index)
            || (MigrationVersion.TryParse(reference, out var version) && _byVersion.TryGetValue(version, out index))
                ? index
                : null;

        private bool IsAppliedElsewhere(string reference)
        {
            var colon = reference.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 && _others[reference[..colon]].Any(other => MigrationReference.Matches(
                reference[(colon + 1)..].Trim(), MigrationVersion.FromStored(other.Version), other.Name,
                other.FileName));
        }

        private static MigrationProblem Missing(DependencyNode node, string reference) => new()
        {
            Code = reference.Contains(':', StringComparison.Ordinal) ? OtherModuleMissing
                : ErrorCodes.DependencyMissing,
            FileName = node.FileName,
            FilePath = node.Migration?.FilePath,
            Message = reference.Contains(':', StringComparison.Ordinal)
                ? $"It depends on '{reference}', which is not applied in this tracking table. Apply that module first."
                : $"It depends on '{reference}', which is neither in the folder nor in the history. Fix its '-- "
                    + "Depends:' line (names or versions, separated by commas; a note goes in parentheses), or add the "
                    + "file.",
        };
    }
}
