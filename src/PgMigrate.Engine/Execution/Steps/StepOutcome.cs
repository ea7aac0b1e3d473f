namespace PgMigrate.Execution.Steps;

/// <summary>How a step ended.</summary>
/// <param name="Result">Its result.</param>
/// <param name="Exception">Why the run ends here; null when it continues.</param>
internal sealed record StepOutcome(MigrationResult Result, Exception? Exception);

/// <summary>How a transaction ended: of one step, or of all steps of a run.</summary>
/// <param name="Results">Results of its steps. Of a failed shared transaction: that of the failed step alone.</param>
/// <param name="Exception">Why the run ends here; null when it continues.</param>
internal sealed record TransactionOutcome(IReadOnlyList<MigrationResult> Results, Exception? Exception)
{
    /// <summary>The outcome of a transaction that had one step, or of which one step is reported.</summary>
    public static TransactionOutcome Of(StepOutcome step) => new([step.Result], step.Exception);
}
