using PgMigrate.Execution.Steps;
using PgMigrate.Planning;
using PgMigrate.Runs;

namespace PgMigrate.Execution.Transactions;

/// <summary>How the steps of a group and their records are made permanent.</summary>
internal interface ITransactionPolicy
{
    /// <summary>Runs the steps to their end; throws only for a cancellation.</summary>
    Task<TransactionOutcome> RunAsync(StepGroup group, StepCallbacks callbacks, CancellationToken cancellationToken);
}

/// <summary>Callbacks to the consumer of the run; they must not block.</summary>
/// <param name="Begin">A step of the group, counted from 0, begins or begins again.</param>
/// <param name="Report">An event of the step that runs.</param>
internal sealed record StepCallbacks(Action<int> Begin, Action<MigrationEvent> Report);

/// <summary>The steps of one transaction, and their position in the run.</summary>
/// <param name="Steps">One step, or all of a run that shares its transaction.</param>
/// <param name="Before">Number of steps of the run before them.</param>
/// <param name="Count">Number of steps of the run.</param>
internal sealed record StepGroup(IReadOnlyList<PlannedStep> Steps, int Before, int Count)
{
    /// <summary>A transaction for each step, or one for all.</summary>
    public static IEnumerable<StepGroup> Of(IReadOnlyList<PlannedStep> steps) =>
        steps.Any(step => step.SharesTransaction)
            ? [new StepGroup(steps, 0, steps.Count)]
            : steps.Select((step, i) => new StepGroup([step], i, steps.Count));

    /// <summary>The order of a step of the group, counted from 0, in the run.</summary>
    public int OrderOf(int index) => Before + index + 1;

    /// <summary>The event that a step of the group, counted from 0, is about to run.</summary>
    public StepStarting Starting(int index) => new(Steps[index], OrderOf(index), Count);
}
