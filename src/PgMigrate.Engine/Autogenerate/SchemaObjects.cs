using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate;

/// <summary>The objects of a snapshot as a user sees them.</summary>
internal static class SchemaObjects
{
    private static readonly CompareOptions Plain = new();

    public static IReadOnlyList<SchemaObject> Of(Snapshot snapshot, Snapshot empty)
    {
        var rules = new RuleBook(snapshot);
        var pairs = SnapshotDiff.Match(empty, snapshot, rules, Plain);
        var nodes = ChangePlanner.Plan(rules, pairs);
        var context = new DdlContext(empty, snapshot, Plain);
        var statements = DdlWriter.Write(nodes, context).ToDictionary(c => c.Node, c => c.Statements);
        var objects = new List<SchemaObject>(snapshot.Objects.Count);
        foreach (var node in nodes)
        {
            if (statements.TryGetValue(node, out var own))
            {
                objects.Add(ToObject(node.Pair.New!, own));
            }

            objects.AddRange(node.Folded.Select(part => ToObject(part.Pair.New!, [DdlWriter.Alone(part, context)])));
        }

        return objects;
    }

    private static SchemaObject ToObject(CatalogObject entry, IReadOnlyList<string> statements) => new()
    {
        Kind = entry.Kind,
        Schema = entry.Parent is { Kind: "schema" } schema ? schema.Name : Unquoted(entry.Schema),
        Name = entry.Name,
        Table = entry.Parent is { Kind: not "schema" } parent ? parent.Identity : null,
        Identity = entry.Identity,
        Definition = string.Join(";\n", statements),
        Comment = entry.Comment,
        Owner = entry.Owner,
        Privileges = entry.Privileges?.Split('\n') ?? [],
    };

    internal static string? Unquoted(string? name) => name is null ? null : SqlIdentifier.Unquote(name);
}
