namespace PgMigrate;

/// <summary>A whole run: emitted by <c>-Summary</c>, and the target object of every error of a run.</summary>
public sealed record MigrationRunSummary
{
    /// <summary>Name of a <see cref="RunStatus"/>: how the run ended.</summary>
    public required string Status { get; init; }

    /// <summary>What each step did, in order; the failed one last.</summary>
    public required IReadOnlyList<MigrationResult> Results { get; init; }

    /// <summary>Number of steps that were applied.</summary>
    public int Applied { get; init; }

    /// <summary>Number of steps that were undone.</summary>
    public int Undone { get; init; }

    /// <summary>Number of migrations that were recorded without being run.</summary>
    public int Recorded { get; init; }

    /// <summary>Number of migrations that are still to apply; of an undo, of steps that were not reached.</summary>
    public int Pending { get; init; }

    /// <summary>Number of steps whose COMMIT has an unknown outcome: neither done nor pending.</summary>
    public int Unknown { get; init; }

    /// <summary>Number of migrations that needed nothing.</summary>
    public int Skipped { get; init; }

    /// <summary>Number of migrations in folder and history together.</summary>
    public int Total { get; init; }

    /// <summary>Time from the first to the last event of the run, in milliseconds.</summary>
    public double TotalMs { get; init; }

    /// <summary>File name of the migration that failed, or whose COMMIT has an unknown outcome.</summary>
    public string? FailedMigration { get; init; }

    /// <summary>What went wrong.</summary>
    public MigrationError? Error { get; init; }

    /// <summary>Problems that blocked or accompanied the plan.</summary>
    public IReadOnlyList<MigrationProblem> Problems { get; init; } = [];

    /// <summary>Module whose history this is.</summary>
    public required string Module { get; init; }

    /// <summary>Schema of the tracking table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public required string HistoryTable { get; init; }

    /// <summary>The database; null when none could be determined, or none is needed.</summary>
    public required Connection? Connection { get; init; }

    /// <summary>True when the run has this status.</summary>
    public bool Is(RunStatus status) => Status == status.ToString();

    /// <summary>Status, and the database.</summary>
    public override string ToString() => ConsoleText.Guard(Connection is null ? Status : $"{Status}: {Connection}");
}
