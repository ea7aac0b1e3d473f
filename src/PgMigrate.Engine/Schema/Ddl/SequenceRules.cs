using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class SequenceRule : KindRule
{
    public override string Kind => "sequence";

    public override int Rank => 20;

    public override string Noun => "SEQUENCE";

    public override string? GrantNoun => "SEQUENCE";

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "S";

    public override IReadOnlyList<string> OwnerPrivileges(int major) => ["SELECT", "UPDATE", "USAGE"];

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        [$"relation {entry.Identity}", $"type {entry.Identity}"];

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE {(entry["persistence"] == "u" ? "UNLOGGED " : "")}SEQUENCE {entry.Identity} AS "
            + $"{entry["type"]}{Settings(entry)}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        if (pair.Changed.Any(
            c => c is "type" or "start" or "increment" or "minimum" or "maximum" or "cache" or "cycle"))
        {
            var isElsewhere = Number(pair.New!, "minimum") > Number(pair.Old!, "maximum")
                || Number(pair.New!, "maximum") < Number(pair.Old!, "minimum");
            if ((pair.Has("minimum") || pair.Has("maximum")) && !isElsewhere)
            {
                // The server refuses bounds that its present value is not between.
                var (low, high) = (pair.New!["minimum"], pair.New["maximum"]);
                yield return $"SELECT pg_catalog.setval({Text(pair.New.Identity)}, least(greatest(last_value, "
                    + $"{low}), {high}), "
                    + $"is_called AND last_value BETWEEN {low} AND {high}) FROM {pair.New.Identity} WHERE last_value "
                    + $"NOT BETWEEN {low} AND {high}";
            }

            var type = pair.Has("type") ? " AS " + pair.New!["type"] : "";
            var restart = isElsewhere ? " RESTART" : "";
            yield return $"ALTER SEQUENCE {pair.New!.Identity}{type}{Settings(pair.New)}{restart}";
        }

        if (pair.Has("persistence"))
        {
            yield return $"ALTER SEQUENCE {pair.New!.Identity} SET "
                + $"{(pair.New["persistence"] == "u" ? "UNLOGGED" : "LOGGED")}";
        }
    }

    public override string? Loss(ObjectPair pair, NodeAction action) =>
        action == NodeAction.Drop ? $"sequence {pair.Any.Identity} with its value" : null;

    private static long Number(CatalogObject entry, string attribute) =>
        long.Parse(entry[attribute]!, System.Globalization.CultureInfo.InvariantCulture);

    private static string Settings(CatalogObject entry) =>
        $" INCREMENT BY {entry["increment"]} MINVALUE {entry["minimum"]} MAXVALUE {entry["maximum"]} START WITH "
            + $"{entry["start"]}"
            + $" CACHE {entry["cache"]} {(entry.Is("cycle") ? "CYCLE" : "NO CYCLE")}";
}

/// <summary>The column that a sequence goes with.</summary>
internal sealed class SequenceOwnerRule : KindRule
{
    public override string Kind => "sequence owner";

    public override int Rank => 48;

    public override string Noun => "SEQUENCE";

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Replace, false);

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } sequence ? [sequence] : [];

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"ALTER SEQUENCE {entry.Identity} OWNED BY {entry["owned_by"]}"];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"ALTER SEQUENCE {entry.Identity} OWNED BY NONE"];
}
