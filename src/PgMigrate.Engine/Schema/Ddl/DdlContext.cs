using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>What a rule may know besides its object.</summary>
internal sealed class DdlContext(Snapshot current, Snapshot desired, CompareOptions options)
{
    private IReadOnlyList<CatalogObject>? _defaults;

    public Snapshot Current { get; } = current;

    public Snapshot Desired { get; } = desired;

    public CompareOptions Options { get; } = options;

    /// <summary>Default privileges of the role that both sides have.</summary>
    public IReadOnlyList<CatalogObject> DefaultPrivileges => _defaults ??=
    [
        .. Current.Objects.Where(o => RuleBook.Rule(o).IsPrivilege && o["role"] == Current.CurrentRole
            && Desired.Find(o.Key) is not null),
    ];

    /// <summary>Major version of the server, such as 15.</summary>
    public int Major => Desired.Major;

    /// <summary>The node that is written; null while the plan is made.</summary>
    public PlanNode? Node { get; set; }

    /// <summary>True when the object is part of the plan's node that is written, such as a column of its
    /// table.</summary>
    public bool IsFolded(CatalogObject entry) =>
        Node is { } node
            && node.Folded.Any(f => ReferenceEquals(f.Pair.New, entry) || ReferenceEquals(f.Pair.Old, entry));
}
