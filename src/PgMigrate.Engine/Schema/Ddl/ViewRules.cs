using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class ViewRule : KindRule
{
    public override string Kind => "view";

    public override int Rank => 70;

    public override string Noun => "VIEW";

    public override string? GrantNoun => "TABLE";

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "r";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string>
    {
        "toast_options", "tablespace", "access_method",
    };

    public override IReadOnlyList<string> OwnerPrivileges(int major) => TableRule.RelationPrivileges(major);

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        [$"relation {entry.Identity}", $"type {entry.Identity}"];

    // CREATE OR REPLACE can only add columns at the end.
    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair)
    {
        var old = pair.Old!["columns"]?.Split('\n') ?? [];
        var wanted = pair.New!["columns"]?.Split('\n') ?? [];
        return wanted.Length >= old.Length && wanted.Take(old.Length).SequenceEqual(old)
            ? (ChangeWay.Alter, false)
            : (ChangeWay.Replace, false);
    }

    // A view that is replaced in place is no hindrance for what it no longer uses.
    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Dropped && dependent.Changed.Count > 0 && Way(dependent).Way == ChangeWay.Alter
            ? Reaction.Stay
        : why == Disturbance.Altered && !Retypes(cause) ? Reaction.Stay
        : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE VIEW {entry.Identity}{With(entry)} AS\n{Body(entry)}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        if (pair.Has("definition") || pair.Has("columns") || pair.Has("operators"))
        {
            yield return $"CREATE OR REPLACE VIEW {pair.New!.Identity}{With(pair.New)} AS\n{Body(pair.New)}";
        }
        else if (pair.Has("options"))
        {
            foreach (var change in OptionText.Changes(pair.Old!["options"], pair.New!["options"]))
            {
                yield return $"ALTER VIEW {pair.New.Identity} {change}";
            }
        }
    }

    internal static bool Retypes(ObjectPair cause) => cause.Any.Kind != "column" || cause.Changed.Count == 0
        || cause.Has("type") || cause.Has("collation");

    internal static string Body(CatalogObject entry) => entry["definition"]!.TrimEnd().TrimEnd(';');

    private static string With(CatalogObject entry) =>
        entry["options"] is { } options ? $" WITH ({OptionText.List(options)})" : "";
}

internal sealed class MaterializedViewRule : KindRule
{
    public override string Kind => "materialized view";

    public override int Rank => 71;

    public override string Noun => "MATERIALIZED VIEW";

    public override string? GrantNoun => "TABLE";

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "r";

    public override IReadOnlyList<string> OwnerPrivileges(int major) => TableRule.RelationPrivileges(major);

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        [$"relation {entry.Identity}", $"type {entry.Identity}"];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("definition") || pair.Has("columns") || pair.Has("operators") ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !ViewRule.Retypes(cause) ? Reaction.Stay : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        var options = string.Join('\n', new[] { entry["options"], entry["toast_options"] }.Where(o => o is not null));
        yield return $"CREATE MATERIALIZED VIEW {entry.Identity}"
            + (entry["access_method"] is { } method && method != "heap" ? $" USING {method}" : "")
            + (options.Length > 0 ? $" WITH ({OptionText.List(options)})" : "")
            + (entry["tablespace"] is { } space ? $" TABLESPACE {space}" : "")
            + $" AS\n{ViewRule.Body(entry)}";
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var target = $"ALTER MATERIALIZED VIEW {wanted.Identity}";
        foreach (var name in new[] { "options", "toast_options" })
        {
            foreach (var change in pair.Has(name) ? OptionText.Changes(old[name], wanted[name]) : [])
            {
                yield return $"{target} {change}";
            }
        }

        if (pair.Has("access_method"))
        {
            yield return $"{target} SET ACCESS METHOD {wanted["access_method"]}";
        }

        if (pair.Has("tablespace"))
        {
            yield return $"{target} SET TABLESPACE {wanted["tablespace"] ?? "pg_default"}";
        }
    }
}

/// <summary>What is said of a column of a view: it comes and goes with the view.</summary>
internal sealed class ViewColumnRule : KindRule
{
    public override string Kind => "view column";

    public override int Rank => 72;

    public override string Noun => "COLUMN";

    public override string? GrantNoun => "TABLE";

    public override bool IsFollower(CatalogObject entry) => false;

    public override CatalogObject? CreatedWith(CatalogObject entry) => null;

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } view ? [view] : [];

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered ? Reaction.Stay : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) => Settings(entry, null);

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => Settings(pair.New!, pair.Old);

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) => [];

    public override IEnumerable<string> Privileges(CatalogObject entry, string? from, string? to, DdlContext context) =>
        PrivilegeText.Changes(
            $"TABLE {entry.Parent!.Identity}",
            PrivilegeText.Parse(from) ?? new HashSet<string>(),
            PrivilegeText.Parse(to) ?? new HashSet<string>(),
            entry.Parent.Owner,
            $" ({entry.QuotedName})");

    private static IEnumerable<string> Settings(CatalogObject entry, CatalogObject? old)
    {
        if (entry.Parent!.Kind != "materialized view")
        {
            yield break;
        }

        var column = $"ALTER MATERIALIZED VIEW {entry.Parent.Identity} ALTER COLUMN {entry.QuotedName}";
        if (entry["statistics"] != old?["statistics"])
        {
            yield return $"{column} SET STATISTICS {entry["statistics"] ?? "-1"}";
        }

        if (entry["storage"] != old?["storage"] && entry["storage"] is { } storage)
        {
            yield return $"{column} SET STORAGE "
                + $"{storage switch { "p" => "PLAIN", "e" => "EXTERNAL", "m" => "MAIN", _ => "EXTENDED" }}";
        }

        foreach (var change in OptionText.Changes(old?["options"]?.Replace(", "
            + "", "\n", StringComparison.Ordinal), entry["options"]?.Replace(", ", "\n", StringComparison.Ordinal)))
        {
            yield return $"{column} {change}";
        }
    }
}
