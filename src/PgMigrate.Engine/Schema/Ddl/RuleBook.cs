using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>The rules of all kinds, for two snapshots.</summary>
internal sealed class RuleBook : IDdlRules
{
    private static readonly Dictionary<string, KindRule> Rules = new KindRule[]
    {
        new SchemaRule(), new ExtensionRule(), new CollationRule(), new EnumRule(), new DomainRule(),
        new DomainConstraintRule(), new CompositeTypeRule(), new RangeTypeRule(), new SequenceRule(),
        new SequenceOwnerRule(), new FunctionRule(), new ProcedureRule(), new AggregateRule(), new OperatorRule(),
        new OperatorFamilyRule(), new OperatorClassRule(), new CastRule(), new TransformRule(), new ConversionRule(),
        new TextSearchParserRule(), new TextSearchTemplateRule(), new TextSearchDictionaryRule(),
        new TextSearchConfigurationRule(), new ForeignDataWrapperRule(), new ServerRule(), new UserMappingRule(),
        new TableRule(), new ForeignTableRule(), new PartitionRule(), new ColumnRule(), new DefaultRule(),
        new ConstraintRule(), new IndexRule(), new IndexAttachmentRule(), new ViewRule(), new MaterializedViewRule(),
        new ViewColumnRule(), new TriggerRule(), new TriggerStateRule(), new RewriteRule(), new PolicyRule(),
        new StatisticsRule(), new EventTriggerRule(), new PublicationRule(), new PublicationTableRule(),
        new PublicationSchemaRule(), new DefaultPrivilegesRule(), new NamedOnlyRule("base type"),
        new NamedOnlyRule("language"), new NamedOnlyRule("access method"),
    }.ToDictionary(r => r.Kind);

    private readonly Dictionary<CatalogObject, CatalogObject> _attachedTo = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<CatalogObject, List<CatalogObject>> _attached = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<CatalogObject, CatalogObject> _partitions = new(ReferenceEqualityComparer.Instance);

    public RuleBook(params Snapshot[] snapshots)
    {
        foreach (var partition in snapshots.SelectMany(s => s.Objects).Where(o => o.Kind == "partition"
            && o.Parent is not null))
        {
            _partitions[partition.Parent!] = partition;
        }

        foreach (var attachment in snapshots.SelectMany(s => s.Objects).Where(o => o.Kind == "index attachment"))
        {
            if (attachment.Parent is { } child
                && attachment.DependsOn.FirstOrDefault(d => d != child
                && (d.Kind is "index" or "constraint")) is { } parent)
            {
                _attachedTo[child] = parent;
                if (!_attached.TryGetValue(parent, out var children))
                {
                    _attached[parent] = children = [];
                }

                children.Add(child);
            }
        }
    }

    public static KindRule Rule(CatalogObject entry) => Rules[entry.Kind];

    public bool IsCompared(CatalogObject old, CatalogObject wanted, string attribute) =>
        Rule(old).IsCompared(old, wanted, attribute);

    public bool IsFollower(CatalogObject entry) => Rule(entry).IsFollower(entry);

    public bool IsPrivilege(CatalogObject entry) => Rule(entry).IsPrivilege;

    public (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => Rule(pair.Any).Way(pair);

    public Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        Rule(dependent.Any).React(dependent, cause, why);

    public IEnumerable<string> Slots(CatalogObject entry) => Rule(entry).Slots(entry);

    public CatalogObject? CreatedWith(CatalogObject entry) => Rule(entry).CreatedWith(entry);

    // An index of a partition goes with the index that it is attached to, and cannot be dropped before it.
    public IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => _attachedTo.TryGetValue(entry, out var parent)
        ? Rule(entry).DroppedWith(entry).Prepend(parent)
        : Rule(entry).DroppedWith(entry);

    public int Rank(CatalogObject entry) => Rule(entry).RankOf(entry);

    // An index that is attached to that of the partitioned table is held by it until the partition is detached.
    public IEnumerable<CatalogObject> FreedBy(CatalogObject entry) =>
        _attachedTo.ContainsKey(entry) && entry.Parent is { } table && _partitions.TryGetValue(table, out var partition)
            ? [partition]
            : [];

    public IEnumerable<CatalogObject> TakesAlong(CatalogObject entry) => _attached.GetValueOrDefault(entry) ?? [];
}
