using PgMigrate.Execution.Failures;
using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Transactions;

/// <summary>Chooses the policy of each group of steps.</summary>
internal sealed class TransactionPolicies
{
    private readonly OwnTransaction _own;
    private readonly SharedTransaction _shared;
    private readonly NoTransaction _none;

    /// <summary>The policies of a run.</summary>
    public TransactionPolicies(RunContext context, RunOptions options, StatementWatcher watcher)
    {
        var leftovers = new SessionLeftovers(context.Session);
        var ending = new StepEnding(context, new StepCommit(context, leftovers), new FailureReport(context, options));
        var sender = new StepSender(context);
        _own = new OwnTransaction(sender, ending, leftovers, options, watcher);
        _shared = new SharedTransaction(sender, ending, options, watcher);
        _none = new NoTransaction(context, ending, leftovers, options, watcher);
    }

    /// <summary>The policy of this group.</summary>
    public ITransactionPolicy For(StepGroup group) => group.Steps[0] switch
    {
        { SharesTransaction: true } => _shared,
        { Script.Transaction: ScriptTransaction.None } => _none,
        _ => _own,
    };
}
