using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>What happened to the objects of one database between two moments. Pure.</summary>
internal static class SchemaEffects
{
    private static readonly CompareOptions Everything = new() { IncludePrivileges = true, IncludeOwner = true };

    /// <summary>
    /// The objects that were created, altered, replaced, renamed and dropped. What came or went with the object that it
    /// is a part of is not listed.
    /// </summary>
    public static IReadOnlyList<SchemaChange> Of(Snapshot before, Snapshot after)
    {
        var rules = new RuleBook(before, after);
        var pairs = SnapshotDiff.Match(before, after, rules, Everything).Where(pair => !rules.IsFollower(pair.Any))
            .ToList();
        var renamed = Renamed(pairs);
        var swapped = pairs.Where(IsSwapped).Select(pair => pair.Any.Key).ToHashSet();
        var whole = pairs.Where(pair => !pair.HasBoth && !renamed.ContainsKey(pair.Any)).Select(pair => pair.Any)
            .ToHashSet();
        var changes = new List<SchemaChange>();
        foreach (var pair in pairs)
        {
            var entry = pair.Any;
            if (renamed.TryGetValue(entry, out var other))
            {
                // One change for both names, where the new one stands.
                if (pair.New is not null && !MovedWithParent(other, entry, renamed))
                {
                    changes.Add(Change(entry, "Rename", $"was {other.Identity}"));
                }
            }
            else if (pair.HasBoth)
            {
                if (swapped.Contains(entry.Key) && entry.Parent is { } parent && swapped.Contains(parent.Key))
                {
                    continue;
                }

                if (swapped.Contains(entry.Key))
                {
                    changes.Add(Change(entry, "Replace", Words(pair)));
                }
                else if (pair.Changed.Count > 0)
                {
                    changes.Add(Change(entry, "Alter", Words(pair)));
                }
            }
            else if (!IsPartOf(entry, whole))
            {
                changes.Add(Change(entry, pair.Old is null ? "Create" : "Drop", ""));
            }
        }

        return changes;
    }

    // The same row under another name, each way.
    private static Dictionary<CatalogObject, CatalogObject> Renamed(List<ObjectPair> pairs)
    {
        var gone = new Dictionary<(string, CatalogRow), CatalogObject>();
        foreach (var pair in pairs)
        {
            if (pair.New is null && pair.Old!.Row is { } row)
            {
                gone[(pair.Old.Kind, row)] = pair.Old;
            }
        }

        var renamed = new Dictionary<CatalogObject, CatalogObject>();
        foreach (var pair in pairs)
        {
            if (pair.Old is null && pair.New!.Row is { } row && gone.TryGetValue((pair.New.Kind, row), out var old))
            {
                renamed[old] = pair.New;
                renamed[pair.New] = old;
            }
        }

        return renamed;
    }

    // Dropped and made again under its name. The server makes each default anew that is set.
    private static bool IsSwapped(ObjectPair pair) =>
        pair.HasBoth && pair.Any.Kind != "default"
        && pair.Old!.Row is { } old && pair.New!.Row is { } now && old != now;

    // A column keeps its own name when its table is renamed.
    private static bool MovedWithParent(
        CatalogObject old, CatalogObject now, Dictionary<CatalogObject, CatalogObject> renamed) =>
        old.Name == now.Name && now.Parent is { } parent && renamed.ContainsKey(parent);

    private static bool IsPartOf(CatalogObject entry, HashSet<CatalogObject> whole)
    {
        for (var parent = entry.Parent; parent is not null; parent = parent.Parent)
        {
            if (whole.Contains(parent) && !HoldsOthers(parent))
            {
                return true;
            }
        }

        return false;
    }

    // The tables of a schema are objects of their own.
    private static bool HoldsOthers(CatalogObject entry) => entry.Kind == "schema";

    private static string Words(ObjectPair pair) =>
        string.Join(", ", pair.Changed.Select(changed => changed.Replace('_', ' ')));

    private static SchemaChange Change(CatalogObject entry, string action, string detail) => new()
    {
        Kind = entry.Kind,
        Action = action,
        Name = entry.Identity,
        Table = entry.Parent is { Kind: not "schema" } parent ? parent.Identity : null,
        Detail = detail,
        Statements = [],
    };
}
