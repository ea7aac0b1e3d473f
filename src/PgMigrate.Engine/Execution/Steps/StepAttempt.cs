using PgMigrate.Planning;

namespace PgMigrate.Execution.Steps;

/// <summary>One attempt at a step, and what is known of it.</summary>
/// <param name="Step">The step.</param>
/// <param name="Number">Which attempt it is, from 1.</param>
internal sealed record StepAttempt(PlannedStep Step, int Number)
{
    /// <summary>When it began, as a timestamp of the clock of this process.</summary>
    public long Started { get; init; } = TimeProvider.System.GetTimestamp();

    /// <summary>Why it failed; null when it did not.</summary>
    public Exception? Failure { get; init; }

    /// <summary>The command that failed; of no meaning without a failure.</summary>
    public StepPosition Position { get; init; } = StepPosition.Start;

    /// <summary>Rows that the script changed.</summary>
    public long RowsAffected { get; init; }

    /// <summary>What the record's command returned; null when it changed no row.</summary>
    public RecordReceipt? Receipt { get; init; }

    /// <summary>Objects that belong to another role than that of the run.</summary>
    public IReadOnlyList<string> ForeignOwners { get; init; } = [];

    /// <summary>Sessions that blocked it, when it failed because of a lock.</summary>
    public IReadOnlyList<MigrationBlocker> Blockers { get; init; } = [];

    /// <summary>Why there was no further attempt, for the error; empty when there is nothing to add.</summary>
    public string RetryEnd { get; init; } = "";

    /// <summary>How far a script without a transaction got.</summary>
    public ScriptState Script { get; init; } = ScriptState.NotBegun;

    /// <summary>The same attempt, failed at COMMIT.</summary>
    public StepAttempt FailedAtCommit(Exception failure) =>
        this with { Failure = failure, Position = StepPosition.Commit };
}

/// <summary>How far a script without a transaction got.</summary>
/// <param name="IsInterrupted">True when its row in the tracking table says how far it got.</param>
/// <param name="StatementsDone">How many of its statements are done, as that row says.</param>
/// <param name="Aftermath">What was cleaned up after a failed statement, in words; empty when nothing was.</param>
internal sealed record ScriptState(bool IsInterrupted, int StatementsDone, string Aftermath)
{
    /// <summary>No statement was run.</summary>
    public static ScriptState NotBegun { get; } = new(false, 0, "");
}
