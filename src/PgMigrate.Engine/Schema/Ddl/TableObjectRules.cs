using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class TriggerRule : KindRule
{
    public override string Kind => "trigger";

    public override int Rank => 80;

    public override string Noun => "TRIGGER";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "table" };

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } table ? [table] : [];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("definition") || pair.Has("operators") ? (ChangeWay.Replace, false) : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !(cause.Any.Kind == "column" && ViewRule.Retypes(cause)) ? Reaction.Stay
        : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) => entry["enabled"] == "O"
        ? [entry["definition"]!]
        : [entry["definition"]!, State(entry)];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        pair.Has("enabled") ? [State(pair.New!)] : [];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"DROP TRIGGER {entry.Identity}"];

    internal static string State(CatalogObject entry) =>
        $"ALTER TABLE {entry["table"]} {Word(entry["enabled"]!)} TRIGGER {entry.QuotedName}";

    internal static string Word(string enabled) => enabled switch
    {
        "D" => "DISABLE",
        "A" => "ENABLE ALWAYS",
        "R" => "ENABLE REPLICA",
        _ => "ENABLE",
    };
}

/// <summary>A trigger that a partition has from its parent, but in another state.</summary>
internal sealed class TriggerStateRule : KindRule
{
    public override string Kind => "trigger state";

    public override int Rank => 81;

    public override string Noun => "TRIGGER";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "table", "parent_state" };

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => entry.DependsOn;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) => [TriggerRule.State(entry)];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => [TriggerRule.State(pair.New!)];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"ALTER TABLE {entry["table"]} {TriggerRule.Word(entry["parent_state"]!)} TRIGGER {entry.QuotedName}"];
}

internal sealed class RewriteRule : KindRule
{
    public override string Kind => "rule";

    public override int Rank => 82;

    public override string Noun => "RULE";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "table" };

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } table ? [table] : [];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("definition") || pair.Has("operators") ? (ChangeWay.Replace, false) : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !ViewRule.Retypes(cause) ? Reaction.Stay : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) => entry["enabled"] == "O"
        ? [entry["definition"]!.TrimEnd(';')]
        : [entry["definition"]!.TrimEnd(';'), State(entry)];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        pair.Has("enabled") ? [State(pair.New!)] : [];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"DROP RULE {entry.Identity}"];

    private static string State(CatalogObject entry) =>
        $"ALTER TABLE {entry["table"]} {TriggerRule.Word(entry["enabled"]!)} RULE {entry.QuotedName}";
}

internal sealed class PolicyRule : KindRule
{
    public override string Kind => "policy";

    public override int Rank => 84;

    public override string Noun => "POLICY";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "table" };

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } table ? [table] : [];

    // ALTER POLICY can take neither USING nor WITH CHECK away.
    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("command") || pair.Has("permissive") || pair.Has("operators")
            || (pair.Has("using") && pair.New!["using"] is null) || (pair.Has("check") && pair.New!["check"] is null)
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !ViewRule.Retypes(cause) ? Reaction.Stay
        : why == Disturbance.Dropped && dependent.Changed.Count > 0 ? Reaction.Stay
        : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        var command = entry["command"] switch
        {
            "r" => " FOR SELECT",
            "a" => " FOR INSERT",
            "w" => " FOR UPDATE",
            "d" => " FOR DELETE",
            _ => ""
        };
        yield return $"CREATE POLICY {entry.Identity}{(entry.Is("permissive") ? "" : " AS RESTRICTIVE")}{command} TO "
            + $"{entry["roles"]}"
            + (entry["using"] is { } expression ? $" USING ({expression})" : "")
            + (entry["check"] is { } check ? $" WITH CHECK ({check})" : "");
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        var text = (pair.Has("roles") ? $" TO {pair.New!["roles"]}" : "")
            + (pair.Has("using") ? $" USING ({pair.New!["using"]})" : "")
            + (pair.Has("check") ? $" WITH CHECK ({pair.New!["check"]})" : "");
        if (text.Length > 0)
        {
            yield return $"ALTER POLICY {pair.New!.Identity}{text}";
        }
    }

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"DROP POLICY {entry.Identity}"];
}

internal sealed class StatisticsRule : KindRule
{
    public override string Kind => "statistics";

    public override int Rank => 86;

    public override string Noun => "STATISTICS";

    public override bool HasOwner => true;

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.Parent is { } table ? [table] : [];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("definition") ? (ChangeWay.Replace, false) : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !ViewRule.Retypes(cause) ? Reaction.Stay : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) => entry["target"] is { } target
        ? [entry["definition"]!, $"ALTER STATISTICS {entry.Identity} SET STATISTICS {target}"]
        : [entry["definition"]!];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => pair.Has("target")
        ? [$"ALTER STATISTICS {pair.New!.Identity} SET STATISTICS {pair.New["target"] ?? "-1"}"]
        : [];
}
