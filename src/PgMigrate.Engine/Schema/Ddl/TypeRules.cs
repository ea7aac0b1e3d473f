using System.Globalization;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>What all types have in common: a new form takes the name, columns move over, the old one goes.</summary>
internal abstract class TypeRule : KindRule
{
    private const int MaxNameBytes = 63;

    public override string Noun => "TYPE";

    public override string? GrantNoun => "TYPE";

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "T";

    public override IReadOnlyList<string> OwnerPrivileges(int major) => ["USAGE"];

    public override IReadOnlyList<string> PublicPrivileges => ["USAGE"];

    // Relations have a type of their name.
    public override IEnumerable<string> Slots(CatalogObject entry) => [$"type {entry.Identity}"];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context)
    {
        var isSwapped = context.Node is { Way: ChangeWay.Swap, Pair.HasBoth: true };
        yield return $"DROP {Noun} {(isSwapped ? $"{entry.Schema}.{SwappedName(entry)}" : entry.Identity)}";
    }

    public sealed override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        if (context.Node is { Way: ChangeWay.Swap, Pair: { HasBoth: true, Old: { } old } })
        {
            yield return $"ALTER {Noun} {old.Identity} RENAME TO {SwappedName(old)}";
        }

        foreach (var statement in Make(entry, context))
        {
            yield return statement;
        }
    }

    protected abstract IEnumerable<string> Make(CatalogObject entry, DdlContext context);

    // Within 63 bytes, and unlikely to be somebody's.
    private static string SwappedName(CatalogObject entry)
    {
        const string suffix = "__old";
        var name = entry.Name;
        while (System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameBytes - suffix.Length)
        {
            name = name[..^1];
        }

        return Sql.SqlIdentifier.Quote(name + suffix);
    }
}

internal sealed class EnumRule : TypeRule
{
    public override string Kind => "enum";

    public override int Rank => 10;

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => pair.Has("labels") && !IsExtended(pair)
        ? (ChangeWay.Swap, true)
        : (ChangeWay.Alter, false);

    protected override IEnumerable<string> Make(CatalogObject entry, DdlContext context) =>
        [$"CREATE TYPE {entry.Identity} AS ENUM ({Lines(entry["labels"])})"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        if (!pair.Has("labels"))
        {
            yield break;
        }

        var old = Labels(pair.Old!);
        var wanted = Labels(pair.New!);
        for (var i = 0; i < wanted.Length; i++)
        {
            if (!old.Contains(wanted[i]))
            {
                // Labels before this one are there by now.
                var place = i > 0 ? $" AFTER {wanted[i - 1]}" : old.Length > 0 ? $" BEFORE {old[0]}" : "";
                if (i > 0 && !old.Skip(Array.IndexOf(old, wanted[i - 1]) + 1).Any() && i == wanted.Length - 1)
                {
                    place = "";
                }

                yield return $"ALTER TYPE {pair.New!.Identity} ADD VALUE {wanted[i]}{place}";
            }
        }
    }

    public override bool MustBeCommittedAlone(ObjectPair pair) => pair.Has("labels");

    private static bool IsExtended(ObjectPair pair)
    {
        var kept = Labels(pair.New!).Intersect(Labels(pair.Old!));
        return kept.SequenceEqual(Labels(pair.Old!));
    }

    private static string[] Labels(CatalogObject entry) => entry["labels"]?.Split('\n') ?? [];
}

internal sealed class CompositeTypeRule : TypeRule
{
    public override string Kind => "composite type";

    public override int Rank => 14;

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        [$"type {entry.Identity}", $"relation {entry.Identity}"];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => pair.Has("attributes") && Steps(pair) is null
        ? (ChangeWay.Swap, true)
        : (ChangeWay.Alter, pair.Has("attributes"));

    protected override IEnumerable<string> Make(CatalogObject entry, DdlContext context)
    {
        yield return $"CREATE TYPE {entry.Identity} AS ({Lines(entry["attributes"])})";
        foreach (var statement in AttributeComments(entry, null))
        {
            yield return statement;
        }
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        if (pair.Has("attributes"))
        {
            // Tables of the type change with it, and only so.
            var cascade = context.Current.Objects.Any(o => o.Kind == "table" && o["of_type"] == pair.New!.Identity)
                ? " CASCADE" : "";
            foreach (var step in Steps(pair)!)
            {
                yield return $"ALTER TYPE {pair.New!.Identity} {step}{cascade}";
            }
        }

        if (pair.Has("attribute_comments"))
        {
            foreach (var statement in AttributeComments(pair.New!, pair.Old))
            {
                yield return statement;
            }
        }
    }

    // What is dropped and what is added at the end; null when that is not enough.
    private static List<string>? Steps(ObjectPair pair)
    {
        var old = Attributes(pair.Old!);
        var wanted = Attributes(pair.New!);
        var kept = old.Where(wanted.Contains).ToList();
        if (!wanted.Take(kept.Count).SequenceEqual(kept)
            || wanted.Skip(kept.Count).Any(w => kept.Any(k => Name(k) == Name(w))))
        {
            return null;
        }

        return [.. old.Except(kept).Select(a => $"DROP ATTRIBUTE {Name(a)}"),
            .. wanted.Skip(kept.Count).Select(a => $"ADD ATTRIBUTE {a}")];
    }

    private static List<string> Attributes(CatalogObject entry) => [.. entry["attributes"]?.Split('\n') ?? []];

    private static string Name(string attribute) => attribute.StartsWith('"')
        ? attribute[..(attribute.IndexOf("\" ", StringComparison.Ordinal) + 1)]
        : attribute[..attribute.IndexOf(' ', StringComparison.Ordinal)];

    private static IEnumerable<string> AttributeComments(CatalogObject entry, CatalogObject? old)
    {
        var wanted = entry["attribute_comments"]?.Split('\n') ?? [];
        var before = old?["attribute_comments"]?.Split('\n') ?? [];
        foreach (var gone in before.Where(b => wanted.All(w => Name(w) != Name(b))))
        {
            if (Attributes(entry).Any(a => Name(a) == Name(gone)))
            {
                yield return $"COMMENT ON COLUMN {entry.Identity}.{Name(gone)} IS NULL";
            }
        }

        foreach (var comment in wanted.Except(before))
        {
            yield return $"COMMENT ON COLUMN {entry.Identity}.{Name(comment)} IS{comment[Name(comment).Length..]}";
        }
    }
}

internal sealed class RangeTypeRule : TypeRule
{
    public override string Kind => "range type";

    public override int Rank => 15;

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Changed.Any(c => c is not (ObjectPair.Comment or ObjectPair.Owner or ObjectPair.Privileges))
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    protected override IEnumerable<string> Make(CatalogObject entry, DdlContext context)
    {
        string?[] parts =
        [
            $"SUBTYPE = {entry["subtype"]}",
            entry["operator_class"] is { } c ? $"SUBTYPE_OPCLASS = {c}" : null,
            entry["collation"] is { } l ? $"COLLATION = {l}" : null,
            entry["canonical"] is { } n ? $"CANONICAL = {n}" : null,
            entry["subtype_diff"] is { } d ? $"SUBTYPE_DIFF = {d}" : null,
            entry["multirange"] is { } m ? $"MULTIRANGE_TYPE_NAME = {m}" : null,
        ];
        yield return string.Create(CultureInfo.InvariantCulture, $"CREATE TYPE {entry.Identity} AS RANGE "
            + $"({string.Join(", ", parts.Where(p => p is not null))})");
    }
}
