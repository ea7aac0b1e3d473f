using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Transactions;

/// <summary>A script without a transaction while it runs: its row, and how far it got.</summary>
internal sealed class NoTransactionRun(PlannedStep step, LockRetry retry)
{
    private readonly StepAttempt _began = new(step, 1);

    /// <summary>The step.</summary>
    public PlannedStep Step { get; } = step;

    /// <summary>Its statements: a script without a transaction is held, whatever its size.</summary>
    public IReadOnlyList<SqlStatement> Statements { get; } = step.Script.Held
        ?? throw new InvalidOperationException("A script without a transaction is held.");

    /// <summary>Retries its statements.</summary>
    public LockRetry Retry { get; } = retry;

    /// <summary>The command that runs, and what the commands so far returned.</summary>
    public StepCursor Cursor { get; } = new();

    /// <summary>Id of the row in the tracking table; known once it is written.</summary>
    public long RowId { get; set; }

    /// <summary>When the script began, by the clock of the server; known once the row is written.</summary>
    public DateTime Started { get; set; }

    /// <summary>How far it got.</summary>
    public ScriptState State { get; set; } = step.Entry is { IsInterrupted: true } row
        ? new ScriptState(true, row.StatementsDone, "")
        : ScriptState.NotBegun;

    /// <summary>What the last failed lock adds to an error.</summary>
    public RetryVerdict Verdict { get; set; } = RetryVerdict.NotALock;

    /// <summary>Which attempt at its current statement this is.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>The progress to write into the row after so many statements.</summary>
    public ScriptProgress ProgressAfter(int done, bool isInDoubt) =>
        ScriptProgress.Of(Step.Direction, Step.Script, done, isInDoubt);

    /// <summary>Declares which command runs now.</summary>
    public void MoveTo(StepPhase phase) => Cursor.Position = Cursor.Position with { Phase = phase };

    /// <summary>Declares which statement runs now.</summary>
    public void MoveTo(int statement) => Cursor.Position = Cursor.Position with { Index = statement };

    /// <summary>What is known of it now, as an attempt at the step.</summary>
    public StepAttempt ToAttempt(Exception? failure) => _began with
    {
        Number = Attempt,
        Failure = failure,
        Position = Cursor.Position,
        RowsAffected = Cursor.Rows,
        Receipt = Cursor.Receipt,
        Script = State,
        Blockers = Verdict.Blockers,
        RetryEnd = Verdict.Reason,
    };
}
