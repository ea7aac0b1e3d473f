using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class ConstraintRule : KindRule
{
    private const string NotValid = " NOT VALID";

    public override string Kind => "constraint";

    public override int Rank => 46;

    // A foreign key needs a key that is attached to all partitions.
    public override int RankOf(CatalogObject entry) => entry["type"] == "f" ? 66 : Rank;

    public override string Noun => "CONSTRAINT";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string>
    {
        "is_local", "is_inherited", "table_is_partitioned",
    };

    public override bool IsCompared(CatalogObject old, CatalogObject wanted, string attribute) =>
        base.IsCompared(old, wanted, attribute) && !(IsFollower(old) && IsFollower(wanted));

    // A CHECK that comes from the parent table.
    public override bool IsFollower(CatalogObject entry) =>
        entry.Is("is_inherited") && !entry.Is("is_local") && entry["type"] == "c";

    public override IEnumerable<string> Slots(CatalogObject entry)
    {
        yield return $"constraint {entry.Identity}";
        if (entry["type"] == "p")
        {
            yield return $"primary key {entry.Parent!.Identity}";
        }

        if (entry["index_schema"] is { } schema)
        {
            yield return $"relation {schema}.{entry.QuotedName}";
        }
    }

    public override CatalogObject? CreatedWith(CatalogObject entry) =>
        entry["type"] is "f" || !entry.Is("is_valid") || entry["attached_to"] is not null
            || (entry["type"] is "p" or "u" or "x" && entry.Is("table_is_partitioned"))
            || (IsFollower(entry) && entry.Parent!["is_partition"] != "true")
            ? null
            : entry.Parent;

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry)
    {
        if (entry.Parent is { } table)
        {
            yield return table;
        }
    }

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var onlySettings = pair.Changed.All(c =>
            c is "index_options" or "index_tablespace" or "index_comment" or "clustered" or "replica_identity"
                or ObjectPair.Comment or "is_valid" or "definition");
        var sameText = Plain(old["definition"]!) == Plain(wanted["definition"]!);
        return onlySettings && sameText && (old["is_valid"] == wanted["is_valid"] || wanted.Is("is_valid"))
            ? (ChangeWay.Alter, false)
            : onlySettings && old["type"] == "f"
            && WithoutTiming(old["definition"]!) == WithoutTiming(wanted["definition"]!)
            && old["is_valid"] == wanted["is_valid"]
                ? (ChangeWay.Alter, false)
                : (ChangeWay.Replace, false);
    }

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why)
    {
        var old = dependent.Old!;
        if (why == Disturbance.Altered)
        {
            // The server rebuilds keys and checks itself, unless the type is another one altogether.
            return cause.Any.Kind == "column"
                && (cause.Has("type") || cause.Has("collation") || cause.Changed.Count == 0)
                && (old["type"] is "c" or "x" || (old["type"] == "f" && cause.Has("type")))
                ? Reaction.Replace
                : Reaction.Stay;
        }

        // A foreign key that is the same on both sides, but rests on another key of the table.
        return why == Disturbance.Dropped && dependent.Changed.Count > 0 && old["type"] != "f" ? Reaction.Stay
            : Reaction.Replace;
    }

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        if (context.IsFolded(entry) || IsFollower(entry))
        {
            yield break;
        }

        var only = entry["type"] is "p" or "u" or "x" && entry.Is("table_is_partitioned") ? "ONLY " : "";
        yield return $"ALTER {Table(entry)} {only}{entry.Parent!.Identity} ADD CONSTRAINT {entry.QuotedName} "
            + $"{entry["definition"]}";
        foreach (var statement in Settings(entry))
        {
            yield return statement;
        }
    }

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        IsFollower(entry) ? [] : [$"ALTER {Table(entry)} {entry.Parent!.Identity} DROP CONSTRAINT {entry.QuotedName}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        if (old["type"] == "f" && WithoutTiming(old["definition"]!) == WithoutTiming(wanted["definition"]!)
            && Plain(old["definition"]!) != Plain(wanted["definition"]!))
        {
            var text = wanted["definition"]!;
            yield return $"ALTER TABLE {wanted.Parent!.Identity} ALTER CONSTRAINT {wanted.QuotedName} "
                + (text.Contains(" DEFERRABLE", StringComparison.Ordinal) ? "DEFERRABLE" : "NOT DEFERRABLE")
                + (text.Contains(" INITIALLY DEFERRED", StringComparison.Ordinal) ? " INITIALLY DEFERRED"
                : " INITIALLY IMMEDIATE");
        }

        if (!old.Is("is_valid") && wanted.Is("is_valid"))
        {
            yield return $"ALTER {Table(wanted)} {wanted.Parent!.Identity} VALIDATE CONSTRAINT {wanted.QuotedName}";
        }

        foreach (var statement in Settings(wanted, old))
        {
            yield return statement;
        }
    }

    public override string CommentTarget(CatalogObject entry) =>
        $"CONSTRAINT {entry.QuotedName} ON {entry.Parent!.Identity}";

    /// <summary>Keys first, checks last.</summary>
    public static int Order(CatalogObject entry) => entry["type"] switch { "p" => 0, "u" => 1, "x" => 2, _ => 3 };

    /// <summary>What is said of its index, and cannot be said with the constraint.</summary>
    public static IEnumerable<string> Settings(CatalogObject entry, CatalogObject? old = null)
    {
        var index = $"{entry["index_schema"]}.{entry.QuotedName}";
        foreach (var change in OptionText.Changes(old?["index_options"]?.Replace(", "
            + "", "\n", StringComparison.Ordinal), entry["index_options"]?.Replace(", "
            + "", "\n", StringComparison.Ordinal)))
        {
            yield return $"ALTER INDEX {index} {change}";
        }

        if (entry["index_tablespace"] != old?["index_tablespace"])
        {
            yield return $"ALTER INDEX {index} SET TABLESPACE {entry["index_tablespace"] ?? "pg_default"}";
        }

        if (entry["index_comment"] != old?["index_comment"])
        {
            yield return $"COMMENT ON INDEX {index} IS {Text(entry["index_comment"])}";
        }

        foreach (var statement in IndexRule.TableSettings(entry, old, entry.Parent!.Identity))
        {
            yield return statement;
        }
    }

    private static string Table(CatalogObject entry) =>
        entry.Parent!.Kind == "foreign table" ? "FOREIGN TABLE" : "TABLE";

    private static string Plain(string definition) =>
        definition.EndsWith(NotValid, StringComparison.Ordinal) ? definition[..^NotValid.Length] : definition;

    private static string WithoutTiming(string definition) => definition
        .Replace(" INITIALLY DEFERRED", "", StringComparison.Ordinal)
        .Replace(" DEFERRABLE", "", StringComparison.Ordinal);
}
