using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class SchemaRule : KindRule
{
    public override string Kind => "schema";

    public override int Rank => 0;

    public override string Noun => "SCHEMA";

    public override string? GrantNoun => "SCHEMA";

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "n";

    public override IReadOnlyList<string> OwnerPrivileges(int major) => ["CREATE", "USAGE"];

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE SCHEMA {entry.Identity}"];
}

internal sealed class ExtensionRule : KindRule
{
    public override string Kind => "extension";

    public override int Rank => 1;

    public override string Noun => "EXTENSION";

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "relocatable" };

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        (pair.Has("extension_schema") && !pair.Old!.Is("relocatable") ? ChangeWay.Replace : ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE EXTENSION {entry.Identity} WITH SCHEMA {entry["extension_schema"]}"];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => pair.Has("extension_schema")
        ? [$"ALTER EXTENSION {pair.New!.Identity} SET SCHEMA {pair.New["extension_schema"]}"]
        : [];
}
