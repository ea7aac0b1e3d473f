using PgMigrate.Migrations;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>What the user asked for.</summary>
public sealed record PlanRequest
{
    /// <summary>Apply or undo.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>Apply: up to and including it. Undo: back to it; it stays applied. A version or a name.</summary>
    public string? Target { get; init; }

    /// <summary>Maximum number of steps; zero means none.</summary>
    public int? Steps { get; init; }

    /// <summary>Exactly these, by version or name; null for no such choice.</summary>
    public IReadOnlyList<string>? Versions { get; init; }

    /// <summary>Undo: only this range; null for no such choice.</summary>
    public VersionBounds? Range { get; init; }

    /// <summary>Undo: everything.</summary>
    public bool All { get; init; }

    /// <summary>
    /// Apply: record everything up to and including this version or name as applied, without running it. Null to run.
    /// </summary>
    public string? Baseline { get; init; }

    /// <summary>What to do with late files.</summary>
    public OutOfOrderPolicy OutOfOrder { get; init; }

    /// <summary>Apply: all steps and their records in one transaction.</summary>
    public bool SingleTransaction { get; init; }

    /// <summary>Which DOWN text an undo runs.</summary>
    public UndoSource UndoSource { get; init; }

    /// <summary>The values of placeholders.</summary>
    public PlaceholderValues Placeholders { get; init; } = new();

    /// <summary>Allows an empty history in a database that has tables.</summary>
    public bool AllowNonEmpty { get; init; }

    /// <summary>The run will create the schema of the tracking table.</summary>
    public bool CreateSchema { get; init; }
}
