using Npgsql;
using PgMigrate.Messages;

namespace PgMigrate.Execution.Waiting;

/// <summary>Whether it is time to signal the blockers.</summary>
internal enum BlockerMoment
{
    /// <summary>They may end soon without a signal.</summary>
    Early,

    /// <summary>They had their time, and there is enough left for them to end.</summary>
    Now,

    /// <summary>
    /// The lock timeout would end the wait before they release their locks: the signal would be useless.
    /// </summary>
    Late,
}

/// <summary>A session that blocked, and whether it was signalled.</summary>
/// <param name="ProcessId">Its backend PID; 0 for a prepared transaction.</param>
/// <param name="SkipReason">Why it must not be signalled, in words that follow its name; null when it may be.</param>
/// <param name="IsLate">True when it was not signalled because the wait was about to end.</param>
/// <param name="IsSignalled">True when it was signalled.</param>
internal sealed record BlockerAnswer(int ProcessId, string? SkipReason, bool IsLate, bool IsSignalled);

/// <summary>When blockers are signalled, and what is reported then; pure.</summary>
internal static class BlockerRules
{
    /// <summary>Reported when they were not signalled because it was too late.</summary>
    public const string TooLate = "The session that holds the lock was not seen early enough before the attempt "
        + "failed, so ending it would not have helped. A longer -LockTimeout leaves time for it.";

    private static readonly TimeSpan PatienceWithoutTimeout = TimeSpan.FromSeconds(5);

    /// <summary>True for the actions that signal sessions.</summary>
    public static bool Acts(BlockerAction action) => action is BlockerAction.Cancel or BlockerAction.Terminate;

    /// <summary>
    /// Earliest moment to signal blockers: 3/8 of lock_timeout. Polled every 1/8, the signal is sent by 1/2 at the
    /// latest.
    /// </summary>
    public static TimeSpan Patience(TimeSpan lockTimeout) =>
        lockTimeout > TimeSpan.Zero ? lockTimeout * 3 / 8 : PatienceWithoutTimeout;

    /// <summary>
    /// Latest moment: a session that is ended needs a moment to release its locks. Null for no limit.
    /// </summary>
    public static TimeSpan? Latest(TimeSpan lockTimeout) => lockTimeout > TimeSpan.Zero ? lockTimeout * 3 / 4 : null;

    /// <summary>Whether it is time to signal, after a wait of this length.</summary>
    public static BlockerMoment MomentOf(TimeSpan lockTimeout, TimeSpan waited) =>
        waited < Patience(lockTimeout) ? BlockerMoment.Early
        : waited > Latest(lockTimeout) ? BlockerMoment.Late
        : BlockerMoment.Now;

    /// <summary>Reported when there is no second connection to act from.</summary>
    public static string Unable(BlockerAction action, Exception failure) =>
        $"-OnBlocker {action} cannot end a session now: that needs a second connection, and there is none: "
        + $"{ServerText.Of(failure.InnerException as PostgresException ?? failure)}";

    /// <summary>What is known of a session; of one that came after the last poll only its backend PID.</summary>
    public static MigrationBlocker Named(BlockerAnswer answer, IReadOnlyList<MigrationBlocker> blockers) =>
        blockers.FirstOrDefault(blocker => blocker.ProcessId == answer.ProcessId)
        ?? new MigrationBlocker { ProcessId = answer.ProcessId };

    /// <summary>Why some or all still block; empty when there is nothing to add.</summary>
    public static string Explain(
        BlockerAction action, IReadOnlyList<MigrationBlocker> blockers, IReadOnlyList<BlockerAnswer> answers)
    {
        if (answers.Any(answer => answer.IsLate && answer.SkipReason is null))
        {
            return TooLate;
        }

        var idle = answers.Where(answer => answer.IsSignalled && action == BlockerAction.Cancel)
            .Select(answer => Named(answer, blockers))
            .FirstOrDefault(blocker => blocker.State?.StartsWith("idle in", StringComparison.Ordinal) == true);
        if (idle is not null)
        {
            return $"Process {idle.ProcessId} is {idle.State}: it runs no statement, so a cancel has no effect. "
                + "-OnBlocker Terminate ends it.";
        }

        var skipped = answers.Where(answer => answer.SkipReason is not null)
            .Select(answer => $"{Named(answer, blockers)} ({answer.SkipReason})")
            .ToList();
        return skipped.Count == 0 ? "" : $"Not ended: {string.Join("; ", skipped)}.";
    }
}
