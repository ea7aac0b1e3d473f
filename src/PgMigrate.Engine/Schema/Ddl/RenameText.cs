using PgMigrate.Schema.Catalog;
using PgMigrate.Sql;

namespace PgMigrate.Schema.Ddl;

/// <summary>What the name of an object is made of.</summary>
internal enum NameShape
{
    /// <summary>It has no name of its own.</summary>
    None,

    /// <summary>One name, such as that of a schema.</summary>
    Global,

    /// <summary>A schema and a name.</summary>
    OfSchema,

    /// <summary>A schema, a table or domain, and a name.</summary>
    OfObject,
}

/// <summary>The statements that rename an object, or move it to another schema; pure.</summary>
internal static class RenameText
{
    private static readonly Dictionary<string, NameShape> Shapes = new()
    {
        ["schema"] = NameShape.Global,
        ["extension"] = NameShape.Global,
        ["language"] = NameShape.Global,
        ["access method"] = NameShape.Global,
        ["foreign data wrapper"] = NameShape.Global,
        ["server"] = NameShape.Global,
        ["publication"] = NameShape.Global,
        ["event trigger"] = NameShape.Global,
        ["table"] = NameShape.OfSchema,
        ["foreign table"] = NameShape.OfSchema,
        ["view"] = NameShape.OfSchema,
        ["materialized view"] = NameShape.OfSchema,
        ["sequence"] = NameShape.OfSchema,
        ["index"] = NameShape.OfSchema,
        ["enum"] = NameShape.OfSchema,
        ["domain"] = NameShape.OfSchema,
        ["composite type"] = NameShape.OfSchema,
        ["range type"] = NameShape.OfSchema,
        ["base type"] = NameShape.OfSchema,
        ["function"] = NameShape.OfSchema,
        ["procedure"] = NameShape.OfSchema,
        ["aggregate"] = NameShape.OfSchema,
        ["collation"] = NameShape.OfSchema,
        ["conversion"] = NameShape.OfSchema,
        ["operator class"] = NameShape.OfSchema,
        ["operator family"] = NameShape.OfSchema,
        ["text search parser"] = NameShape.OfSchema,
        ["text search template"] = NameShape.OfSchema,
        ["text search dictionary"] = NameShape.OfSchema,
        ["text search configuration"] = NameShape.OfSchema,
        ["statistics"] = NameShape.OfSchema,
        ["column"] = NameShape.OfObject,
        ["view column"] = NameShape.OfObject,
        ["constraint"] = NameShape.OfObject,
        ["domain constraint"] = NameShape.OfObject,
        ["trigger"] = NameShape.OfObject,
        ["rule"] = NameShape.OfObject,
        ["policy"] = NameShape.OfObject,
    };

    /// <summary>What the name of an object of a kind is made of.</summary>
    public static NameShape ShapeOf(string kind) => Shapes.GetValueOrDefault(kind);

    /// <summary>True when ALTER … RENAME knows the kind.</summary>
    public static bool CanRename(string kind) => kind is not ("extension" or "access method");

    /// <summary>True when ALTER … SET SCHEMA knows the kind. An index moves with its table.</summary>
    public static bool CanMove(string kind) => ShapeOf(kind) == NameShape.OfSchema && kind != "index";

    /// <summary>Place among renames: what names another object, such as the table of a column or a type of an argument,
    /// comes before that one.</summary>
    public static int RankOf(string kind) => kind switch
    {
        "schema" => 3,
        "function" or "procedure" or "aggregate" => 1,
        "index" or "sequence" => 0,
        _ => ShapeOf(kind) is NameShape.OfObject or NameShape.None ? 0 : 2,
    };

    /// <summary>The statement that gives an object another name.</summary>
    public static string Rename(CatalogObject entry, string newName) => entry.Kind switch
    {
        "column" => $"ALTER {(entry.Parent!.Kind == "foreign table" ? "FOREIGN TABLE" : "TABLE")} "
            + $"{entry.Parent.Identity} RENAME COLUMN {entry.QuotedName} TO {newName}",
        "view column" => $"ALTER {(entry.Parent!.Kind == "view" ? "VIEW" : "MATERIALIZED VIEW")} "
            + $"{entry.Parent.Identity} RENAME COLUMN {entry.QuotedName} TO {newName}",
        "constraint" => $"ALTER TABLE {entry.Parent!.Identity} RENAME CONSTRAINT {entry.QuotedName} TO {newName}",
        "domain constraint" =>
            $"ALTER DOMAIN {entry.Parent!.Identity} RENAME CONSTRAINT {entry.QuotedName} TO {newName}",
        _ => $"ALTER {Target(entry)} RENAME TO {newName}",
    };

    /// <summary>The statement that moves an object to another schema.</summary>
    public static string Move(CatalogObject entry, string schema) => $"ALTER {Target(entry)} SET SCHEMA {schema}";

    /// <summary>The statement that renames a label of an enum, which is no object of its own.</summary>
    public static string RenameLabel(CatalogObject type, string label, string newLabel) =>
        $"ALTER TYPE {type.Identity} RENAME VALUE {SqlIdentifier.Literal(label)} TO {SqlIdentifier.Literal(newLabel)}";

    /// <summary>The statement that renames an attribute of a composite type; tables of the type follow.</summary>
    public static string RenameAttribute(CatalogObject type, string attribute, string newAttribute) =>
        $"ALTER TYPE {type.Identity} RENAME ATTRIBUTE {attribute} TO {newAttribute} CASCADE";

    /// <summary>The statement that renames the multirange of a range type.</summary>
    public static string RenameMultirange(CatalogObject type, string name, string newName) =>
        $"ALTER TYPE {type.Schema}.{name} RENAME TO {newName}";

    private static string Target(CatalogObject entry) =>
        entry.Kind == "base type" ? $"TYPE {entry.Identity}" : RuleBook.Rule(entry).Target(entry);
}
