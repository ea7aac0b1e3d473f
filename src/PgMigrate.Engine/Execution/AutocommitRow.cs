using Npgsql;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution;

/// <summary>
/// A script outside a transaction that is under way. The server's time of the beginning and the row are known from the
/// first answer on.
/// </summary>
internal sealed class AutocommitRun(PlannedStep step, StepTrip trip, LockRetry retry)
{
    public PlannedStep Step { get; } = step;

    public StepTrip Trip { get; } = trip;

    public LockRetry Retry { get; } = retry;

    public long RowId { get; set; }

    public DateTime Started { get; set; }

    public ScriptProgress ProgressAfter(int done, bool isInDoubt) =>
        ScriptProgress.Of(Step.Direction, Step.Script, done, isInDoubt);
}

/// <summary>Keeps the row of a script outside a transaction true: it must say what is done, whatever happens.</summary>
internal sealed class AutocommitRow(DatabaseSession session, HistoryTable history, string module)
{
    private const string ReadWrite = "BEGIN READ WRITE";

    private readonly HistoryProgress _progress = new(history);

    /// <summary>Writes the row, or says that it is under way again; it is known from its answer on.</summary>
    /// <exception cref="StepFaultException">It is gone.</exception>
    public async Task BeginAsync(AutocommitRun run, int done)
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

    /// <summary>
    /// Moves the row on, as the role of the run, whatever role the script has taken for its next statements. The row alone
    /// may be committed with its statement: it says nothing that is not so.
    /// </summary>
    /// <exception cref="StepFaultException">It is gone.</exception>
    public async Task AdvanceAsync(AutocommitRun run, int done, bool isInDoubt, bool isInTransaction = false)
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
        await RunOwnAsync(
            () => batch.ExecuteNonQueryAsync(CancellationToken.None), isOpened: !isInTransaction).ConfigureAwait(false);
        if (advance.Rows == 0)
        {
            throw RowGone();
        }

        run.Trip.Phase = StepPhase.Script;
        run.Trip.IsInterrupted |= !isInTransaction;
    }

    /// <summary>
    /// Says that a statement is known not to be done, since the server has answered. When nothing else is, there is nothing
    /// to resume. Its error is the one to tell, whatever becomes of the row.
    /// </summary>
    public async Task TakeBackAsync(AutocommitRun run, int index)
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
            var reason = ServerText.Of(e).TrimEnd('.');
            run.Trip.IsInterrupted = true;
            run.Trip.Aftermath += (run.Trip.Aftermath.Length > 0 ? " " : "")
                + $"That this statement is not done could not be written to {history.QualifiedName} ({reason}), so that the "
                + "next run may ask for it.";
        }
    }

    /// <summary>Completes the row and logs it.</summary>
    public async Task CompleteAsync(AutocommitRun run)
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
        await RunOwnAsync(ReadAsync, isOpened: true).ConfigureAwait(false);

        async Task<int> ReadAsync()
        {
            var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            await StepSender.ReadRecordAsync(reader, run.Trip, CancellationToken.None).ConfigureAwait(false);
            return reader.RecordsAffected;
        }
    }

    // What has opened a transaction and failed must not leave it open: the failure is still to be logged.
    private async Task RunOwnAsync(Func<Task<int>> send, bool isOpened)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (PostgresException) when (isOpened)
        {
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            throw;
        }
    }

    private void AddOwnRole(NpgsqlBatch batch, params ReadOnlySpan<string> opening)
    {
        string[] commands = [.. opening, "SET LOCAL SESSION AUTHORIZATION DEFAULT", $"SET LOCAL {session.OwnRole}"];
        foreach (var sql in commands)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        }
    }

    private StepFaultException RowGone() => new(
        "RecordNotWritten",
        $"The row in {history.QualifiedName} was not there to be moved on, although the lock was held: somebody edits the "
            + "tracking table.");
}
