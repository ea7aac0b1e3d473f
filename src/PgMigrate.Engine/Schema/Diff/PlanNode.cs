namespace PgMigrate.Schema.Diff;

internal enum NodeAction
{
    Drop,
    Alter,
    Create,
}

/// <summary>One step of a change: an object dropped, altered or created, with what is folded into its
/// statement.</summary>
internal sealed class PlanNode(NodeAction action, ObjectPair pair, ChangeWay way, int rank)
{
    public NodeAction Action { get; } = action;

    public ObjectPair Pair { get; } = pair;

    /// <summary>The way of the pair that this node belongs to.</summary>
    public ChangeWay Way { get; } = way;

    /// <summary>True when the object is altered only because something below it is.</summary>
    public bool IsForced { get; init; }

    public int Rank { get; } = rank;

    /// <summary>Steps that this one's statement contains.</summary>
    public List<PlanNode> Folded { get; } = [];

    internal HashSet<PlanNode> Before { get; } = [];

    internal HashSet<PlanNode> After { get; } = [];

    internal PlanNode? FoldedInto { get; set; }

    /// <summary>Itself, or the node that contains it.</summary>
    internal PlanNode Top
    {
        get
        {
            var node = this;
            while (node.FoldedInto is { } next)
            {
                node = next;
            }

            return node;
        }
    }

    public override string ToString() => $"{Action} {Pair.Any}";

    internal void MustComeBefore(PlanNode other)
    {
        if (!ReferenceEquals(this, other) && After.Add(other))
        {
            other.Before.Add(this);
        }
    }

    internal void Fold(PlanNode child)
    {
        child.FoldedInto = this;
        Folded.Add(child);
        Folded.AddRange(child.Folded);
        foreach (var before in child.Before)
        {
            before.After.Remove(child);
            before.MustComeBefore(this);
        }

        foreach (var after in child.After)
        {
            after.Before.Remove(child);
            MustComeBefore(after);
        }

        child.Before.Clear();
        child.After.Clear();
    }
}
