using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>Objects that are made again whenever something in them changes.</summary>
internal abstract class ReplacedRule : KindRule
{
    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Changed.Any(c => c is not (ObjectPair.Comment or ObjectPair.Owner or ObjectPair.Privileges))
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);
}

internal sealed class CollationRule : ReplacedRule
{
    public override string Kind => "collation";

    public override int Rank => 5;

    public override string Noun => "COLLATION";

    public override bool HasOwner => true;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        string?[] parts =
        [
            $"provider = {entry["provider"] switch { "i" => "icu", "b" => "builtin", "d" => "default", _ => "libc" }}",
            entry.Is("deterministic") ? null : "deterministic = false",
            entry["locale"] is { } locale ? $"locale = {Text(locale)}" : null,
            entry["locale"] is null && entry["collate"] is { } c && c == entry["ctype"] ? $"locale = {Text(c)}" : null,
            entry["locale"] is null && entry["collate"] is { } l && l != entry["ctype"]
                ? $"lc_collate = {Text(l)}, lc_ctype = {Text(entry["ctype"])}" : null,
            entry["rules"] is { } rules ? $"rules = {Text(rules)}" : null,
        ];
        yield return $"CREATE COLLATION {entry.Identity} ({string.Join(", ", parts.Where(p => p is not null))})";
    }
}

internal sealed class ConversionRule : ReplacedRule
{
    public override string Kind => "conversion";

    public override int Rank => 37;

    public override string Noun => "CONVERSION";

    public override bool HasOwner => true;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE {(entry.Is("is_default") ? "DEFAULT " : "")}CONVERSION {entry.Identity} FOR "
            + $"{Text(entry["source"])} TO {Text(entry["destination"])} FROM {entry["function"]}"];
}

internal sealed class OperatorRule : ReplacedRule
{
    public override string Kind => "operator";

    public override int Rank => 32;

    public override string Noun => "OPERATOR";

    public override bool HasOwner => true;

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "symbol" };

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        string?[] parts =
        [
            $"FUNCTION = {entry["function"]}",
            entry["left_type"] != "NONE" ? $"LEFTARG = {entry["left_type"]}" : null,
            entry["right_type"] != "NONE" ? $"RIGHTARG = {entry["right_type"]}" : null,
            entry["commutator"] is { } c ? $"COMMUTATOR = OPERATOR({c})" : null,
            entry["negator"] is { } n ? $"NEGATOR = OPERATOR({n})" : null,
            entry["restrict"] is { } r ? $"RESTRICT = {r}" : null,
            entry["join"] is { } j ? $"JOIN = {j}" : null,
            entry["hashes"] is not null ? "HASHES" : null,
            entry["merges"] is not null ? "MERGES" : null,
        ];
        yield return $"CREATE OPERATOR {entry["symbol"]} ({string.Join(", ", parts.Where(p => p is not null))})";
    }
}

internal sealed class OperatorFamilyRule : KindRule
{
    public override string Kind => "operator family";

    public override int Rank => 38;

    public override string Noun => "OPERATOR FAMILY";

    public override bool HasOwner => true;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        yield return $"CREATE OPERATOR FAMILY {entry.Identity}";
        if (entry["members"] is { } members)
        {
            yield return $"ALTER OPERATOR FAMILY {entry.Identity} ADD "
                + $"{members.Replace("\n", ", ", StringComparison.Ordinal)}";
        }
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var old = pair.Old!["members"]?.Split('\n') ?? [];
        var wanted = pair.New!["members"]?.Split('\n') ?? [];
        var gone = old.Except(wanted).Select(Number).ToList();
        if (gone.Count > 0)
        {
            yield return $"ALTER OPERATOR FAMILY {pair.New.Identity} DROP {string.Join(", ", gone)}";
        }

        var added = wanted.Except(old).ToList();
        if (added.Count > 0)
        {
            yield return $"ALTER OPERATOR FAMILY {pair.New.Identity} ADD {string.Join(", ", added)}";
        }
    }

    // OPERATOR 1 schema.< (integer, integer) is dropped as OPERATOR 1 (integer, integer); FUNCTION 1 (…) f as FUNCTION
    // 1 (…).
    private static string Number(string member)
    {
        var words = member.Split(' ', 3);
        var open = member.IndexOf(" (", StringComparison.Ordinal);
        return $"{words[0]} {words[1]}{member[open..(member.IndexOf(')', open) + 1)]}";
    }
}

internal sealed class OperatorClassRule : ReplacedRule
{
    public override string Kind => "operator class";

    public override int Rank => 39;

    public override string Noun => "OPERATOR CLASS";

    public override bool HasOwner => true;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        var parts = (entry["members"]?.Split('\n') ?? []).ToList();
        if (entry["storage"] is { } storage)
        {
            parts.Add($"STORAGE {storage}");
        }

        var name = entry.Identity[..entry.Identity.LastIndexOf(" USING ", StringComparison.Ordinal)];
        yield return $"CREATE OPERATOR CLASS {name}{(entry["is_default"] is not null ? " DEFAULT" : "")} FOR TYPE "
            + $"{entry["type"]} USING {entry["method"]}"
            + $" FAMILY {entry["family"]} AS\n    "
            + $"{(parts.Count > 0 ? string.Join(",\n    ", parts) : $"STORAGE {entry["type"]}")}";
    }
}

internal sealed class CastRule : ReplacedRule
{
    public override string Kind => "cast";

    public override int Rank => 34;

    public override string Noun => "CAST";

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE CAST {entry.Identity} "
            + (entry["function"] is { } function ? $"WITH FUNCTION {function}" : entry["method"] == "i" ? "WITH INOUT"
            : "WITHOUT FUNCTION")
            + entry["context"] switch { "a" => " AS ASSIGNMENT", "i" => " AS IMPLICIT", _ => "" }];
}

internal sealed class TransformRule : ReplacedRule
{
    public override string Kind => "transform";

    public override int Rank => 35;

    public override string Noun => "TRANSFORM";

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        string?[] parts =
        [
            entry["from_sql"] is { } from ? $"FROM SQL WITH FUNCTION {from}" : null,
            entry["to_sql"] is { } to ? $"TO SQL WITH FUNCTION {to}" : null,
        ];
        yield return $"CREATE TRANSFORM {entry.Identity} ({string.Join(", ", parts.Where(p => p is not null))})";
    }
}
