namespace PgMigrate.Schema.Catalog;

/// <summary>Names in the file of a snapshot.</summary>
internal static class SnapshotFormat
{
    public const string Name = "pgmigrate-schema";

    /// <summary>The version that this program writes, and the newest one that it reads.</summary>
    public const int Version = 1;

    public const string Format = "format";
    public const string FormatVersion = "formatVersion";
    public const string Origin = "origin";
    public const string ServerVersion = "serverVersion";
    public const string Role = "role";
    public const string Attributes = "attributes";
    public const string Objects = "objects";

    public const string Kind = "kind";
    public const string Identity = "identity";
    public const string ObjectName = "name";
    public const string QuotedName = "quotedName";
    public const string Schema = "schema";
    public const string Parent = "parent";
    public const string Owner = "owner";
    public const string Privileges = "privileges";
    public const string Comment = "comment";
    public const string DependsOn = "dependsOn";

    /// <summary>The origin of a schema that was read from a database.</summary>
    public const string Database = "database";

    /// <summary>The origin of a schema that SQL or migrations describe.</summary>
    public const string Files = "files";
}
