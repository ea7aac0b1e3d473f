using PgMigrate.Schema.Catalog;

namespace PgMigrate.Schema.Diff;

/// <summary>
/// Which objects are dropped, altered and created, and in which order: what depends on an object is gone before it
/// goes,
/// and is made after it is there. Pure; no kind of object is named here.
/// </summary>
internal sealed partial class ChangePlanner
{
    private readonly IDdlRules _rules;
    private readonly IReadOnlyList<ObjectPair> _pairs;
    private readonly Dictionary<CatalogObject, ObjectPair> _pairOf = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<CatalogObject, List<CatalogObject>> _dependents =
        new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<ObjectPair, (ChangeWay Way,
        bool Forced)> _changes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ObjectPair, PlanNode> _creates = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ObjectPair, PlanNode> _drops = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ObjectPair, PlanNode> _alters = new(ReferenceEqualityComparer.Instance);

    private ChangePlanner(IDdlRules rules, IReadOnlyList<ObjectPair> pairs)
    {
        _rules = rules;
        _pairs = pairs;
        foreach (var pair in pairs)
        {
            if (pair.Old is { } old)
            {
                _pairOf[old] = pair;
                foreach (var other in old.DependsOn)
                {
                    if (!_dependents.TryGetValue(other, out var list))
                    {
                        _dependents[other] = list = [];
                    }

                    list.Add(old);
                }
            }

            if (pair.New is { } wanted)
            {
                _pairOf[wanted] = pair;
            }
        }
    }

    /// <summary>The steps, in the order in which they can run.</summary>
    /// <exception cref="ChangeCycleException">No order fits.</exception>
    public static IReadOnlyList<PlanNode> Plan(IDdlRules rules, IReadOnlyList<ObjectPair> pairs)
    {
        var planner = new ChangePlanner(rules, pairs);
        planner.FindChanges();
        planner.MakeNodes();
        planner.OrderByDependencies();
        planner.OrderBySlots();
        planner.FoldDrops();
        planner.FoldCreates();
        return NodeSorter.Sort(planner.Nodes().Where(n => n.FoldedInto is null));
    }

    private void FindChanges()
    {
        var work = new Queue<(ObjectPair Pair, Disturbance Why)>();
        foreach (var pair in _pairs)
        {
            if (!pair.HasBoth)
            {
                if (pair.Old is not null)
                {
                    work.Enqueue((pair, Disturbance.Dropped));
                }
            }
            else if (pair.Changed.Count > 0)
            {
                Decide(pair, work);
            }
        }

        while (work.TryDequeue(out var next))
        {
            if (next.Why is Disturbance.Dropped or Disturbance.Replaced)
            {
                foreach (var pair in _rules.TakesAlong(next.Pair.Old!).Select(taken => _pairOf[taken])
                    .Where(MayBeReplaced))
                {
                    _changes[pair] = (ChangeWay.Replace, false);
                    work.Enqueue((pair, Disturbance.Replaced));
                }
            }

            foreach (var dependent in _dependents.GetValueOrDefault(next.Pair.Old!) ?? [])
            {
                var pair = _pairOf[dependent];
                if (!pair.HasBoth || (_changes.TryGetValue(pair, out var change) && change.Way != ChangeWay.Alter))
                {
                    continue;
                }

                switch (_rules.React(pair, next.Pair, next.Why))
                {
                    case Reaction.Replace:
                        _changes[pair] = (ChangeWay.Replace, false);
                        work.Enqueue((pair, Disturbance.Replaced));
                        break;
                    case Reaction.Alter when !_changes.TryGetValue(pair, out change) || !change.Forced:
                        _changes[pair] = (ChangeWay.Alter, true);
                        work.Enqueue((pair, Disturbance.Altered));
                        break;
                    default:
                        break;
                }
            }
        }
    }

    private bool MayBeReplaced(ObjectPair pair) =>
        pair.HasBoth && (!_changes.TryGetValue(pair, out var change) || change.Way == ChangeWay.Alter);

    private void Decide(ObjectPair pair, Queue<(ObjectPair Pair, Disturbance Why)> work)
    {
        var (way, blocks) = _rules.Way(pair);
        _changes[pair] = (way, false);
        if (way != ChangeWay.Alter || blocks)
        {
            work.Enqueue((pair, way switch
            {
                ChangeWay.Replace => Disturbance.Replaced,
                ChangeWay.Swap => Disturbance.Swapped,
                _ => Disturbance.Altered,
            }));
        }
    }

    private void MakeNodes()
    {
        foreach (var pair in _pairs)
        {
            var rank = _rules.Rank(pair.Any);
            if (!pair.HasBoth)
            {
                if (pair.New is not null)
                {
                    _creates[pair] = new PlanNode(NodeAction.Create, pair, ChangeWay.Replace, rank);
                }
                else
                {
                    _drops[pair] = new PlanNode(NodeAction.Drop, pair, ChangeWay.Replace, rank);
                }
            }
            else if (_changes.TryGetValue(pair, out var change))
            {
                if (change.Way == ChangeWay.Alter)
                {
                    _alters[pair] = new PlanNode(NodeAction.Alter, pair, change.Way, rank) { IsForced = change.Forced };
                }
                else
                {
                    _creates[pair] = new PlanNode(NodeAction.Create, pair, change.Way, rank);
                    _drops[pair] = new PlanNode(NodeAction.Drop, pair, change.Way, rank);
                }
            }
        }
    }

    private IEnumerable<PlanNode> Nodes() => _drops.Values.Concat(_alters.Values).Concat(_creates.Values);

    private PlanNode? Making(CatalogObject wanted) =>
        !_pairOf.TryGetValue(wanted, out var pair) ? null
        : _creates.TryGetValue(pair, out var node) || _alters.TryGetValue(pair, out node) ? node
        : null;

    private void OrderByDependencies()
    {
        foreach (var node in _creates.Values.Concat(_alters.Values))
        {
            foreach (var other in node.Pair.New!.DependsOn)
            {
                Making(other)?.MustComeBefore(node);
            }
        }

        foreach (var node in _alters.Values)
        {
            foreach (var other in node.Pair.Old!.DependsOn)
            {
                if (_pairOf.TryGetValue(other, out var pair) && _drops.TryGetValue(pair, out var drop))
                {
                    node.MustComeBefore(drop);
                }
            }
        }

        foreach (var node in _drops.Values)
        {
            OrderDrop(node);
        }
    }

    private void OrderDrop(PlanNode node)
    {
        foreach (var other in node.Pair.Old!.DependsOn)
        {
            if (!_pairOf.TryGetValue(other, out var pair))
            {
                continue;
            }

            if (_drops.TryGetValue(pair, out var drop))
            {
                // A swapped object is renamed first: who goes must go while its name is still the old one.
                node.MustComeBefore(drop);
                if (drop.Way == ChangeWay.Swap)
                {
                    node.MustComeBefore(_creates[pair]);
                }
            }
            else if (_alters.TryGetValue(pair, out var alter))
            {
                node.MustComeBefore(alter);
            }
        }

        foreach (var other in _rules.FreedBy(node.Pair.Old!))
        {
            if (_pairOf.TryGetValue(other, out var pair) && _drops.TryGetValue(pair, out var drop))
            {
                drop.MustComeBefore(node);
            }
        }

        if (_creates.TryGetValue(node.Pair, out var again))
        {
            if (node.Way == ChangeWay.Swap)
            {
                again.MustComeBefore(node);
            }
            else
            {
                node.MustComeBefore(again);
            }
        }
    }

    private void OrderBySlots()
    {
        var freeing = new Dictionary<string, List<PlanNode>>(StringComparer.Ordinal);
        foreach (var node in _drops.Values.Concat(_alters.Values).Where(n => n.Way != ChangeWay.Swap))
        {
            var slots = _rules.Slots(node.Pair.Old!);
            foreach (var slot in node.Action == NodeAction.Alter ? slots.Except(_rules.Slots(node.Pair.New!)) : slots)
            {
                if (!freeing.TryGetValue(slot, out var list))
                {
                    freeing[slot] = list = [];
                }

                list.Add(node);
            }
        }

        foreach (var node in _creates.Values.Concat(_alters.Values))
        {
            var slots = _rules.Slots(node.Pair.New!);
            foreach (var slot in node.Action == NodeAction.Alter ? slots.Except(_rules.Slots(node.Pair.Old!)) : slots)
            {
                foreach (var before in freeing.GetValueOrDefault(slot) ?? [])
                {
                    before.MustComeBefore(node);
                }
            }
        }
    }
}
