using PgMigrate.Schema.Catalog;

namespace PgMigrate.Schema.Diff;

/// <summary>Which objects two snapshots have in common, and what differs in them. Pure.</summary>
internal static class SnapshotDiff
{
    /// <summary>Every object of either snapshot, in the order of the new one, then of the old one.</summary>
    public static IReadOnlyList<ObjectPair> Match(
        Snapshot current, Snapshot desired, IDdlRules rules, CompareOptions options)
    {
        bool TakesPart(CatalogObject entry) => options.IncludePrivileges || !rules.IsPrivilege(entry);
        var pairs = new List<ObjectPair>(desired.Objects.Count);
        foreach (var wanted in desired.Objects.Where(TakesPart))
        {
            var old = current.Find(wanted.Key);
            pairs.Add(new ObjectPair(old, wanted, old is null ? [] : Changes(old, wanted, rules, options)));
        }

        pairs.AddRange(current.Objects.Where(o => TakesPart(o) && desired.Find(o.Key) is null)
            .Select(o => new ObjectPair(o, null, [])));
        return pairs;
    }

    /// <summary>The pairs that differ.</summary>
    public static IEnumerable<ObjectPair> Differences(
        Snapshot current, Snapshot desired, IDdlRules rules, CompareOptions options) =>
        Match(current, desired, rules, options)
            .Where(p => p.HasBoth ? p.Changed.Count > 0 : !rules.IsFollower(p.Any));

    private static string[] Changes(CatalogObject old, CatalogObject wanted, IDdlRules rules, CompareOptions options)
    {
        List<string>? changed = null;
        foreach (var name in old.AttributeNames)
        {
            if (old[name] != wanted[name] && rules.IsCompared(old, wanted, name)
                && (options.IncludePrivileges || !name.EndsWith(ObjectPair.Privileges, StringComparison.Ordinal)))
            {
                (changed ??= []).Add(name);
            }
        }

        if (old.Comment != wanted.Comment)
        {
            (changed ??= []).Add(ObjectPair.Comment);
        }

        if (options.IncludePrivileges && old.Privileges != wanted.Privileges)
        {
            (changed ??= []).Add(ObjectPair.Privileges);
        }

        if (options.IncludeOwner && old.Owner != wanted.Owner)
        {
            (changed ??= []).Add(ObjectPair.Owner);
        }

        return changed is null ? [] : [.. changed];
    }
}
