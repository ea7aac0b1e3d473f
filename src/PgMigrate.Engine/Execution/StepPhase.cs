namespace PgMigrate.Execution;

/// <summary>Which command of a step is under way: what the server says of ours is no mistake in the file's text.</summary>
internal enum StepPhase
{
    /// <summary>A statement of the script, or what opens the step.</summary>
    Script,

    /// <summary>The record in the tracking table, and what gives it its role.</summary>
    Record,

    /// <summary>COMMIT, which runs what was deferred.</summary>
    Commit,
}
