namespace PgMigrate;

/// <summary>How a schema is written.</summary>
public enum SchemaExportFormat
{
    /// <summary>SQL that creates it.</summary>
    Sql,

    /// <summary>JSON that is read back whole, to be compared without a database.</summary>
    Snapshot,
}
