namespace PgMigrate.Execution;

/// <summary>What can be said of blockers that were told to give way; pure.</summary>
internal static class BlockerRules
{
    /// <summary>Why some or all are still there; empty when there is nothing to say.</summary>
    public static string Explain(
        BlockerAction action,
        IReadOnlyList<MigrationBlocker> blockers,
        IReadOnlyList<MigrationBlocker> ended,
        string problem)
    {
        if (problem.Length > 0)
        {
            return problem;
        }

        if (action == BlockerAction.Cancel
            && ended.FirstOrDefault(blocker => blocker.State?.StartsWith("idle in", StringComparison.Ordinal) == true) is { } idle)
        {
            return $"Process {idle.ProcessId} is {idle.State}: it runs no statement, so a cancel does nothing to it. "
                + "-OnBlocker Terminate ends it.";
        }

        return blockers.Count > ended.Count
            ? "Left alone are superusers, replication, autovacuum, prepared transactions, other runs of PgMigrate, who only "
                + "waits ahead in the queue, and who the login may not see: "
                + $"{string.Join("; ", blockers.Except(ended))}."
            : "";
    }
}
