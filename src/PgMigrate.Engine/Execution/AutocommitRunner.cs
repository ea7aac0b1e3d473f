using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution;

/// <summary>
/// Runs a script outside a transaction, statement by statement. The row is written first and moved on after each
/// statement: in the same transaction where PostgreSQL allows one, else with a mark before it that says that it has begun.
/// What happens when the session is lost can then be told from the row and the catalogs. Only the script's own statements
/// can be cancelled: the row must say what became of them.
/// </summary>
internal sealed class AutocommitRunner(DatabaseSession session, HistoryTable history, string module)
{
    private readonly AutocommitRow _row = new(session, history, module);
    private readonly StatementOutcome _outcome = new(session);

    /// <summary>Runs what is left of the script and completes its row.</summary>
    /// <exception cref="NpgsqlException">A statement failed; what came before it stays, and the row says so.</exception>
    /// <exception cref="StepFaultException">It must not go on.</exception>
    public async Task RunAsync(
        PlannedStep step, StepTrip trip, LockRetry retry, CancellationToken cancellationToken)
    {
        var done = step.Entry is { IsInterrupted: true } row ? row.StatementsDone : 0;
        var run = new AutocommitRun(step, trip, retry);
        trip.IsInterrupted = step.Entry is { IsInterrupted: true };
        trip.StatementsDone = done;
        await _row.BeginAsync(run, done).ConfigureAwait(false);
        await RestoreSettingsAsync(run, done, cancellationToken).ConfigureAwait(false);
        for (var i = done; i < step.Script.Statements.Count; i++)
        {
            trip.StatementIndex = i;
            trip.StatementsDone = i;
            var isKnownDone = i == done && step.Entry?.Progress is { IsInDoubt: true }
                && await _outcome.IsDoneAsync(step.Script.Statements[i], cancellationToken).ConfigureAwait(false);
            if (!isKnownDone)
            {
                await RunStatementAsync(run, i, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _row.AdvanceAsync(run, i + 1, isInDoubt: false).ConfigureAwait(false);
            }

            trip.StatementsDone = i + 1;
            RequireUtf8();
        }

        trip.StatementIndex = step.Script.Statements.Count;
        trip.StatementsDone = trip.StatementIndex;
        await _row.CompleteAsync(run).ConfigureAwait(false);
    }

    // What an earlier run has set for the rest of its script is gone with its session.
    private async Task RestoreSettingsAsync(AutocommitRun run, int done, CancellationToken cancellationToken)
    {
        for (var i = 0; i < done; i++)
        {
            var statement = run.Step.Script.Statements[i];
            run.Trip.StatementIndex = i;
            if (StatementClassifier.IsSetting(statement.Text))
            {
                await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RunStatementAsync(AutocommitRun run, int index, CancellationToken cancellationToken)
    {
        var statement = run.Step.Script.Statements[index];
        if (StatementClassifier.NeedsNoTransaction(statement.Text))
        {
            await RunAloneAsync(run, index, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (!await TryStatementAsync(run, index, cancellationToken).ConfigureAwait(false))
        {
            run.Trip.Attempt = run.Retry.Attempt;
        }
    }

    // False when it lost a lock and is to be tried again: of the whole script only this statement was rolled back.
    private async Task<bool> TryStatementAsync(AutocommitRun run, int index, CancellationToken cancellationToken)
    {
        var statement = run.Step.Script.Statements[index];
        run.Retry.Begin();
        run.Trip.Phase = StepPhase.Script;
        await ExecuteAsync("BEGIN", CancellationToken.None).ConfigureAwait(false);
        try
        {
            run.Trip.RowsAffected += statement.Rows is null
                ? await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false)
                : await CopySender.SendAsync(session.Connection, statement, cancellationToken).ConfigureAwait(false);
            RequireUtf8();
            await _row.AdvanceAsync(run, index + 1, isInDoubt: false, isInTransaction: true).ConfigureAwait(false);
            run.Trip.Phase = StepPhase.Commit;
            await ExecuteAsync("COMMIT", CancellationToken.None).ConfigureAwait(false);
            run.Trip.IsInterrupted = true;
            return true;
        }
        catch (Exception e)
        {
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            if (e is PostgresException { SqlState: PostgresErrorCodes.ActiveSqlTransaction } && session.IsOpen)
            {
                // Its words do not tell (REINDEX of a partitioned table, what a newer server brings), but the server does,
                // before it has done anything.
                await RunAloneAsync(run, index, cancellationToken).ConfigureAwait(false);
                return true;
            }

            if (await WaitAgainAsync(run, e, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            await _row.TakeBackAsync(run, index).ConfigureAwait(false);
            throw;
        }
    }

    // A pause that is cancelled must still take the mark back.
    private static async Task<bool> WaitAgainAsync(AutocommitRun run, Exception failure, CancellationToken cancellationToken)
    {
        try
        {
            return await run.Retry.TryAgainAsync(run.Step, failure, run.Trip, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunAloneAsync(AutocommitRun run, int index, CancellationToken cancellationToken)
    {
        var statement = run.Step.Script.Statements[index];
        var isPatient = LockTimeoutRule.IsConcurrent(run.Step.Script, index);
        if (isPatient)
        {
            await ExecuteAsync(
                LockTimeoutRule.SetLockTimeout(run.Retry.Options.ConcurrentLockTimeout), CancellationToken.None)
                .ConfigureAwait(false);
        }

        await RunAloneAsync(run, statement, index, cancellationToken).ConfigureAwait(false);
        if (isPatient)
        {
            // Not after a failure: the run ends with it.
            await ExecuteAsync(LockTimeoutRule.SetLockTimeout(run.Retry.Options.LockTimeout), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task RunAloneAsync(AutocommitRun run, SqlStatement statement, int index, CancellationToken cancellationToken)
    {
        var before = await _outcome.FindInvalidAsync(statement).ConfigureAwait(false);
        await _row.AdvanceAsync(run, index, isInDoubt: true).ConfigureAwait(false);
        try
        {
            run.Trip.RowsAffected += await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false);
            await _outcome.RequireValidAsync(statement).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            run.Retry.NoteBlockers(e, run.Trip);
            if (session.IsOpen)
            {
                var left = await _outcome.FindInvalidAsync(statement).ConfigureAwait(false);
                run.Trip.Aftermath = await _outcome.DropAsync(left.Except(before).ToList()).ConfigureAwait(false);
                await _row.TakeBackAsync(run, index).ConfigureAwait(false);
            }

            throw;
        }

        await _row.AdvanceAsync(run, index + 1, isInDoubt: false).ConfigureAwait(false);
    }

    private async Task<long> ExecuteAsync(SqlStatement statement, CancellationToken cancellationToken) =>
        Math.Max(0, await ExecuteAsync(statement.Text, cancellationToken).ConfigureAwait(false));

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, session.Connection) { AllResultTypesAreUnknown = true };
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private void RequireUtf8()
    {
        if (!session.IsUtf8)
        {
            throw new StepFaultException(
                "ClientEncoding", $"{StepFailure.EncodingReason} {StepFailure.EncodingAdvice}");
        }
    }
}
