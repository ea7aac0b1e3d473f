using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed partial class ColumnRule : KindRule
{
    private static readonly string[] OfParent =
    [
        "type", "collation", "identity_kind", "identity_name", "identity_options", "identity_persistence",
        "identity_privileges", "generated", "generated_expression",
        "generated_operators",
    ];

    public override string Kind => "column";

    public override int Rank => 41;

    // NOT NULL is dropped in the parent table first: the server refuses it in a child of one that still has it.
    public override int RankOf(CatalogObject entry) => entry.Is("is_inherited") ? 42 : Rank;

    public override string Noun => "COLUMN";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string>
    {
        "position", "is_inherited", "not_null_local",
    };

    public override string? GrantNoun => "TABLE";

    public override bool IsCompared(CatalogObject old, CatalogObject wanted, string attribute) =>
        base.IsCompared(old, wanted, attribute)
        && !(old.Is("is_inherited") && wanted.Is("is_inherited") && OfParent.Contains(attribute))
        && !(attribute.StartsWith("not_null_", StringComparison.Ordinal)
        && (IsInheritedNotNull(old) || IsInheritedNotNull(wanted)))
        && !(attribute == "not_null_name" && (old["not_null_name"] is null || wanted["not_null_name"] is null));

    public override bool IsFollower(CatalogObject entry) => !entry.Is("is_local");

    // A column of a partition is made with its table, which is attached afterwards.
    public override CatalogObject? CreatedWith(CatalogObject entry) =>
        entry.Is("is_local") || entry.Parent!["is_partition"] == "true" ? entry.Parent : null;

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => entry.Parent is { } p ? [p] : [];

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        entry["identity_name"] is { } sequence ? [$"column {entry.Identity}", $"relation {sequence}"]
            : [$"column {entry.Identity}"];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var regenerated = pair.Has("generated_expression") || pair.Has("generated_operators") || pair.Has("generated");
        var becomesPlain = old["generated"] == "s" && wanted["generated"] is null;
        if (regenerated && !becomesPlain)
        {
            return (ChangeWay.Replace, false);
        }

        return (ChangeWay.Alter, pair.Has("type") || pair.Has("collation") || pair.Has("identity_kind")
            || becomesPlain);
    }

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why)
    {
        var isGenerated = dependent.Old!["generated"] is not null;
        if (cause.Any.Kind is "enum" or "domain" or "composite type" or "range type")
        {
            return why == Disturbance.Swapped ? isGenerated ? Reaction.Replace : Reaction.Alter
                : why == Disturbance.Altered || dependent.Changed.Count > 0 ? Reaction.Stay : Reaction.Replace;
        }

        if (cause.Any.Kind == Kind || cause.Any.Kind is "function" or "operator")
        {
            return isGenerated && dependent.New!["generated"] is not null && why != Disturbance.Dropped
                ? Reaction.Replace : Reaction.Stay;
        }

        return why == Disturbance.Replaced && ReferenceEquals(cause.Old, dependent.Old.Parent) ? Reaction.Replace
            : Reaction.Stay;
    }

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        if (context.Node?.Pair.New is { } top && !ReferenceEquals(top, entry))
        {
            // Part of its table.
            yield break;
        }

        if (IsOfParent(entry))
        {
            yield break;
        }

        var value = context.Node?.Folded.FirstOrDefault(f => f.Pair.New?.Kind == "default")?.Pair.New!["expression"];
        yield return $"ALTER {Table(entry)} ADD COLUMN {Definition(entry, value)}";
        foreach (var statement in Settings(entry, context))
        {
            yield return statement;
        }
    }

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        IsOfParent(entry) ? [] : [$"ALTER {Table(entry)} DROP COLUMN {entry.QuotedName}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var column = $"ALTER {Table(wanted)} ALTER COLUMN {wanted.QuotedName}";
        if (wanted["identity_kind"] is null && old["identity_kind"] is not null && pair.Has("identity_kind"))
        {
            yield return $"{column} DROP IDENTITY";
        }

        if (old["generated"] is not null && wanted["generated"] is null)
        {
            yield return $"{column} DROP EXPRESSION";
        }

        var isNarrower = pair.Has("type") && pair.Has("identity_options") && old["identity_kind"] is not null
            && wanted["identity_kind"] is not null && Maximum(wanted) < Maximum(old);
        if (isNarrower)
        {
            yield return SetIdentity(wanted, column);
        }

        var isRetyped = pair.Has("type") || pair.Has("collation")
            || (context.Node is { IsForced: true } && !old.Is("is_inherited"));
        if (isRetyped)
        {
            yield return $"{column} TYPE {wanted["type"]}"
                + (wanted["collation"] is { } collation ? $" COLLATE {collation}" : "")
                + Using(old, wanted, context.Node is { IsForced: true });
        }

        foreach (var statement in NotNull(pair, column))
        {
            yield return statement;
        }

        foreach (var statement in Identity(pair, column, isNarrower))
        {
            yield return statement;
        }

        foreach (var statement in SettingChanges(pair, column).Concat(isRetyped ? Analyze(wanted) : []))
        {
            yield return statement;
        }
    }

    public override string? Loss(ObjectPair pair, NodeAction action) =>
        action == NodeAction.Drop && pair.Old!["generated"] is null && !IsOfParent(pair.Old)
            ? $"column {pair.Old.Identity} with its values"
        : action == NodeAction.Alter && pair.Has("type")
        && IsLossy(BaseType(pair.Old!["type"]!), BaseType(pair.New!["type"]!))
            ? $"column {pair.Any.Identity}, digits or parts of its values: {pair.Old["type"]} becomes "
            + $"{pair.New["type"]}"
        : null;

    public override IEnumerable<string> Privileges(CatalogObject entry, string? from, string? to, DdlContext context) =>
        PrivilegeText.Changes(
            $"TABLE {entry.Parent!.Identity}",
            PrivilegeText.Parse(from) ?? new HashSet<string>(),
            PrivilegeText.Parse(to) ?? new HashSet<string>(),
            entry.Parent.Owner,
            $" ({entry.QuotedName})");

    private static string Table(CatalogObject entry) =>
        $"{(entry.Parent!.Kind == "foreign table" ? "FOREIGN TABLE" : "TABLE")} {entry.Parent.Identity}";

    // It comes and goes with the column of a parent table, or with the attribute of the table's type.
    private static bool IsOfParent(CatalogObject entry) =>
        !entry.Is("is_local") || entry.Parent!["of_type"] is not null;

    private static bool IsInheritedNotNull(CatalogObject entry) => entry["not_null_local"] == "false";

    // PostgreSQL 18 names them; the name that it gives itself is left out.
    private static string? NotNullName(CatalogObject entry) =>
        entry["not_null_name"] is { } name && !IsInheritedNotNull(entry)
            && name.Trim('"') != $"{entry.Parent!.Name}_{entry.Name}_not_null"
            ? name
            : null;

    // The name and the options that the server chooses are left out.
    private static string SequenceText(CatalogObject entry)
    {
        var highest = entry["type"] switch
        {
            "smallint" => "32767",
            "integer" => "2147483647",
            _ => "9223372036854775807"
        };
        var isUsual = entry["identity_options"] == $"START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE {highest} CACHE "
            + "1 NO CYCLE"
            && entry["identity_name"] == $"{entry.Schema}.{entry.Parent!.Name}_{entry.Name}_seq";
        return isUsual ? "" : $" (SEQUENCE NAME {entry["identity_name"]} {entry["identity_options"]})";
    }

    private static string IdentityKind(string kind) => kind == "a" ? "ALWAYS" : "BY DEFAULT";

    private static string Storage(string storage) => storage switch
    {
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "m" => "MAIN",
        _ => "EXTENDED",
    };

    // The server casts what it can; other values go through their text.
    private static string Using(CatalogObject old, CatalogObject wanted, bool isMoved)
    {
        // An explicit cast to varchar(n) would cut what is too long; without it the server refuses that.
        if (wanted.Parent!.Kind == "foreign table"
            || (!isMoved && (BaseType(old["type"]!) == BaseType(wanted["type"]!) || IsText(wanted["type"]!))))
        {
            return "";
        }

        var name = wanted.QuotedName;
        var text = IsArray(old) && IsArray(wanted) ? "text[]" : "text";
        return NeedsText(old, wanted, isMoved) ? $" USING {name}::{text}::{wanted["type"]}"
            : $" USING {name}::{wanted["type"]}";
    }

    // Casts that round or cut without an error.
    private static bool IsLossy(string from, string to) => (from, to) switch
    {
        ("numeric" or "real" or "double precision", "smallint" or "integer" or "bigint") => true,
        ("numeric" or "double precision", "real") or ("numeric", "double precision") => true,
        ("timestamp without time zone" or "timestamp with time zone", "date" or "time without time zone") => true,
        ("json", "jsonb") => true,
        _ => false,
    };

    private static bool IsArray(CatalogObject entry) => entry["type"]!.EndsWith("[]", StringComparison.Ordinal);

    // Built-in types have casts of their own; others go through their text.
    private static bool NeedsText(CatalogObject old, CatalogObject wanted, bool isMoved) =>
        isMoved
            || (old["type"]!.Contains('.', StringComparison.Ordinal)
            && wanted["type"]!.Contains('.', StringComparison.Ordinal))
            || (old["type"] is "uuid" or "json" or "jsonb" or "boolean" or "bytea" && !IsText(wanted["type"]!)
            && BaseType(wanted["type"]!) != "integer");

    private static bool IsText(string type) => BaseType(type) is "text" or "character varying" or "character" or "name";

    private static string BaseType(string type) =>
        type.Split('(')[0]
            + (type.EndsWith("[]", StringComparison.Ordinal) && type.Contains('(', StringComparison.Ordinal) ? "[]"
            : "");
}
