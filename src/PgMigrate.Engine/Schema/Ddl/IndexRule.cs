using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class IndexRule : KindRule
{
    public override string Kind => "index";

    public override int Rank => 60;

    public override string Noun => "INDEX";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "table" };

    public override IEnumerable<string> Slots(CatalogObject entry) => [$"relation {entry.Identity}"];

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } table ? [table] : [];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("definition") && WithoutOptions(pair.Old!["definition"]!) != WithoutOptions(pair.New!["definition"]!)
            || pair.Has("operators") || pair.Has("is_valid")
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered
            ? cause.Any.Kind == "column" && (cause.Has("type") || cause.Has("collation") || cause.Changed.Count == 0)
                && HasExpression(dependent.Old!) ? Reaction.Replace : Reaction.Stay
            : base.React(dependent, cause, why);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        yield return entry["definition"]!;
        if (entry["tablespace"] is { } space)
        {
            yield return $"ALTER INDEX {entry.Identity} SET TABLESPACE {space}";
        }

        foreach (var target in entry["statistics"]?.Split('\n') ?? [])
        {
            yield return $"ALTER INDEX {entry.Identity} ALTER COLUMN {target.Split(' ')[0]} SET STATISTICS "
                + $"{target.Split(' ')[1]}";
        }

        foreach (var statement in TableSettings(entry, null, entry["table"]!))
        {
            yield return statement;
        }
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        if (pair.Has("definition"))
        {
            foreach (var change in OptionText.Changes(Options(old["definition"]!), Options(wanted["definition"]!)))
            {
                yield return $"ALTER INDEX {wanted.Identity} {change}";
            }
        }

        if (pair.Has("tablespace"))
        {
            yield return $"ALTER INDEX {wanted.Identity} SET TABLESPACE {wanted["tablespace"] ?? "pg_default"}";
        }

        if (pair.Has("statistics"))
        {
            var before = old["statistics"]?.Split('\n') ?? [];
            var after = wanted["statistics"]?.Split('\n') ?? [];
            foreach (var gone in before.Where(b => after.All(a => a.Split(' ')[0] != b.Split(' ')[0])))
            {
                yield return $"ALTER INDEX {wanted.Identity} ALTER COLUMN {gone.Split(' ')[0]} SET STATISTICS -1";
            }

            foreach (var target in after.Except(before))
            {
                yield return $"ALTER INDEX {wanted.Identity} ALTER COLUMN {target.Split(' ')[0]} SET STATISTICS "
                    + $"{target.Split(' ')[1]}";
            }
        }

        foreach (var statement in TableSettings(wanted, old, wanted["table"]!))
        {
            yield return statement;
        }
    }

    /// <summary>What a table says of one of its indexes.</summary>
    public static IEnumerable<string> TableSettings(CatalogObject entry, CatalogObject? old, string table)
    {
        if (entry["clustered"] != old?["clustered"])
        {
            yield return entry["clustered"] is not null
                ? $"ALTER TABLE {table} CLUSTER ON {entry.QuotedName}"
                : $"ALTER TABLE {table} SET WITHOUT CLUSTER";
        }

        if (entry["replica_identity"] != old?["replica_identity"])
        {
            yield return $"ALTER TABLE {table} REPLICA IDENTITY "
                + (entry["replica_identity"] is not null ? $"USING INDEX {entry.QuotedName}" : "DEFAULT");
        }
    }

    private static bool HasExpression(CatalogObject entry) =>
        entry["definition"]!.Contains(" WHERE ", StringComparison.Ordinal)
        || entry["definition"]!.Count(c => c == '(') > 1;

    private static string WithoutOptions(string definition)
    {
        var start = definition.IndexOf(" WITH (", StringComparison.Ordinal);
        return start < 0 ? definition : definition.Remove(start, definition.IndexOf(')', start) - start + 1);
    }

    private static string? Options(string definition)
    {
        var start = definition.IndexOf(" WITH (", StringComparison.Ordinal);
        return start < 0 ? null
            : definition[(start + 7)..definition.IndexOf(')', start)].Replace("'", "",
            StringComparison.Ordinal).Replace(", ", "\n", StringComparison.Ordinal);
    }
}

/// <summary>An index of a partition as a part of the index of the partitioned table.</summary>
internal sealed class IndexAttachmentRule : KindRule
{
    public override string Kind => "index attachment";

    public override int Rank => 64;

    public override string Noun => "INDEX";

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Replace, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"ALTER INDEX {entry["parent"]} ATTACH PARTITION {entry.Identity}"];

    // It ends with either index, or when the partition is detached.
    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) => [];
}
