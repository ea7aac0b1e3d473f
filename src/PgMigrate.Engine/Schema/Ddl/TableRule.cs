using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal class TableRule : KindRule
{
    public override string Kind => "table";

    public override int Rank => 40;

    public override string Noun => "TABLE";

    public override string? GrantNoun => "TABLE";

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "r";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "is_partition" };

    public override IReadOnlyList<string> OwnerPrivileges(int major) => RelationPrivileges(major);

    internal static IReadOnlyList<string> RelationPrivileges(int major)
    {
        List<string> all = ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"];
        if (major >= 17)
        {
            all.Add("MAINTAIN");
        }

        return all;
    }

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        [$"relation {entry.Identity}", $"type {entry.Identity}"];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("partition_key") || pair.Has("of_type") || pair.Has("server")
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    // The types and functions that a table depends on are those of its columns.
    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Replaced && dependent.Old!["of_type"] is not null ? Reaction.Replace : Reaction.Stay;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        var parts = Parts(entry, context).ToList();
        var text = $"CREATE {(entry["persistence"] == "u" ? "UNLOGGED " : "")}{Noun} {entry.Identity}"
            + (entry["of_type"] is { } type ? $" OF {type}" : "")
            + (parts.Count > 0 ? $" (\n    {string.Join(",\n    ", parts)}\n)" : entry["of_type"] is null ? " ()" : "")
            + (entry["parents"] is { } parents ? $" INHERITS ({parents})" : "")
            + (entry["partition_key"] is { } key ? $" PARTITION BY {key}" : "")
            + (entry["access_method"] is { } method && method != "heap" ? $" USING {method}" : "")
            + (Options(entry) is { } options ? $" WITH ({OptionText.List(options)})" : "")
            + (entry["tablespace"] is { } space ? $" TABLESPACE {space}" : "")
            + (entry["server"] is { } server ? $" SERVER {server}" : "")
            + (entry["foreign_options"] is { } foreign ? $" OPTIONS ({OptionText.Foreign(foreign)})" : "");
        yield return text;
        foreach (var folded in context.Node?.Folded ?? [])
        {
            if (folded.Pair.New is { Kind: "column" } column)
            {
                foreach (var statement in ColumnRule.Settings(column, context))
                {
                    yield return statement;
                }
            }
            else if (folded.Pair.New is { Kind: "constraint" } constraint)
            {
                foreach (var statement in ConstraintRule.Settings(constraint))
                {
                    yield return statement;
                }
            }
        }

        foreach (var statement in States(entry, null))
        {
            yield return statement;
        }
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var target = $"ALTER {Noun} {wanted.Identity}";
        if (pair.Has("persistence"))
        {
            yield return $"{target} SET {(wanted["persistence"] == "u" ? "UNLOGGED" : "LOGGED")}";
        }

        if (pair.Has("access_method"))
        {
            yield return $"{target} SET ACCESS METHOD {wanted["access_method"]}";
        }

        if (pair.Has("tablespace"))
        {
            yield return $"{target} SET TABLESPACE {wanted["tablespace"] ?? "pg_default"}";
        }

        if (pair.Has("options") || pair.Has("toast_options"))
        {
            foreach (var change in OptionText.Changes(Options(old), Options(wanted)))
            {
                yield return $"{target} {change}";
            }
        }

        if (pair.Has("foreign_options"))
        {
            yield return $"{target} OPTIONS "
                + $"({OptionText.ForeignChanges(old["foreign_options"], wanted["foreign_options"])})";
        }

        if (pair.Has("parents"))
        {
            var before = old["parents"]?.Split(", ") ?? [];
            var after = wanted["parents"]?.Split(", ") ?? [];
            foreach (var gone in before.Except(after))
            {
                yield return $"{target} NO INHERIT {gone}";
            }

            foreach (var added in after.Except(before))
            {
                yield return $"{target} INHERIT {added}";
            }
        }

        foreach (var statement in States(wanted, old))
        {
            yield return statement;
        }
    }

    public override string? Loss(ObjectPair pair, NodeAction action) =>
        action == NodeAction.Drop ? $"table {pair.Any.Identity} with its rows" : null;

    private static string? Options(CatalogObject entry) => (entry["options"], entry["toast_options"]) switch
    {
        (null, null) => null,
        (var o, null) => o,
        (null, var t) => t,
        var (o, t) => $"{o}\n{t}",
    };

    private static IEnumerable<string> States(CatalogObject entry, CatalogObject? old)
    {
        var target = $"ALTER TABLE {entry.Identity}";
        if (entry.Is("row_security") != (old?.Is("row_security") ?? false))
        {
            yield return $"{target} {(entry.Is("row_security") ? "ENABLE" : "DISABLE")} ROW LEVEL SECURITY";
        }

        if (entry.Is("force_row_security") != (old?.Is("force_row_security") ?? false))
        {
            yield return $"{target} {(entry.Is("force_row_security") ? "" : "NO ")}FORCE ROW LEVEL SECURITY";
        }

        if (entry["replica_identity"] != old?["replica_identity"])
        {
            yield return $"{target} REPLICA IDENTITY "
                + $"{entry["replica_identity"] switch { "f" => "FULL", "n" => "NOTHING", _ => "DEFAULT" }}";
        }
    }

    private static IEnumerable<string> Parts(CatalogObject entry, DdlContext context)
    {
        var folded = (context.Node?.Folded ?? []).Select(f => f.Pair.New!).ToList();
        var defaults = folded.Where(f => f.Kind == "default").ToDictionary(f => f.Identity, f => f["expression"]);
        foreach (var column in folded.Where(f => f.Kind == "column")
            .OrderBy(f => int.Parse(f["position"]!, System.Globalization.CultureInfo.InvariantCulture)))
        {
            yield return ColumnRule.Definition(column, defaults.GetValueOrDefault(column.Identity),
                entry["of_type"] is null);
        }

        foreach (var constraint in folded.Where(f => f.Kind == "constraint")
            .OrderBy(ConstraintRule.Order).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            yield return $"CONSTRAINT {constraint.QuotedName} {constraint["definition"]}";
        }
    }
}

internal sealed class ForeignTableRule : TableRule
{
    public override string Kind => "foreign table";

    public override string Noun => "FOREIGN TABLE";

    // Its rows are elsewhere.
    public override string? Loss(ObjectPair pair, NodeAction action) => null;
}

/// <summary>Which table a table is a partition of. A table is made first and attached then, as pg_dump does
/// it.</summary>
internal sealed class PartitionRule : KindRule
{
    public override string Kind => "partition";

    // After the indexes of the partition: attaching makes those that are missing, under names of its own.
    public override int Rank => 62;

    public override string Noun => "TABLE";

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Replace, false);

    // Not with the partitioned table: its DROP would take a partition along that shall stay.
    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } table ? [table] : [];

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"ALTER TABLE ONLY {entry["parent"]} ATTACH PARTITION {entry.Identity} {entry["bound"]}"];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"ALTER TABLE {entry["parent"]} DETACH PARTITION {entry.Identity}"];
}
