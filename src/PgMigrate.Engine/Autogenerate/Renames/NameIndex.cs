using PgMigrate.Schema.Catalog;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>The names of a schema; pure.</summary>
internal sealed class NameIndex
{
    private readonly ILookup<string, NamedObject> _byName;

    public NameIndex(Snapshot snapshot)
    {
        Snapshot = snapshot;
        All = [.. snapshot.Objects.SelectMany(NamedObject.Of)];
        _byName = All.ToLookup(o => o.Name, StringComparer.Ordinal);
    }

    public Snapshot Snapshot { get; }

    public IReadOnlyList<NamedObject> All { get; }

    /// <summary>
    /// What a name can mean: the objects of that whole name, else those of that name in any schema, when the schema is
    /// left out.
    /// </summary>
    public IReadOnlyList<NamedObject> Find(WrittenName name)
    {
        var fitting = _byName[name.Parts[^1]]
            .Where(o => name.Fits(o.Kind) && (name.Arguments is null || o.Arguments == name.Arguments)).ToList();
        var whole = fitting.FindAll(o => o.Path.SequenceEqual(name.Parts));
        if (whole.Count > 0)
        {
            return whole;
        }

        var withoutSchema = fitting.FindAll(o => o.Path.Count > 1 && o.Path.Skip(1).SequenceEqual(name.Parts));
        return withoutSchema.Count > 0 ? withoutSchema : fitting.FindAll(o => IsIndexOf(o, name.Parts));
    }

    // A key is found by the name of its index as well.
    private static bool IsIndexOf(NamedObject key, IReadOnlyList<string> parts) =>
        key.Kind == "constraint" && parts.Count == 2 && key.Entry["index_schema"] is { } schema
        && SqlIdentifier.Unquote(schema) == parts[0];

    /// <summary>The objects of a whole name and a kind; routines by their arguments where more than one fits.</summary>
    public IReadOnlyList<NamedObject> Find(IReadOnlyList<string> path, string kind, string? arguments = null)
    {
        var found = _byName[path[^1]].Where(o => o.Kind == kind && o.Path.SequenceEqual(path)).ToList();
        return found.Count > 1 && found.FindAll(o => o.Arguments == arguments) is { Count: 1 } exact ? exact : found;
    }

    /// <summary>The objects of a whole name, of any of these kinds.</summary>
    public IReadOnlyList<NamedObject> Find(IReadOnlyList<string> path, Func<string, bool> isKind) =>
        [.. _byName[path[^1]].Where(o => isKind(o.Kind) && o.Path.SequenceEqual(path))];
}
