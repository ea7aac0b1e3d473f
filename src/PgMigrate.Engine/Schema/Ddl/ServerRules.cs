using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>Foreign data wrappers, servers and user mappings: what they have in common are options.</summary>
internal abstract class ForeignRule : KindRule
{
    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context)
    {
        if (pair.Has("foreign_options"))
        {
            yield return $"ALTER {Target(pair.New!)} OPTIONS "
                + $"({OptionText.ForeignChanges(pair.Old!["foreign_options"], pair.New!["foreign_options"])})";
        }
    }

    protected static string With(CatalogObject entry) =>
        entry["foreign_options"] is { } options ? $" OPTIONS ({OptionText.Foreign(options)})" : "";
}

internal sealed class ForeignDataWrapperRule : ForeignRule
{
    public override string Kind => "foreign data wrapper";

    public override int Rank => 34;

    public override string Noun => "FOREIGN DATA WRAPPER";

    public override string? GrantNoun => "FOREIGN DATA WRAPPER";

    public override bool HasOwner => true;

    public override IReadOnlyList<string> OwnerPrivileges(int major) => ["USAGE"];

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE FOREIGN DATA WRAPPER {entry.Identity}{Functions(entry)}{With(entry)}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        (pair.Has("handler") || pair.Has("validator")
            ? [$"ALTER FOREIGN DATA WRAPPER {pair.New!.Identity}{Changed(pair.New)}"]
            : Enumerable.Empty<string>()).Concat(base.Alter(pair, context));

    private static string Changed(CatalogObject entry) =>
        (entry["handler"] is { } handler ? $" HANDLER {handler}" : " NO HANDLER")
            + (entry["validator"] is { } validator ? $" VALIDATOR {validator}" : " NO VALIDATOR");

    private static string Functions(CatalogObject entry) =>
        (entry["handler"] is { } handler ? $" HANDLER {handler}" : "")
            + (entry["validator"] is { } validator ? $" VALIDATOR {validator}" : "");
}

internal sealed class ServerRule : ForeignRule
{
    public override string Kind => "server";

    public override int Rank => 35;

    public override string Noun => "SERVER";

    public override string? GrantNoun => "FOREIGN SERVER";

    public override bool HasOwner => true;

    public override IReadOnlyList<string> OwnerPrivileges(int major) => ["USAGE"];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("wrapper") || pair.Has("type") ? (ChangeWay.Replace, false) : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        var type = entry["type"] is { } t ? $" TYPE {Text(t)}" : "";
        var version = entry["version"] is { } v ? $" VERSION {Text(v)}" : "";
        yield return $"CREATE SERVER {entry.Identity}{type}{version} FOREIGN DATA WRAPPER "
            + $"{entry["wrapper"]}{With(entry)}";
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        (pair.Has("version") ? [$"ALTER SERVER {pair.New!.Identity} VERSION {Text(pair.New["version"])}"]
            : Enumerable.Empty<string>())
            .Concat(base.Alter(pair, context));
}

internal sealed class UserMappingRule : ForeignRule
{
    public override string Kind => "user mapping";

    public override int Rank => 36;

    public override string Noun => "USER MAPPING";

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE USER MAPPING {entry.Identity}{With(entry)}"];
}

internal sealed class EventTriggerRule : KindRule
{
    public override string Kind => "event trigger";

    public override int Rank => 200;

    public override string Noun => "EVENT TRIGGER";

    public override bool HasOwner => true;

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("event") || pair.Has("function") || pair.Has("tags") ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        yield return $"CREATE EVENT TRIGGER {entry.Identity} ON {entry["event"]}"
            + (entry["tags"] is { } tags ? $" WHEN TAG IN ({tags})" : "") + $" EXECUTE FUNCTION {entry["function"]}()";
        if (entry["enabled"] != "O")
        {
            yield return State(entry);
        }
    }

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        pair.Has("enabled") ? [State(pair.New!)] : [];

    private static string State(CatalogObject entry) =>
        $"ALTER EVENT TRIGGER {entry.Identity} {TriggerRule.Word(entry["enabled"]!)}";
}

internal sealed class PublicationRule : KindRule
{
    public override string Kind => "publication";

    public override int Rank => 90;

    public override string Noun => "PUBLICATION";

    public override bool HasOwner => true;

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("all_tables") ? (ChangeWay.Replace, false) : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE PUBLICATION {entry.Identity}{(entry.Is("all_tables") ? " FOR ALL TABLES" : "")} WITH "
            + $"({Settings(entry)})"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        pair.Has("publish") || pair.Has("via_root") || pair.Has("generated_columns")
            ? [$"ALTER PUBLICATION {pair.New!.Identity} SET ({Settings(pair.New)})"]
            : [];

    private static string Settings(CatalogObject entry) =>
        $"publish = '{entry["publish"]}', publish_via_partition_root = {(entry.Is("via_root") ? "true" : "false")}"
            + (entry["generated_columns"] is { } generated
            ? $", publish_generated_columns = {(generated is "s" or "true" ? "stored" : "none")}" : "");
}

internal sealed class PublicationTableRule : KindRule
{
    public override string Kind => "publication table";

    public override int Rank => 92;

    public override string Noun => "TABLE";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "table" };

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) =>
        entry.DependsOn.Where(d => d.Kind is "publication" or "table");

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Replace, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !(cause.Any.Kind == "column" && ViewRule.Retypes(cause)) ? Reaction.Stay
            : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"ALTER PUBLICATION {entry.Parent!.Identity} ADD TABLE ONLY {entry["table"]}"
            + (entry["columns"] is { } columns ? $" ({columns})" : "")
            + (entry["filter"] is { } filter ? $" WHERE ({filter})" : "")];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"ALTER PUBLICATION {entry.Parent!.Identity} DROP TABLE ONLY {entry["table"]}"];
}

internal sealed class PublicationSchemaRule : KindRule
{
    public override string Kind => "publication schema";

    public override int Rank => 91;

    public override string Noun => "SCHEMA";

    public override IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => entry.DependsOn;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"ALTER PUBLICATION {entry.Parent!.Identity} ADD TABLES IN SCHEMA {entry.QuotedName}"];

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        [$"ALTER PUBLICATION {entry.Parent!.Identity} DROP TABLES IN SCHEMA {entry.QuotedName}"];
}

internal sealed class DefaultPrivilegesRule : KindRule
{
    public override string Kind => "default privileges";

    public override int Rank => 100;

    public override string Noun => "DEFAULT PRIVILEGES";

    public override bool IsPrivilege => true;

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "built_in", "role" };

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        Changes(entry, BuiltIn(entry), Given(entry));

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        Changes(entry, Given(entry), BuiltIn(entry));

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        Changes(pair.New!, Given(pair.Old!), Given(pair.New!));

    public static IReadOnlySet<string> Given(CatalogObject entry) => PrivilegeText.Parse(entry["grants"])!;

    private static IReadOnlySet<string> BuiltIn(CatalogObject entry) =>
        PrivilegeText.Parse(entry["built_in"]) ?? new HashSet<string>();

    private static IEnumerable<string> Changes(CatalogObject entry, IReadOnlySet<string> from, IReadOnlySet<string> to)
    {
        // FOR ROLE x IN SCHEMA y ON TABLES: what comes before ON belongs in front of GRANT.
        var split = entry.Identity.LastIndexOf(" ON ", StringComparison.Ordinal);
        return PrivilegeText.Changes(entry.Identity[(split + 4)..], from, to, entry["role"])
            .Select(s => $"ALTER DEFAULT PRIVILEGES {entry.Identity[..split]} {s}");
    }
}
