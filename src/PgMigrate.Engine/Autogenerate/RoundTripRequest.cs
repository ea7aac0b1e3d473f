using PgMigrate.Connections;
using PgMigrate.Runs;
using PgMigrate.Scripts;

namespace PgMigrate.Autogenerate;

/// <summary>Which migrations are applied, undone and applied again.</summary>
public sealed record RoundTripRequest
{
    /// <summary>The migrations folder and the tracking table.</summary>
    public required MigratorOptions Options { get; init; }

    /// <summary>Where the scratch database is made.</summary>
    public required ScratchOptions Scratch { get; init; }

    /// <summary>The database whose pending migrations are tried; null for all of the folder.</summary>
    public DatabaseTarget? Database { get; init; }

    /// <summary>Versions or names of the migrations to try instead; null for no such choice.</summary>
    public IReadOnlyList<string>? Versions { get; init; }

    /// <summary>The values of placeholders.</summary>
    public PlaceholderValues Placeholders { get; init; } = new();
}

/// <summary>What happens during a round trip.</summary>
public abstract record RoundTripEvent;

/// <summary>The next migration.</summary>
/// <param name="Name">File name without its ending.</param>
/// <param name="Number">Its place among those that are tried, from 1.</param>
/// <param name="Count">How many are tried.</param>
public sealed record RoundTripStage(string Name, int Number, int Count) : RoundTripEvent;

/// <summary>Something that does not hold.</summary>
/// <param name="Problem">The problem with its file.</param>
public sealed record RoundTripFinding(MigrationProblem Problem) : RoundTripEvent;
