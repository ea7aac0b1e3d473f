namespace PgMigrate;

/// <summary>The result of a step or its preview: what <c>Invoke-</c> and <c>Undo-PgMigration</c> emit.</summary>
public sealed record MigrationResult
{
    /// <summary>Position in the run, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>Canonical version.</summary>
    public required string Version { get; init; }

    /// <summary>The version as text that sorts and compares as versions do, in any comparison of texts.</summary>
    public required string VersionKey { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>File name.</summary>
    public required string FileName { get; init; }

    /// <summary>
    /// Full path of the migrations folder that contains the file; null when it is gone and there are several.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Full paths of all folders of the set; the next cmdlet of a pipeline reads them.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>
    /// Stable name of the format of the file, such as <c>native</c> or <c>goose</c>; null when it is gone.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>Module whose history this is.</summary>
    public required string Module { get; init; }

    /// <summary>Schema of the tracking table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public required string HistoryTable { get; init; }

    /// <summary>The database.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Name of a <see cref="MigrationDirection"/>: which script ran.</summary>
    public required string Direction { get; init; }

    /// <summary>Name of a <see cref="MigrationOutcome"/>: how it ended, or would have.</summary>
    public required string Outcome { get; init; }

    /// <summary>Number of statements in the script.</summary>
    public required int StatementCount { get; init; }

    /// <summary>Rows affected by INSERT, UPDATE, DELETE and MERGE.</summary>
    public long RowsAffected { get; init; }

    /// <summary>Time on the server from BEGIN to the record, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public string? Checksum { get; init; }

    /// <summary>When it was recorded, with offset.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>Number of attempts.</summary>
    public int Attempts { get; init; }

    /// <summary>How many notices and warnings the server sent.</summary>
    public int Notices { get; init; }

    /// <summary>
    /// The objects that it created, altered, renamed or dropped, CASCADE's victims included; null unless they were
    /// asked for.
    /// </summary>
    public IReadOnlyList<SchemaChange>? Changes { get; init; }

    /// <summary>
    /// What went wrong; null unless the outcome is <see cref="MigrationOutcome.Failed"/> or
    /// <see cref="MigrationOutcome.Unknown"/>.
    /// </summary>
    public MigrationError? Error { get; init; }

    /// <summary>True when it has this outcome.</summary>
    public bool Is(MigrationOutcome outcome) => Outcome == outcome.ToString();

    /// <summary>True when it ran the script of this direction.</summary>
    public bool Is(MigrationDirection direction) => Direction == direction.ToString();

    /// <summary>Outcome and name.</summary>
    public override string ToString() => ConsoleText.Guard($"{Outcome} {Name}");
}
