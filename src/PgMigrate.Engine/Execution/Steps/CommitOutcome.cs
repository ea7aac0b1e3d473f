using PgMigrate.History;

namespace PgMigrate.Execution.Steps;

/// <summary>How the second round trip of a step ended.</summary>
/// <param name="IsCommitted">True when the record is known to be committed.</param>
/// <param name="Problem">Why the run ends here; null when it continues.</param>
/// <param name="IsUnknown">True when the server could not be asked whether it is committed.</param>
internal sealed record CommitOutcome(bool IsCommitted, Exception? Problem, bool IsUnknown = false)
{
    /// <summary>What the file left in its session, in words.</summary>
    public IReadOnlyList<string> LeftBehind { get; init; } = [];

    /// <summary>The record that was read after a lost connection; null without one.</summary>
    public HistoryEntry? Entry { get; init; }

    /// <summary>Why nothing is committed, when that is certain; null otherwise.</summary>
    public Exception? Failure => IsCommitted || IsUnknown ? null : Problem;

    /// <summary>The outcome of a transaction that was rolled back before its COMMIT.</summary>
    public static CommitOutcome None(Exception failure) => new(false, failure);
}
