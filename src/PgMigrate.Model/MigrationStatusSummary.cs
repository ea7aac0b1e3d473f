namespace PgMigrate;

/// <summary>What <c>Get-PgMigrationStatus -Summary</c> emits: the gate of a CI step.</summary>
public sealed record MigrationStatusSummary
{
    /// <summary>True when nothing is pending, changed or interrupted.</summary>
    public required bool IsUpToDate { get; init; }

    /// <summary>Number of migrations in folder and history together.</summary>
    public required int Total { get; init; }

    /// <summary>Number of applied ones, whatever happened to their files since.</summary>
    public required int Applied { get; init; }

    /// <summary>Number of pending ones, those out of order included.</summary>
    public required int Pending { get; init; }

    /// <summary>Number of pending ones that sort before an applied one.</summary>
    public required int OutOfOrder { get; init; }

    /// <summary>Number of applied ones whose SQL has changed.</summary>
    public required int Modified { get; init; }

    /// <summary>Number of applied ones whose file is gone.</summary>
    public required int Missing { get; init; }

    /// <summary>Number of files in the folder.</summary>
    public required int Files { get; init; }

    /// <summary>Version of the newest applied migration in plan order; null when none is.</summary>
    public string? CurrentVersion { get; init; }

    /// <summary>Full path of the migrations folder; null when there are several.</summary>
    public string? Folder { get; init; }

    /// <summary>Full paths of all folders of the set.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>
    /// Stable name of the format of the files, such as <c>native</c> or <c>goose</c>; of several, all names.
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

    /// <summary>Whether it is up to date, and the database.</summary>
    public override string ToString() => $"{(IsUpToDate ? "Up to date" : "Not up to date")}: {Connection}";
}
