using PgMigrate.Planning;

namespace PgMigrate.Runs;

/// <summary>Makes the result of a step; the only maker of results.</summary>
internal sealed class StepResults(RunOrigin origin)
{
    /// <summary>What a step would do.</summary>
    public MigrationResult Preview(PlannedStep step, int order)
    {
        var outcome = (step.Direction, step.IsRecordOnly) switch
        {
            (MigrationDirection.Undo, _) => MigrationOutcome.WouldUndo,
            (_, true) => MigrationOutcome.WouldRecord,
            _ => MigrationOutcome.WouldApply,
        };
        return Make(step, order, outcome);
    }

    /// <summary>A migration that was recorded without being run.</summary>
    public MigrationResult Recorded(PlannedStep step, int order, DateTimeOffset at) =>
        Make(step, order, MigrationOutcome.Recorded) with { AppliedAt = at };

    /// <summary>A committed step.</summary>
    public MigrationResult Done(PlannedStep step, int order) => Make(
        step,
        order,
        step.Direction == MigrationDirection.Apply ? MigrationOutcome.Applied : MigrationOutcome.Undone);

    /// <summary>A step that failed, or whose COMMIT has an unknown outcome.</summary>
    public MigrationResult Failed(
        PlannedStep step, int order, MigrationError error, MigrationOutcome outcome = MigrationOutcome.Failed) =>
        Make(step, order, outcome) with { Error = error };

    private MigrationResult Make(PlannedStep step, int order, MigrationOutcome outcome) => new()
    {
        Order = order,
        Version = step.Version.Text,
        VersionKey = step.Version.Key,
        Name = step.Name,
        FileName = step.FileName,
        Folder = step.Folder,
        Folders = step.Folders,
        Format = step.Migration?.Format,
        Module = origin.Module,
        Schema = origin.Schema,
        HistoryTable = origin.HistoryTable,
        Connection = origin.Connection!,
        Direction = step.Direction.ToString(),
        Outcome = outcome.ToString(),
        StatementCount = step.Script.Count,
        Checksum = step.Migration?.Checksum ?? step.Entry?.Checksum,
    };
}
