namespace PgMigrate.Schema.Catalog;

/// <summary>
/// One object of a schema: its name, its attributes as the server writes them, and the objects it depends on.
/// </summary>
internal sealed class CatalogObject
{
    private readonly string[] _names;
    private readonly string?[] _values;
    private readonly List<CatalogObject> _dependsOn = [];

    public CatalogObject(ObjectKey key, string name, string quotedName, string? schema, string[] names,
        string?[] values)
    {
        Key = key;
        Name = name;
        QuotedName = quotedName;
        Schema = schema;
        _names = names;
        _values = values;
    }

    public ObjectKey Key { get; }

    public string Kind => Key.Kind;

    /// <summary>The whole name as SQL writes it, quoted where it has to be.</summary>
    public string Identity => Key.Identity;

    /// <summary>The last part of the name, as it is.</summary>
    public string Name { get; }

    /// <summary>The last part of the name, quoted where it has to be.</summary>
    public string QuotedName { get; }

    /// <summary>The schema, quoted where it has to be; null for what belongs to none.</summary>
    public string? Schema { get; }

    /// <summary>The row that stands for it in its database; the same as long as the object lives.</summary>
    public CatalogRow? Row { get; init; }

    public string? Owner { get; init; }

    /// <summary>
    /// One <c>grantee=PRIVILEGE</c> a line, sorted, the owner as <c>$owner</c>; null when they are the server's usual
    /// ones.
    /// </summary>
    public string? Privileges { get; init; }

    public string? Comment { get; init; }

    /// <summary>The object that this one is a part of, such as the table of a column.</summary>
    public CatalogObject? Parent { get; private set; }

    /// <summary>What has to be there before this object can be.</summary>
    public IReadOnlyList<CatalogObject> DependsOn => _dependsOn;

    /// <summary>Names of the attributes; the same for all objects of a kind.</summary>
    public IReadOnlyList<string> AttributeNames => _names;

    /// <summary>The value of an attribute; null when it has none.</summary>
    /// <exception cref="ArgumentException">The kind has no such attribute.</exception>
    public string? this[string attribute]
    {
        get
        {
            var index = Array.IndexOf(_names, attribute);
            return index >= 0
                ? _values[index]
                : throw new ArgumentException($"A {Kind} has no attribute {attribute}.", nameof(attribute));
        }
    }

    /// <summary>True when the attribute is the server's true.</summary>
    public bool Is(string attribute) => this[attribute] == "true";

    public override string ToString() => Key.ToString();

    /// <summary>The same object under another name, in the same parent; without dependencies.</summary>
    internal CatalogObject Renamed(string identity, string name, string quotedName, string? schema)
    {
        var renamed = new CatalogObject(new ObjectKey(Kind, identity), name, quotedName, schema, _names, _values)
        {
            Owner = Owner,
            Privileges = Privileges,
            Comment = Comment,
        };
        if (Parent is not null)
        {
            renamed.SetParent(Parent);
        }

        return renamed;
    }

    /// <summary>The same object without its parent and its dependencies.</summary>
    internal CatalogObject Copy() => new(Key, Name, QuotedName, Schema, _names, _values)
    {
        Owner = Owner,
        Privileges = Privileges,
        Comment = Comment,
    };

    internal void SetParent(CatalogObject parent)
    {
        Parent = parent;
        AddDependency(parent);
    }

    /// <summary>Puts the dependencies into the order of a snapshot, and forgets those that are not in it.</summary>
    internal void ArrangeDependencies(IReadOnlyDictionary<CatalogObject, int> places)
    {
        _dependsOn.RemoveAll(other => !places.ContainsKey(other));
        _dependsOn.Sort((one, other) => places[one].CompareTo(places[other]));
    }

    internal void AddDependency(CatalogObject other)
    {
        if (!ReferenceEquals(other, this) && !_dependsOn.Contains(other))
        {
            _dependsOn.Add(other);
        }
    }
}
