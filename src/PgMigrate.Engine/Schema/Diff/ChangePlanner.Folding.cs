namespace PgMigrate.Schema.Diff;

/// <content>Steps that the statement of another step contains.</content>
internal sealed partial class ChangePlanner
{
    private void FoldCreates()
    {
        foreach (var node in _creates.Values.ToList())
        {
            if (_rules.CreatedWith(node.Pair.New!) is not { } container || Making(container) is not { } making
                || making.Action != NodeAction.Create)
            {
                continue;
            }

            var target = making.Top;
            if (!node.Before.Any(b => b.Top != target && Reaches(target, b.Top)))
            {
                target.Fold(node);
            }
        }
    }

    private void FoldDrops()
    {
        // From the whole to its parts: an index goes with its table only when its columns do.
        foreach (var node in _drops.Values.OrderBy(n => n.Rank).ToList())
        {
            foreach (var container in _rules.DroppedWith(node.Pair.Old!))
            {
                if (!_pairOf.TryGetValue(container, out var pair) || !_drops.TryGetValue(pair, out var drop)
                    || drop.Way == ChangeWay.Swap || node.Way == ChangeWay.Swap)
                {
                    continue;
                }

                var target = drop.Top;
                if (target != node && !node.After.Any(a => a.Top != target && Reaches(a.Top, target))
                    && !Reaches(target, node))
                {
                    target.Fold(node);
                    break;
                }
            }
        }
    }

    // True when the second node has to come after the first.
    private static bool Reaches(PlanNode from, PlanNode to)
    {
        var seen = new HashSet<PlanNode> { to };
        var work = new Stack<PlanNode>([to]);
        while (work.TryPop(out var node))
        {
            if (node == from)
            {
                return true;
            }

            foreach (var before in node.Before)
            {
                if (seen.Add(before))
                {
                    work.Push(before);
                }
            }
        }

        return false;
    }
}
