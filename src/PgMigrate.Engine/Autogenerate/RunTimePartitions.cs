using PgMigrate.Schema.Catalog;

namespace PgMigrate.Autogenerate;

/// <summary>
/// Partitions that a database has and the other side has not, and that have no definition of their own: a job made them
/// from the definition of their parent.
/// </summary>
internal static class RunTimePartitions
{
    private const string Table = "table";
    private const string Heap = "heap";

    // What differs between a column of a partition and that of its parent, whoever made the partition.
    private static readonly HashSet<string> OfThePlace = new(StringComparer.Ordinal)
    {
        "position", "is_local", "is_inherited", "not_null_name", "not_null_local",
    };

    private static readonly string[] TableOptions =
        ["options", "toast_options", "partition_key", "replica_identity"];

    private static readonly string[] ConstraintOptions =
        ["index_options", "index_comment", "clustered", "replica_identity"];

    private static readonly string[] IndexOptions = ["clustered", "replica_identity", "statistics"];

    /// <summary>The tables of the partitions.</summary>
    public static HashSet<CatalogObject> Find(Snapshot database, Snapshot other)
    {
        var found = new HashSet<CatalogObject>(ReferenceEqualityComparer.Instance);
        var candidates = database.Objects
            .Where(o => o.Kind == Table && o.Is("is_partition") && other.Find(o.Key) is null).ToList();
        if (candidates.Count == 0)
        {
            return found;
        }

        var parts = database.Objects.ToLookup<CatalogObject, CatalogObject>(
            SnapshotOrder.RootOf, ReferenceEqualityComparer.Instance);
        foreach (var table in candidates)
        {
            if (ParentOf(table, database) is { } parent && other.Find(parent.Key) is not null
                && HasNoOptions(table, parent)
                && parts[table].All(part => part == table || IsOfParent(part, parent, database)))
            {
                found.Add(table);
            }
        }

        return found;
    }

    private static CatalogObject? ParentOf(CatalogObject table, Snapshot database) =>
        database.Find(new ObjectKey("partition", table.Identity)) is { } partition
            ? database.Find(new ObjectKey(Table, partition["parent"]!))
            : null;

    private static bool HasNoOptions(CatalogObject table, CatalogObject parent) =>
        table.Comment is null
        && TableOptions.All(name => table[name] is null)
        && !table.Is("row_security") && !table.Is("force_row_security")
        && table["persistence"] == parent["persistence"]
        && (table["tablespace"] is null || table["tablespace"] == parent["tablespace"])
        && table["access_method"] == (parent["access_method"] ?? Heap);

    private static bool IsOfParent(CatalogObject part, CatalogObject parent, Snapshot database) =>
        part.Comment is null && part.Kind switch
        {
            "partition" or "index attachment" => true,
            "column" => IsColumnOf(part, parent, database),
            "default" => database.Find(InParent("default", part, parent)) is { } same
                && same["expression"] == part["expression"],
            "constraint" => (part["attached_to"] is not null || (part.Is("is_inherited") && !part.Is("is_local")))
                && ConstraintOptions.All(name => part[name] is null),
            "index" => database.Find(new ObjectKey("index attachment", part.Identity)) is not null
                && IndexOptions.All(name => part[name] is null),
            _ => false,
        };

    // What a partition does not have from its parent, such as a statistics target, is null in it.
    private static bool IsColumnOf(CatalogObject part, CatalogObject parent, Snapshot database) =>
        database.Find(InParent("column", part, parent)) is { } column
        && part.AttributeNames.All(name => OfThePlace.Contains(name) || part[name] is null
            || part[name] == column[name]);

    private static ObjectKey InParent(string kind, CatalogObject part, CatalogObject parent) =>
        new(kind, $"{parent.Identity}.{part.QuotedName}");
}
