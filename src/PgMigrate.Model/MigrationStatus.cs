namespace PgMigrate;

/// <summary>One migration where folder and history are joined: what <c>Get-PgMigrationStatus</c> emits.</summary>
public sealed record MigrationStatus
{
    /// <summary>Position in the plan's order, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>Canonical version: no leading zeros.</summary>
    public required string Version { get; init; }

    /// <summary>The version as text that sorts and compares as versions do, in any comparison of texts.</summary>
    public required string VersionKey { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>Current file name, or the recorded one when the file is gone.</summary>
    public required string FileName { get; init; }

    /// <summary>Full path of the file; null when it is gone.</summary>
    public string? FilePath { get; init; }

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

    /// <summary>The database; the next cmdlet of a pipeline connects to it.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Name of a <see cref="MigrationState"/>.</summary>
    public required string State { get; init; }

    /// <summary>True when an apply would run it.</summary>
    public bool Pending => State is nameof(MigrationState.Pending) or nameof(MigrationState.OutOfOrder)
        or nameof(MigrationState.Interrupted) or nameof(MigrationState.RepeatableChanged);

    /// <summary>True when the history has it as applied.</summary>
    public bool Applied => !Pending;

    /// <summary>When it was applied, with offset; null while pending.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>The session user that applied it.</summary>
    public string? AppliedBy { get; init; }

    /// <summary>Time on the server, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>SHA-256 recorded when it was applied, 64 hexadecimal digits.</summary>
    public string? Checksum { get; init; }

    /// <summary>SHA-256 of the file as it is now.</summary>
    public string? CurrentChecksum { get; init; }

    /// <summary>From the file's <c>-- Description:</c> line.</summary>
    public string? Description { get; init; }

    /// <summary>From the file's <c>-- Depends:</c> line.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when a DOWN script exists, in the file or in the record.</summary>
    public bool HasUndo { get; init; }

    /// <summary>The DOWN text that was recorded when it was applied; read only on request.</summary>
    public string? UndoSql { get; init; }

    /// <summary>True when it has this state.</summary>
    public bool Is(MigrationState state) => State == state.ToString();

    /// <summary>State and name.</summary>
    public override string ToString() => ConsoleText.Guard($"{State} {Name}");
}
