namespace PgMigrate.Schema.Catalog;

/// <summary>A row of a catalog, as pg_depend names it.</summary>
internal readonly record struct CatalogRow(uint Class, uint Id, int Sub);

/// <summary>Puts objects, the rows that stand for them, and dependencies together.</summary>
internal sealed class SnapshotBuilder(IReadOnlyCollection<string> ownTables)
{
    private readonly Dictionary<CatalogRow, CatalogObject> _objects = [];
    private readonly Dictionary<CatalogRow, CatalogRow> _aliases = [];
    private readonly List<(CatalogObject Object, CatalogRow Parent)> _parents = [];
    private readonly List<(CatalogRow From, CatalogRow To)> _dependencies = [];
    private bool _isAtAliases;
    private bool _isAtDependencies;

    public void Add(CatalogRow row, CatalogRow? parent, CatalogObject entry)
    {
        _objects[row] = entry;
        if (parent is { } p)
        {
            _parents.Add((entry, p));
        }
    }

    /// <summary>Two lists of links follow the objects: aliases, then dependencies.</summary>
    public void NextLinks()
    {
        _isAtDependencies = _isAtAliases;
        _isAtAliases = !_isAtDependencies;
    }

    public void Link(CatalogRow from, CatalogRow to)
    {
        if (_isAtDependencies)
        {
            _dependencies.Add((from, to));
        }
        else
        {
            _aliases.TryAdd(from, to);
        }
    }

    public IReadOnlyList<CatalogObject> Finish()
    {
        foreach (var (entry, row) in _parents)
        {
            if (Find(row) is { } parent)
            {
                entry.SetParent(parent);
            }
        }

        foreach (var (from, to) in _dependencies)
        {
            if (Find(from) is { } source && Find(to) is { } target)
            {
                source.AddDependency(target);
            }
        }

        var own = ownTables.ToHashSet(StringComparer.Ordinal);
        return SnapshotOrder.Arrange(_objects.Values.Where(o => own.Count == 0 || !IsOwn(o, own)));
    }

    private CatalogObject? Find(CatalogRow row)
    {
        for (var hops = 0; hops < 8; hops++)
        {
            if (_objects.TryGetValue(row, out var found))
            {
                return found;
            }

            if (_aliases.TryGetValue(row, out var next))
            {
                row = next;
            }
            else if (row.Sub != 0)
            {
                row = row with { Sub = 0 };
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    private static bool IsOwn(CatalogObject entry, HashSet<string> own)
    {
        for (var o = entry; o is not null; o = o.Parent)
        {
            if (o.Kind == "table" && own.Contains(o.Identity))
            {
                return true;
            }
        }

        return entry.Kind is "sequence" or "sequence owner"
            && own.Any(t => (entry.Kind == "sequence owner" ? entry["owned_by"] : null)
                ?.StartsWith(t + ".", StringComparison.Ordinal) == true);
    }
}
