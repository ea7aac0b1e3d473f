using PgMigrate.Sql;

namespace PgMigrate.Execution.Steps;

/// <summary>Which command of a step is running, or has failed.</summary>
/// <param name="Phase">Whether it belongs to the script, to the record or to COMMIT.</param>
/// <param name="Index">
/// Statement of the script, counted from 0. Outside the script's range for a command that PgMigrate adds.
/// </param>
/// <param name="Statement">That statement; set when the script is not held in memory.</param>
internal readonly record struct StepPosition(StepPhase Phase, int Index, SqlStatement? Statement = null)
{
    /// <summary>Before the first statement.</summary>
    public static StepPosition Start { get; } = new(StepPhase.Script, -1);

    /// <summary>At COMMIT.</summary>
    public static StepPosition Commit { get; } = new(StepPhase.Commit, -1);
}
