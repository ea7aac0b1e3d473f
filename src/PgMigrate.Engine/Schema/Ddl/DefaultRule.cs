using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>The default of a column, or of a column of a view.</summary>
internal sealed class DefaultRule : KindRule
{
    public override string Kind => "default";

    public override int Rank => 44;

    public override string Noun => "DEFAULT";

    public override CatalogObject? CreatedWith(CatalogObject entry) => entry.Is("is_view") ? null : entry.Parent;

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => entry.Parent is { } p ? [p] : [];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        cause.Any.Kind == "sequence" && why == Disturbance.Dropped ? Reaction.Stay
        : why == Disturbance.Altered && cause.Any.Kind == "column" && !cause.Has("type") && !cause.Has("collation")
        ? ReactToIdentity(cause)
        : why == Disturbance.Dropped && dependent.Changed.Count > 0 ? Reaction.Stay
        : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        context.Node?.Pair.New is { } top && !ReferenceEquals(top, entry) ? [] : [Set(entry)];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"{Column(entry)} DROP DEFAULT"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => [Set(pair.New!)];

    private static Reaction ReactToIdentity(ObjectPair cause) =>
        cause.New!["identity_kind"] is not null && cause.Old!["identity_kind"] is null ? Reaction.Replace
            : Reaction.Stay;

    private static string Set(CatalogObject entry) =>
        $"{Column(entry)} SET DEFAULT {entry["expression"]}";

    private static string Column(CatalogObject entry)
    {
        var relation = entry.Parent!.Kind is "column" or "view column" ? entry.Parent.Parent! : entry.Parent;
        var noun = relation.Kind switch { "view" => "VIEW", "foreign table" => "FOREIGN TABLE", _ => "TABLE" };
        // A partition has defaults of its own.
        return $"ALTER {noun} {(noun == "TABLE" ? "ONLY " : "")}{relation.Identity} ALTER COLUMN {entry.QuotedName}";
    }
}
