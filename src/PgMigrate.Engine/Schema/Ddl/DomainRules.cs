using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class DomainRule : TypeRule
{
    public override string Kind => "domain";

    public override int Rank => 12;

    public override string Noun => "DOMAIN";

    public override string? GrantNoun => "DOMAIN";

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => pair.Has("base_type") || pair.Has("collation")
        ? (ChangeWay.Swap, true)
        : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Swapped ? Reaction.Replace : base.React(dependent, cause, why);

    protected override IEnumerable<string> Make(CatalogObject entry, DdlContext context)
    {
        var text = $"CREATE DOMAIN {entry.Identity} AS {entry["base_type"]}"
            + (entry["collation"] is { } collation ? $" COLLATE {collation}" : "")
            + (entry["default"] is { } value ? $" DEFAULT {value}" : "")
            + (entry.Is("not_null") ? " NOT NULL" : "");
        foreach (var check in context.Node?.Folded.Where(f => f.Pair.New?.Kind == "domain constraint") ?? [])
        {
            text += $"\n    CONSTRAINT {check.Pair.New!.QuotedName} {check.Pair.New["definition"]}";
        }

        yield return text;
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        if (pair.Has("default"))
        {
            yield return $"ALTER DOMAIN {pair.New!.Identity} "
                + (pair.New["default"] is { } value ? $"SET DEFAULT {value}" : "DROP DEFAULT");
        }

        if (pair.Has("not_null"))
        {
            yield return $"ALTER DOMAIN {pair.New!.Identity} {(pair.New.Is("not_null") ? "SET" : "DROP")} NOT NULL";
        }
    }
}

internal sealed class DomainConstraintRule : KindRule
{
    public override string Kind => "domain constraint";

    public override int Rank => 13;

    public override string Noun => "CONSTRAINT";

    public override CatalogObject? CreatedWith(CatalogObject entry) => entry.Is("is_valid") ? entry.Parent : null;

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => entry.Parent is { } p ? [p] : [];

    // NOT VALID is part of the definition: it may only go.
    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("operators") || pair.Old!["definition"] != pair.New!["definition"]
            && pair.Old["definition"] != pair.New["definition"] + " NOT VALID"
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        context.IsFolded(entry) ? []
        : [$"ALTER DOMAIN {entry.Parent!.Identity} ADD CONSTRAINT {entry.QuotedName} {entry["definition"]}"];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"ALTER DOMAIN {entry.Parent!.Identity} DROP CONSTRAINT {entry.QuotedName}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => pair.Has("is_valid")
        ? [$"ALTER DOMAIN {pair.New!.Parent!.Identity} VALIDATE CONSTRAINT {pair.New.QuotedName}"]
        : [];

    public override string CommentTarget(CatalogObject entry) =>
        $"CONSTRAINT {entry.QuotedName} ON DOMAIN {entry.Parent!.Identity}";
}
