using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Execution.Failures;
using PgMigrate.Execution.Steps;
using PgMigrate.Execution.Waiting;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Transactions;

/// <summary>
/// Runs a script without a transaction, statement by statement. The row is written first and advanced after each
/// statement: in the same transaction where PostgreSQL allows one, else with a marker before the statement that says
/// that it has begun. After a lost session the row and the catalogs tell which statements are done. Only the script's
/// own statements can be cancelled: the row must say how they ended.
/// </summary>
internal sealed class NoTransactionRunner(RunContext context)
{
    private readonly DatabaseSession _session = context.Session;
    private readonly ProgressRecord _row = new(context);
    private readonly OutcomeProbe _outcome = new(context.Session);

    /// <summary>Runs the rest of the script and completes its row.</summary>
    /// <exception cref="NpgsqlException">A statement failed; those before it stay, and the row says so.</exception>
    /// <exception cref="StepFaultException">The script must not continue.</exception>
    public async Task RunAsync(NoTransactionRun run, CancellationToken cancellationToken)
    {
        var step = run.Step;
        var done = run.State.StatementsDone;
        await _row.BeginAsync(run, done).ConfigureAwait(false);
        await RestoreSettingsAsync(run, done, cancellationToken).ConfigureAwait(false);
        for (var i = done; i < run.Statements.Count; i++)
        {
            run.MoveTo(i);
            run.State = run.State with { StatementsDone = i };
            var isKnownDone = i == done && step.Entry?.Progress is { IsInDoubt: true }
                && await _outcome.IsDoneAsync(run.Statements[i], cancellationToken).ConfigureAwait(false);
            if (!isKnownDone)
            {
                await RunStatementAsync(run, i, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _row.AdvanceAsync(run, i + 1, isInDoubt: false).ConfigureAwait(false);
            }

            run.State = run.State with { StatementsDone = i + 1 };
            RequireUtf8();
        }

        run.MoveTo(run.Statements.Count);
        run.State = run.State with { StatementsDone = run.Statements.Count };
        await _row.CompleteAsync(run).ConfigureAwait(false);
    }

    // The settings of an earlier run are gone with its session.
    private async Task RestoreSettingsAsync(NoTransactionRun run, int done, CancellationToken cancellationToken)
    {
        for (var i = 0; i < done; i++)
        {
            var statement = run.Statements[i];
            run.MoveTo(i);
            if (statement.Reading.IsSetting)
            {
                await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RunStatementAsync(NoTransactionRun run, int index, CancellationToken cancellationToken)
    {
        var statement = run.Statements[index];
        if (statement.Reading.NeedsNoTransaction)
        {
            await RunAloneAsync(run, index, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (!await TryStatementAsync(run, index, cancellationToken).ConfigureAwait(false))
        {
            run.Attempt = run.Retry.Attempt;
        }
    }

    // False when it did not get a lock and is to be retried: only this statement was rolled back.
    private async Task<bool> TryStatementAsync(NoTransactionRun run, int index, CancellationToken cancellationToken)
    {
        var statement = run.Statements[index];
        run.Retry.Begin();
        run.MoveTo(StepPhase.Script);
        await ExecuteAsync("BEGIN", CancellationToken.None).ConfigureAwait(false);
        try
        {
            run.Cursor.Rows += statement.Rows is null
                ? await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false)
                : await CopySender.SendAsync(_session.Connection, statement, cancellationToken).ConfigureAwait(false);
            RequireUtf8();
            await _row.AdvanceAsync(run, index + 1, isInDoubt: false, isInTransaction: true).ConfigureAwait(false);
            run.MoveTo(StepPhase.Commit);
            await ExecuteAsync("COMMIT", CancellationToken.None).ConfigureAwait(false);
            run.State = run.State with { IsInterrupted = true };
            return true;
        }
        catch (Exception e)
        {
            await _session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            if (e is PostgresException { SqlState: PostgresErrorCodes.ActiveSqlTransaction } && _session.IsOpen)
            {
                // Not known from its words (REINDEX of a partitioned table, statements of newer servers), but the
                // server refuses it before it has done anything.
                await RunAloneAsync(run, index, cancellationToken).ConfigureAwait(false);
                return true;
            }

            if (await IsRetriedAsync(run, e, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            await _row.RevertAsync(run, index).ConfigureAwait(false);
            throw;
        }
    }

    // After a cancelled pause the row must still be reverted.
    private static async Task<bool> IsRetriedAsync(
        NoTransactionRun run, Exception failure, CancellationToken cancellationToken)
    {
        try
        {
            run.Verdict = await run.Retry.RetryAsync(run.Step, failure, cancellationToken).ConfigureAwait(false);
            return run.Verdict.IsRetried;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunAloneAsync(NoTransactionRun run, int index, CancellationToken cancellationToken)
    {
        var statement = run.Statements[index];
        var isConcurrent = LockTimeoutRule.IsConcurrent(run.Statements, index);
        if (isConcurrent)
        {
            await ExecuteAsync(
                LockTimeoutRule.SetLockTimeout(run.Retry.Options.ConcurrentLockTimeout), CancellationToken.None)
                .ConfigureAwait(false);
        }

        await RunBetweenMarkersAsync(run, statement, index, cancellationToken).ConfigureAwait(false);
        if (isConcurrent)
        {
            // Not after a failure, which ends the run.
            await ExecuteAsync(LockTimeoutRule.SetLockTimeout(run.Retry.Options.LockTimeout), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task RunBetweenMarkersAsync(
        NoTransactionRun run, SqlStatement statement, int index, CancellationToken cancellationToken)
    {
        var before = await _outcome.FindInvalidAsync(statement).ConfigureAwait(false);
        await _row.AdvanceAsync(run, index, isInDoubt: true).ConfigureAwait(false);
        try
        {
            run.Cursor.Rows += await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false);
            await _outcome.RequireValidAsync(statement).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            run.Verdict = new RetryVerdict(false, run.Retry.BlockersOf(e), "");
            if (_session.IsOpen)
            {
                var left = await _outcome.FindInvalidAsync(statement).ConfigureAwait(false);
                var aftermath = await _outcome.DropAsync(left.Except(before).ToList()).ConfigureAwait(false);
                run.State = run.State with { Aftermath = aftermath };
                await _row.RevertAsync(run, index).ConfigureAwait(false);
            }

            throw;
        }

        await _row.AdvanceAsync(run, index + 1, isInDoubt: false).ConfigureAwait(false);
    }

    private async Task<long> ExecuteAsync(SqlStatement statement, CancellationToken cancellationToken) =>
        Math.Max(0, await ExecuteAsync(statement.Text, cancellationToken).ConfigureAwait(false));

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, _session.Connection) { AllResultTypesAreUnknown = true };
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private void RequireUtf8()
    {
        if (!_session.IsUtf8)
        {
            throw new StepFaultException(
                ErrorCodes.ClientEncoding, $"{StepFailure.EncodingReason} {StepFailure.EncodingAdvice}");
        }
    }
}
