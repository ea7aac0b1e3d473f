using Npgsql;
using PgMigrate.Messages;

namespace PgMigrate.Execution;

/// <summary>Whether the time has come to tell blockers to give way.</summary>
internal enum BlockerMoment
{
    /// <summary>They may be done by themselves soon.</summary>
    Early,

    /// <summary>They have had their time, and there is time enough for them to go.</summary>
    Now,

    /// <summary>The lock timeout would end the wait before they are gone: they would be ended for nothing.</summary>
    Late,
}

/// <summary>A session that blocked, what became of it and why.</summary>
/// <param name="ProcessId">Its process; 0 for a prepared transaction.</param>
/// <param name="Spared">Why it must not be told, in words that follow its name; null when it may.</param>
/// <param name="IsLate">True when it was left alone since the wait was about to end.</param>
/// <param name="IsTold">True when it got the signal.</param>
internal sealed record BlockerAnswer(int ProcessId, string? Spared, bool IsLate, bool IsTold);

/// <summary>When blockers are told to give way, and what can be said of them then; pure.</summary>
internal static class BlockerRules
{
    /// <summary>What is said when they were left alone because of the time.</summary>
    public const string TooLate = "Who holds the lock was not seen early enough before the attempt failed, and would have been "
        + "ended for nothing. A longer -LockTimeout leaves time for it.";

    private static readonly TimeSpan PatienceWithoutTimeout = TimeSpan.FromSeconds(5);

    /// <summary>True for the actions that tell sessions to give way.</summary>
    public static bool Acts(BlockerAction action) => action is BlockerAction.Cancel or BlockerAction.Terminate;

    /// <summary>
    /// From when on they are told: with a look every eighth of the lock timeout that is at half of it at the latest.
    /// </summary>
    public static TimeSpan Patience(TimeSpan lockTimeout) =>
        lockTimeout > TimeSpan.Zero ? lockTimeout * 3 / 8 : PatienceWithoutTimeout;

    /// <summary>Until when: a session that is ended needs a moment to let go of its locks. Null for ever.</summary>
    public static TimeSpan? Latest(TimeSpan lockTimeout) => lockTimeout > TimeSpan.Zero ? lockTimeout * 3 / 4 : null;

    /// <summary>Whether it is time, after a wait of this length.</summary>
    public static BlockerMoment MomentOf(TimeSpan lockTimeout, TimeSpan waited) =>
        waited < Patience(lockTimeout) ? BlockerMoment.Early
        : waited > Latest(lockTimeout) ? BlockerMoment.Late
        : BlockerMoment.Now;

    /// <summary>What is said when there is no second connection to act from.</summary>
    public static string Unable(BlockerAction action, Exception failure) =>
        $"-OnBlocker {action} cannot end a session now: who holds a lock is looked up from a second connection, and "
        + $"there is none: {ServerText.Of(failure.InnerException as PostgresException ?? failure)}";

    /// <summary>All that is known of a session; one that came after the last look is a process id and no more.</summary>
    public static MigrationBlocker Named(BlockerAnswer answer, IReadOnlyList<MigrationBlocker> blockers) =>
        blockers.FirstOrDefault(blocker => blocker.ProcessId == answer.ProcessId)
        ?? new MigrationBlocker { ProcessId = answer.ProcessId };

    /// <summary>Why some or all are still there; empty when there is nothing to say.</summary>
    public static string Explain(
        BlockerAction action, IReadOnlyList<MigrationBlocker> blockers, IReadOnlyList<BlockerAnswer> answers)
    {
        if (answers.Any(answer => answer.IsLate && answer.Spared is null))
        {
            return TooLate;
        }

        var idle = answers.Where(answer => answer.IsTold && action == BlockerAction.Cancel)
            .Select(answer => Named(answer, blockers))
            .FirstOrDefault(blocker => blocker.State?.StartsWith("idle in", StringComparison.Ordinal) == true);
        if (idle is not null)
        {
            return $"Process {idle.ProcessId} is {idle.State}: it runs no statement, so a cancel does nothing to it. "
                + "-OnBlocker Terminate ends it.";
        }

        var spared = answers.Where(answer => answer.Spared is not null)
            .Select(answer => $"{Named(answer, blockers)} ({answer.Spared})")
            .ToList();
        return spared.Count == 0 ? "" : $"Left alone: {string.Join("; ", spared)}.";
    }
}
