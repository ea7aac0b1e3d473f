using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>Something that has a name of its own: an object, a label of an enum, or an attribute of a type.</summary>
internal sealed class NamedObject
{
    public const string Label = "label";
    public const string Attribute = "attribute";
    public const string Multirange = "multirange";

    private NamedObject(string kind, CatalogObject entry, string name, string quotedName, IReadOnlyList<string> path)
    {
        Kind = kind;
        Entry = entry;
        Name = name;
        QuotedName = quotedName;
        Path = path;
    }

    public string Kind { get; }

    /// <summary>The object; the type of a label or an attribute.</summary>
    public CatalogObject Entry { get; }

    /// <summary>The last part of the name, as it is.</summary>
    public string Name { get; }

    /// <summary>The last part of the name as SQL writes it.</summary>
    public string QuotedName { get; }

    /// <summary>The parts of the whole name, as they are.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>The schema, quoted where it has to be; null for what is in none.</summary>
    public string? Schema => Path.Count == 1 ? null : Entry.Schema;

    /// <summary>Types of the arguments of a routine; null for other kinds.</summary>
    public string? Arguments => Kind is "function" or "procedure" or "aggregate" ? Entry["types"] : null;

    /// <summary>True for what is no object of its own.</summary>
    public bool IsPartOfType => Kind is Label or Attribute or Multirange;

    /// <summary>The whole name, as -Rename understands it.</summary>
    public string Text => Kind == Multirange ? $"{Entry.Schema}.{QuotedName}"
        : IsPartOfType ? $"{Entry.Identity}.{QuotedName}"
        : RenameText.ShapeOf(Kind) == NameShape.OfObject ? $"{Entry.Parent!.Identity}.{QuotedName}"
        : Arguments is { } types ? $"{Entry.Schema}.{Entry.QuotedName}({types})"
        : Entry.Schema is null ? Entry.Identity
        : $"{Entry.Schema}.{Entry.QuotedName}";

    /// <summary>Names that one object at a time can have.</summary>
    public IEnumerable<string> Slots => Kind == Multirange ? [$"type {Text}"]
        : IsPartOfType
        ? [$"{Kind} {Entry.Identity}.{QuotedName}"]
        : RuleBook.Rule(Entry).Slots(Entry);

    public override string ToString() => $"{Kind} {Text}";

    /// <summary>The objects of one entry that have names; none for entries such as an attachment.</summary>
    public static IEnumerable<NamedObject> Of(CatalogObject entry)
    {
        var shape = RenameText.ShapeOf(entry.Kind);
        if (shape == NameShape.None || (shape == NameShape.OfObject && entry.Parent is null))
        {
            yield break;
        }

        string[] path = shape switch
        {
            NameShape.Global => [entry.Name],
            NameShape.OfSchema => [SqlIdentifier.Unquote(entry.Schema!), entry.Name],
            _ => [SqlIdentifier.Unquote(entry.Parent!.Schema!), entry.Parent.Name, entry.Name],
        };
        yield return new NamedObject(entry.Kind, entry, entry.Name, entry.QuotedName, path);
        foreach (var (kind, name, quoted) in PartsOf(entry))
        {
            yield return new NamedObject(
                kind, entry, name, quoted, kind == Multirange ? [path[0], name] : [.. path, name]);
        }
    }

    /// <summary>The same under another name, in another schema where one is given.</summary>
    public NamedObject As(string? schema, string name, string quotedName)
    {
        if (IsPartOfType)
        {
            return new NamedObject(Kind, Entry, name, quotedName, [.. Path.SkipLast(1), name]);
        }

        var identity = RenameText.ShapeOf(Kind) switch
        {
            NameShape.Global => quotedName,
            NameShape.OfSchema => $"{schema ?? Entry.Schema}.{quotedName}"
                + Entry.Identity[(Entry.Schema!.Length + 1 + Entry.QuotedName.Length)..],
            _ when Kind is "column" or "view column" => $"{Entry.Parent!.Identity}.{quotedName}",
            _ => quotedName + Entry.Identity[Entry.QuotedName.Length..],
        };
        return Of(Entry.Renamed(identity, name, quotedName, schema ?? Entry.Schema)).First();
    }

    private static IEnumerable<(string Kind, string Name, string Quoted)> PartsOf(CatalogObject entry) =>
        entry.Kind switch
        {
            "enum" => Lines(entry["labels"]).Select(UnquoteLiteral).Select(l => (Label, l, SqlIdentifier.Literal(l))),
            "composite type" => Lines(entry["attributes"]).Select(NameIn)
                .Select(n => (Attribute, SqlIdentifier.Unquote(n), n)),
            // One in another schema has a name of its own.
            "range type" when entry["multirange"] is { } name
                && name.StartsWith(entry.Schema + ".", StringComparison.Ordinal) =>
            [
                (Multirange, SqlIdentifier.Unquote(name[(entry.Schema!.Length + 1)..]),
                    name[(entry.Schema.Length + 1)..]),
            ],
            _ => [],
        };

    // As quote_literal writes it.
    private static string UnquoteLiteral(string literal) => literal.StartsWith('E')
        ? literal[2..^1].Replace("''", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
        : literal[1..^1].Replace("''", "'", StringComparison.Ordinal);

    private static string NameIn(string attribute) => attribute.StartsWith('"')
        ? attribute[..(attribute.IndexOf("\" ", StringComparison.Ordinal) + 1)]
        : attribute[..attribute.IndexOf(' ', StringComparison.Ordinal)];

    private static string[] Lines(string? text) => text?.Split('\n') ?? [];
}
