namespace PgMigrate.Schema.Catalog;

/// <summary>An object as it is in the file of a snapshot.</summary>
/// <param name="offset">Where it begins.</param>
internal sealed class SnapshotEntry(long offset)
{
    public long Offset { get; } = offset;

    public Dictionary<string, string> Texts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    public List<(string Reference, long Offset)> DependsOn { get; } = [];

    /// <summary>The attributes of its kind; null for a kind that the file does not list.</summary>
    public string[]? Names { get; set; }
}

/// <summary>Makes objects of entries, and puts their edges in.</summary>
/// <param name="fault">Makes the errors.</param>
internal sealed class SnapshotEntries(SnapshotFault fault)
{
    private const int MostParents = 8;
    private readonly List<(SnapshotEntry Entry, CatalogObject Object)> _all = [];
    private readonly Dictionary<string, CatalogObject> _byReference = new(StringComparer.Ordinal);

    public void Add(SnapshotEntry entry)
    {
        var made = Make(entry);
        if (!_byReference.TryAdd(SnapshotWriter.Reference(made), made))
        {
            throw fault.Invalid(entry.Offset, $"The {made} appears twice.");
        }

        _all.Add((entry, made));
    }

    /// <summary>The objects in order.</summary>
    public IReadOnlyList<CatalogObject> Link()
    {
        foreach (var (entry, made) in _all)
        {
            if (entry.Texts.TryGetValue(SnapshotFormat.Parent, out var parent))
            {
                made.SetParent(Find(parent, made, entry.Offset));
            }

            foreach (var (reference, offset) in entry.DependsOn)
            {
                made.AddDependency(Find(reference, made, offset));
            }
        }

        foreach (var (entry, made) in _all)
        {
            RequireRoot(made, entry.Offset);
        }

        return SnapshotOrder.Arrange(_all.Select(a => a.Object));
    }

    private CatalogObject Find(string reference, CatalogObject from, long offset) =>
        _byReference.GetValueOrDefault(reference)
            ?? throw fault.Invalid(offset, $"The {from} names the {reference}, which the file does not contain.");

    private void RequireRoot(CatalogObject made, long offset)
    {
        var hops = 0;
        for (var at = made; at is not null; at = at.Parent)
        {
            if (++hops > MostParents)
            {
                throw fault.Invalid(offset, $"The {made} is a part of itself.");
            }
        }
    }

    private CatalogObject Make(SnapshotEntry entry)
    {
        var kind = Text(entry, SnapshotFormat.Kind);
        var names = entry.Names ?? throw fault.Invalid(
            entry.Offset, $"The kind '{kind}' is not among the attributes in front.");
        if (entry.Attributes.Keys.Except(names).FirstOrDefault() is { } unknown)
        {
            throw fault.Invalid(entry.Offset, $"A {kind} has no attribute '{unknown}'.");
        }

        foreach (var name in names)
        {
            var value = entry.Attributes.GetValueOrDefault(name);
            if ((value is null && CatalogShape.IsNeeded(kind, name))
                || (value is not null && CatalogShape.IsNumber(name) && !IsNumber(value)))
            {
                throw fault.Invalid(entry.Offset, $"This {kind} has no valid attribute '{name}'.");
            }
        }

        var plain = Text(entry, SnapshotFormat.ObjectName);
        return new CatalogObject(
            new ObjectKey(string.Intern(kind), Text(entry, SnapshotFormat.Identity)),
            plain,
            entry.Texts.GetValueOrDefault(SnapshotFormat.QuotedName) ?? plain,
            entry.Texts.GetValueOrDefault(SnapshotFormat.Schema),
            names,
            Array.ConvertAll(names, name => entry.Attributes.GetValueOrDefault(name)))
        {
            Owner = entry.Texts.GetValueOrDefault(SnapshotFormat.Owner),
            Privileges = entry.Texts.GetValueOrDefault(SnapshotFormat.Privileges),
            Comment = entry.Texts.GetValueOrDefault(SnapshotFormat.Comment),
        };
    }

    private static bool IsNumber(string value) => value.Length is > 0 and < 10 && value.All(char.IsAsciiDigit);

    private string Text(SnapshotEntry entry, string name) => entry.Texts.GetValueOrDefault(name)
        ?? throw fault.Invalid(entry.Offset, $"This object has no part '{name}'.");
}
