namespace PgMigrate.Execution.Steps;

/// <summary>Follows the commands of one attempt while they are sent; the attempt's result is made from it.</summary>
internal sealed class StepCursor
{
    /// <summary>The command that is running, or that failed.</summary>
    public StepPosition Position { get; set; } = StepPosition.Start;

    /// <summary>Rows that the statements so far inserted, updated, deleted or copied.</summary>
    public long Rows { get; set; }

    /// <summary>What the record's command returned; null before it ran, and when it changed no row.</summary>
    public RecordReceipt? Receipt { get; set; }
}
