using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>
/// Runs a script outside a transaction, statement by statement. The row is written first and moved on after each
/// statement: in the same transaction where PostgreSQL allows one, else with a mark before it that says that it has begun.
/// What happens when the session is lost can then be told from the row and the catalogs. Only the script's own statements
/// can be cancelled: the row must say what became of them.
/// </summary>
internal sealed class AutocommitRunner(DatabaseSession session, HistoryTable history, string module)
{
    private const string ReadWrite = "BEGIN READ WRITE";

    private readonly HistoryProgress _progress = new(history);
    private readonly StatementOutcome _outcome = new(session);

    /// <summary>Runs what is left of the script and completes its row.</summary>
    /// <exception cref="NpgsqlException">A statement failed; what came before it stays, and the row says so.</exception>
    /// <exception cref="StepFaultException">It must not go on.</exception>
    public async Task RunAsync(
        PlannedStep step, StepTrip trip, LockRetry retry, CancellationToken cancellationToken)
    {
        var done = step.Entry is { IsInterrupted: true } row ? row.StatementsDone : 0;
        var run = new Run(step, trip, retry);
        trip.IsInterrupted = step.Entry is { IsInterrupted: true };
        trip.StatementsDone = done;
        await BeginAsync(run, done).ConfigureAwait(false);
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
                await AdvanceAsync(run, i + 1, isInDoubt: false).ConfigureAwait(false);
            }

            trip.StatementsDone = i + 1;
            RequireUtf8();
        }

        trip.StatementIndex = step.Script.Statements.Count;
        trip.StatementsDone = trip.StatementIndex;
        await CompleteAsync(run).ConfigureAwait(false);
    }

    // The server's time of the beginning and the row are known from the first answer on.
    private sealed class Run(PlannedStep step, StepTrip trip, LockRetry retry)
    {
        public PlannedStep Step { get; } = step;

        public StepTrip Trip { get; } = trip;

        public LockRetry Retry { get; } = retry;

        public long RowId { get; set; }

        public DateTime Started { get; set; }

        public ScriptProgress ProgressAfter(int done, bool isInDoubt) =>
            ScriptProgress.Of(Step.Direction, Step.Script, done, isInDoubt);
    }

    private async Task BeginAsync(Run run, int done)
    {
        var step = run.Step;
        run.Trip.Phase = StepPhase.Record;
        var isInDoubt = step.Entry?.Progress is { IsInDoubt: true };
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"SET application_name = {StepSender.ApplicationName(module, step)}"));
        batch.BatchCommands.Add(step.Entry is { } entry
            ? _progress.Resume(entry, done, run.ProgressAfter(done, isInDoubt))
            : _progress.Begin(module, step.Migration!, run.ProgressAfter(done, false)));
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            throw RowGone();
        }

        run.RowId = reader.GetInt64(0);
        run.Started = reader.GetDateTime(1);
        run.Trip.Phase = StepPhase.Script;
    }

    // What an earlier run has set for the rest of its script is gone with its session.
    private async Task RestoreSettingsAsync(Run run, int done, CancellationToken cancellationToken)
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

    private async Task RunStatementAsync(Run run, int index, CancellationToken cancellationToken)
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
    private async Task<bool> TryStatementAsync(Run run, int index, CancellationToken cancellationToken)
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
            await AdvanceAsync(run, index + 1, isInDoubt: false, isInTransaction: true).ConfigureAwait(false);
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

            await TakeBackAsync(run, index).ConfigureAwait(false);
            throw;
        }
    }

    // A pause that is cancelled must still take the mark back.
    private static async Task<bool> WaitAgainAsync(Run run, Exception failure, CancellationToken cancellationToken)
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

    private async Task RunAloneAsync(Run run, int index, CancellationToken cancellationToken)
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

    private async Task RunAloneAsync(Run run, SqlStatement statement, int index, CancellationToken cancellationToken)
    {
        var before = await _outcome.FindInvalidAsync(statement).ConfigureAwait(false);
        await AdvanceAsync(run, index, isInDoubt: true).ConfigureAwait(false);
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
                await TakeBackAsync(run, index).ConfigureAwait(false);
            }

            throw;
        }

        await AdvanceAsync(run, index + 1, isInDoubt: false).ConfigureAwait(false);
    }

    // The server has answered, so the statement is known not to be done. When nothing else is, there is nothing to resume.
    // Its error is the one to tell, whatever becomes of the row.
    private async Task TakeBackAsync(Run run, int index)
    {
        if (!session.IsOpen)
        {
            return;
        }

        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        AddOwnRole(batch, ReadWrite);
        var nothingDone = index == 0 && !StatementClassifier.MayCommit(run.Step.Script.Statements[0].Text);
        run.Trip.IsInterrupted = !nothingDone;
        // What was applied before, and is undone or run again, is what it was.
        batch.BatchCommands.Add((nothingDone, run.Step.Entry) switch
        {
            (true, { Kind: HistoryKind.Repeatable } entry) when entry.Checksum != run.Step.Migration?.Checksum =>
                _progress.Restore(run.RowId),
            (true, null or { IsInterrupted: true }) when run.Step.Direction == MigrationDirection.Apply =>
                _progress.Forget(run.RowId),
            (true, _) => _progress.Restore(run.RowId),
            _ => _progress.Advance(run.RowId, index, run.ProgressAfter(index, false)),
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            var reason = e is PostgresException refused ? refused.MessageText : e.Message;
            run.Trip.IsInterrupted = true;
            run.Trip.Aftermath += (run.Trip.Aftermath.Length > 0 ? " " : "")
                + $"That this statement is not done could not be written to {history.QualifiedName} ({reason}), so that the "
                + "next run may ask for it.";
        }
    }

    // As the role of the run, whatever role the script has taken for its next statements. The row alone may be
    // committed with its statement: it says nothing that is not so.
    private async Task AdvanceAsync(Run run, int done, bool isInDoubt, bool isInTransaction = false)
    {
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        string[] opening = isInTransaction ? [] : [ReadWrite];
        AddOwnRole(batch, opening);

        var advance = _progress.Advance(run.RowId, done, run.ProgressAfter(done, isInDoubt));
        batch.BatchCommands.Add(advance);
        if (!isInTransaction)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        run.Trip.Phase = StepPhase.Record;
        await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        if (advance.Rows == 0)
        {
            throw RowGone();
        }

        run.Trip.Phase = StepPhase.Script;
        run.Trip.IsInterrupted |= !isInTransaction;
    }

    private async Task CompleteAsync(Run run)
    {
        var step = run.Step;
        run.Trip.Phase = StepPhase.Record;
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        AddOwnRole(batch, ReadWrite);
        batch.BatchCommands.Add(step.Direction == MigrationDirection.Apply
            ? _progress.Complete(run.RowId, run.Started, step.Migration!, step.Script.Statements.Count)
            : _progress.Remove(run.RowId, run.Started));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await StepSender.ReadRecordAsync(reader, run.Trip, CancellationToken.None).ConfigureAwait(false);
    }

    private void AddOwnRole(NpgsqlBatch batch, params ReadOnlySpan<string> opening)
    {
        string[] commands = [.. opening, "SET LOCAL SESSION AUTHORIZATION DEFAULT", $"SET LOCAL {session.OwnRole}"];
        foreach (var sql in commands)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        }
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
                "ClientEncoding", $"{StepFailure.EncodingReason} Delete the call (set_config, most likely).");
        }
    }

    private StepFaultException RowGone() => new(
        "RecordNotWritten",
        $"The row in {history.QualifiedName} was not there to be moved on, although the lock was held: somebody edits the "
            + "tracking table.");
}
