namespace PgMigrate.Execution.Steps;

/// <summary>The part of a step that is running. An error in a command of PgMigrate is no error in the file.</summary>
internal enum StepPhase
{
    /// <summary>A statement of the script, or a command that opens the step.</summary>
    Script,

    /// <summary>The record in the tracking table, and the commands that set its role.</summary>
    Record,

    /// <summary>COMMIT, which also runs deferred constraints and triggers.</summary>
    Commit,
}
