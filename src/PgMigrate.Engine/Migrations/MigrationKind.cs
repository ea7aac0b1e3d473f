namespace PgMigrate.Migrations;

/// <summary>What a migration is for. Only Flyway's folders hold anything but versioned ones.</summary>
public enum MigrationKind
{
    /// <summary>Runs once, in its place.</summary>
    Versioned,

    /// <summary>Runs again whenever it has changed, after all versioned ones.</summary>
    Repeatable,

    /// <summary>Stands for all versions up to its own where nothing is applied yet.</summary>
    BaselineScript,
}
