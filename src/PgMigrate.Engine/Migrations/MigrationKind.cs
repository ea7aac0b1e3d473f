namespace PgMigrate.Migrations;

/// <summary>The kind of a migration. Only Flyway's folders have any but versioned ones.</summary>
public enum MigrationKind
{
    /// <summary>Runs once, in version order.</summary>
    Versioned,

    /// <summary>Runs again whenever it has changed, after all versioned ones.</summary>
    Repeatable,

    /// <summary>Replaces all versions up to its own where nothing is applied yet.</summary>
    BaselineScript,
}
