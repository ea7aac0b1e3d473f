using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>
/// The changes of a plan in forms that lock tables briefly, split by when they can run; pure. A table that the plan
/// itself makes has no rows: it gets the plain forms.
/// </summary>
internal sealed class OnlinePlan
{
    private const int ForeignKeysOfPartitionedSince = 18;
    private readonly List<PlannedChange> _main = [];
    private readonly List<PlannedChange> _validate = [];
    private readonly List<PlannedChange> _require = [];
    private readonly List<PlannedChange> _follow = [];
    private readonly List<PlannedChange> _concurrent = [];
    private readonly List<(CatalogObject Entry, string Reason)> _plain = [];
    private readonly HashSet<string> _made;
    private readonly HashSet<string> _required;
    private readonly HashSet<PlanNode> _moved = [];
    private readonly int _major;

    private OnlinePlan(IReadOnlyList<PlannedChange> changes, int major)
    {
        _major = major;
        _made = changes.SelectMany(c => c.Node.Folded.Prepend(c.Node)).Where(n => n.Action == NodeAction.Create)
            .Select(n => n.Pair.New!).Where(IsRelation).Select(o => o.Identity).ToHashSet(StringComparer.Ordinal);
        _required = changes.Where(c => c.Node is { Action: NodeAction.Alter, Pair.New.Kind: "column" })
            .Where(c => ColumnRule.SetNotNull(c.Node.Pair) is not null && !c.Node.Pair.New!.Is("is_inherited"))
            .Select(c => c.Node.Pair.New!.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What runs first, in one transaction.</summary>
    public IReadOnlyList<PlannedChange> Main => _main;

    /// <summary>What reads tables afterwards, while others write them; in one transaction.</summary>
    public IReadOnlyList<PlannedChange> Validate => [.. _validate, .. _require, .. _follow];

    /// <summary>What no transaction can hold.</summary>
    public IReadOnlyList<PlannedChange> Concurrent => _concurrent;

    /// <summary>Objects whose change locks their table for as long as it takes, and why.</summary>
    public IReadOnlyList<(CatalogObject Entry, string Reason)> Plain => _plain;

    /// <summary>Splits a plan.</summary>
    /// <param name="changes">The plan.</param>
    /// <param name="major">Major version of the server.</param>
    public static OnlinePlan Split(IReadOnlyList<PlannedChange> changes, int major)
    {
        var plan = new OnlinePlan(changes, major);
        var drops = changes.Where(c => c.Node.Action == NodeAction.Drop).ToDictionary(c => c.Node.Pair, c => c.Node);
        foreach (var change in changes.Where(c => c.Node.Pair.Any.Kind is "index" or "constraint"))
        {
            plan.FindConcurrent(change, drops);
        }

        foreach (var change in changes.Where(c => !plan._moved.Contains(c.Node)))
        {
            plan.Take(change);
        }

        return plan;
    }

    private static bool IsRelation(CatalogObject entry) =>
        entry.Kind is "table" or "foreign table" or "materialized view";

    private bool IsNew(CatalogObject entry) => entry.Parent is not { } table || _made.Contains(table.Identity);

    private static bool IsPartitioned(CatalogObject entry) =>
        entry.Parent is { Kind: "table" } table && table["partition_key"] is not null;

    private void FindConcurrent(PlannedChange change, Dictionary<ObjectPair, PlanNode> drops)
    {
        var node = change.Node;
        if (node.Action == NodeAction.Create && !IsNew(node.Pair.New!))
        {
            if (node.Pair.New!.Kind == "index")
            {
                FindIndex(change, drops.GetValueOrDefault(node.Pair));
            }
            else
            {
                FindKey(change);
            }
        }
        else if (node is { Action: NodeAction.Drop, Pair: { HasBoth: false, Old: { Kind: "index" } old } })
        {
            if (IsPartitioned(old))
            {
                _plain.Add((old, "an index of a partitioned table cannot be dropped CONCURRENTLY"));
            }
            else if (node.After.Count == 0 && !IsNew(old))
            {
                Move(change, OnlineText.Concurrently(change.Statements));
            }
        }
    }

    private void FindIndex(PlannedChange change, PlanNode? drop)
    {
        var wanted = change.Node.Pair.New!;
        if (IsPartitioned(wanted))
        {
            _plain.Add((wanted, "an index of a partitioned table cannot be created CONCURRENTLY"));
        }
        else if (change.Node.After.Count > 0 || wanted["is_valid"] != "true")
        {
            _plain.Add((wanted, "another change of the same migration needs it"));
        }
        else if (drop is not null && drop.After.All(n => n == change.Node))
        {
            // The new index is there before the old one goes.
            Move(change, OnlineText.Replace(change.Node.Pair.Old!, wanted, change.Statements));
            _moved.Add(drop);
        }
        else
        {
            Move(change, OnlineText.Concurrently(change.Statements));
        }
    }

    private void FindKey(PlannedChange change)
    {
        var wanted = change.Node.Pair.New!;
        if (wanted["type"] is not ("p" or "u" or "x") || wanted["attached_to"] is not null)
        {
            return;
        }

        var reason = wanted["type"] == "x" ? "an exclusion constraint has no form that locks briefly"
            : IsPartitioned(wanted) ? "a key of a partitioned table has no form that locks briefly"
            : change.Node.After.Count > 0 ? "another change of the same migration needs it"
            : null;
        if (reason is null && OnlineText.Key(wanted, change.Statements) is { } statements)
        {
            Move(change, statements);
        }
        else
        {
            _plain.Add((wanted, reason ?? "its index cannot be made before it"));
        }
    }

    private void Move(PlannedChange change, IReadOnlyList<string> statements)
    {
        _moved.Add(change.Node);
        _concurrent.Add(change with { Statements = statements });
    }

    private void Take(PlannedChange change)
    {
        var pair = change.Node.Pair;
        if (change.Node.Action == NodeAction.Create && pair.New is { Kind: "constraint" } check && IsValidated(check))
        {
            var added = OnlineText.NotValid(check, change.Statements);
            _main.Add(change with { Statements = added });
            _validate.Add(change with { Statements = [OnlineText.Validate(check, check.QuotedName)], Losses = [] });
        }
        else if (change.Node.Action == NodeAction.Alter && pair.New is { Kind: "column" } column
            && ColumnRule.SetNotNull(pair) is { } set && !IsNew(column) && change.Statements.Contains(set))
        {
            TakeNotNull(change, column, set);
        }
        else
        {
            _main.Add(change);
        }
    }

    private bool IsValidated(CatalogObject entry)
    {
        if (entry["type"] is not ("c" or "f") || !entry.Is("is_valid") || IsNew(entry) || entry.Parent!.Kind != "table")
        {
            return false;
        }

        if (entry["type"] == "f" && IsPartitioned(entry) && _major < ForeignKeysOfPartitionedSince)
        {
            _plain.Add((entry, "a foreign key of a partitioned table cannot be added NOT VALID"));
            return false;
        }

        return true;
    }

    private void TakeNotNull(PlannedChange change, CatalogObject column, string set)
    {
        // An identity, and a key that is made at once, need it at once.
        if (change.Node.Pair.Has("identity_kind") || change.Node.After.Any(n => !_moved.Contains(n)
            && n.Pair.New is { Kind: "constraint" } key && key["type"] == "p"))
        {
            _plain.Add((column, "another change of the same migration needs NOT NULL at once"));
            _main.Add(change);
            return;
        }

        var rest = change.Statements.Where(s => s != set).ToList();
        if (column.Is("is_inherited") && _required.Contains(column.Name))
        {
            // The parent table does it for this one, too.
            _main.AddRange(rest.Count > 0 ? [change with { Statements = rest }] : []);
            _follow.Add(change with { Statements = [set], Losses = [] });
            return;
        }

        var name = OnlineText.Between(column.Name, "__not_null");
        var table = $"ALTER TABLE {column.Parent!.Identity}";
        _main.Add(change with
        {
            Statements =
            [
                .. rest,
                $"{table} ADD CONSTRAINT {name} CHECK ({column.QuotedName} IS NOT NULL) NOT VALID",
            ],
        });
        _validate.Add(change with { Statements = [OnlineText.Validate(column, name)], Losses = [] });
        _require.Add(change with { Statements = [set, $"{table} DROP CONSTRAINT {name}"], Losses = [] });
    }
}
