namespace PgMigrate;

/// <summary>One line of the append-only log: what <c>Get-PgMigrationStatus -History</c> emits.</summary>
public sealed record MigrationLogEntry
{
    /// <summary>Number of the line; later lines have higher numbers.</summary>
    public required long Id { get; init; }

    /// <summary>When it happened, with offset.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>applied</c>, <c>undone</c>, <c>failed</c>, <c>interrupted</c>, <c>record_removed</c>,
    /// <c>marked_applied</c>,
    /// <c>marked_pending</c>, <c>baseline</c>.</summary>
    public required string Event { get; init; }

    /// <summary>Module of the migration.</summary>
    public required string Module { get; init; }

    /// <summary>Canonical version.</summary>
    public required string Version { get; init; }

    /// <summary>The version as text that sorts and compares as versions do, in any comparison of texts.</summary>
    public required string VersionKey { get; init; }

    /// <summary>File name at that time.</summary>
    public required string FileName { get; init; }

    /// <summary>The session user who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>Time on the server, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>SHA-256 of the file at that time.</summary>
    public string? Checksum { get; init; }

    /// <summary>SQLSTATE of a failure.</summary>
    public string? SqlState { get; init; }

    /// <summary>Message of a failure, or the reason of a manual change.</summary>
    public string? Message { get; init; }

    /// <summary>The database.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Event and file.</summary>
    public override string ToString() => ConsoleText.Guard($"{Event} {FileName}");
}
