using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Scripts;

namespace PgMigrate.Planning;

/// <summary>One step of a plan: a script and what it is recorded as.</summary>
public sealed record PlannedStep
{
    /// <summary>Apply or undo.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>Version of the migration.</summary>
    public required MigrationVersion Version { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>File name; the recorded one when the file is gone.</summary>
    public required string FileName { get; init; }

    /// <summary>Full path of the file; null when the script comes from the record.</summary>
    public string? FilePath { get; init; }

    /// <summary>
    /// Full path of the migrations folder that holds the file; null when it is gone and there are several.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Full paths of all folders the plan was made for.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>True when it is only recorded, not run.</summary>
    public bool IsRecordOnly { get; init; }

    /// <summary>The SQL to run.</summary>
    public required SqlScript Script { get; init; }

    /// <summary>The migration that is applied; null for an undo whose file is gone.</summary>
    public Migration? Migration { get; init; }

    /// <summary>The row that an undo deletes, or that of an interrupted apply; null for a new apply.</summary>
    public HistoryEntry? Entry { get; init; }

    /// <summary>The values of its placeholders; knows which of them must not be shown.</summary>
    public PlaceholderValues Placeholders { get; init; } = new();

    /// <summary>True when the script is the recorded DOWN text, not the file's.</summary>
    public bool IsRecordedScript { get; init; }

    /// <summary>True when all steps of the plan run in one transaction.</summary>
    public bool SharesTransaction { get; init; }
}

/// <summary>A promise about a known state: these steps, in this order, for this history.</summary>
public sealed record MigrationPlan
{
    /// <summary>The request; the runner plans it again under the lock.</summary>
    public required PlanRequest Request { get; init; }

    /// <summary>The files it was made from.</summary>
    public required MigrationFolderContent Folder { get; init; }

    /// <summary>The steps in order.</summary>
    public required IReadOnlyList<PlannedStep> Steps { get; init; }

    /// <summary>All errors and warnings.</summary>
    public required IReadOnlyList<MigrationProblem> Problems { get; init; }

    /// <summary>The state it is made for.</summary>
    public required HistoryFingerprint BasedOn { get; init; }

    /// <summary>Number of migrations in folder and history together.</summary>
    public required int Total { get; init; }

    /// <summary>Number of migrations to apply, chosen or not; of an undo, of its steps.</summary>
    public required int Pending { get; init; }

    /// <summary>Roles other than the owner that may write the tracking table; read for an undo.</summary>
    public IReadOnlyList<string> OtherWriters { get; init; } = [];

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => Steps.Count == 0;

    /// <summary>True when an error blocks it.</summary>
    public bool IsBlocked => Problems.Any(problem => problem.Is(ProblemSeverity.Error));

    /// <summary>The problems that block it.</summary>
    public IReadOnlyList<MigrationProblem> Errors =>
        Problems.Where(problem => problem.Is(ProblemSeverity.Error)).ToList();

    /// <summary>The plan cut after its first <paramref name="count"/> steps.</summary>
    public MigrationPlan Until(int count) => this with { Steps = Steps.Take(count).ToList() };
}
