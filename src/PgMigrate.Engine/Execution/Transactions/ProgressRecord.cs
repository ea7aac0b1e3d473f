using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Execution.Failures;
using PgMigrate.Execution.Steps;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Sessions;

namespace PgMigrate.Execution.Transactions;

/// <summary>
/// Keeps the row of a script without a transaction: it says which statements are done, whatever happens.
/// </summary>
internal sealed class ProgressRecord(RunContext context)
{
    private const string ReadWrite = "BEGIN READ WRITE";

    private readonly DatabaseSession _session = context.Session;
    private readonly HistoryProgress _progress = new(context.History);

    /// <summary>Writes the row, or continues the one of an interrupted run, and learns its id.</summary>
    /// <exception cref="StepFaultException">The row is gone.</exception>
    public async Task BeginAsync(NoTransactionRun run, int done)
    {
        var step = run.Step;
        run.MoveTo(StepPhase.Record);
        var isInDoubt = step.Entry?.Progress is { IsInDoubt: true };
        var batch = new NpgsqlBatch(_session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"SET application_name = {StepOpening.ApplicationName(context.Module, step)}"));
        batch.BatchCommands.Add(step.Entry is { } entry
            ? _progress.Resume(entry, done, run.ProgressAfter(done, isInDoubt))
            : _progress.Begin(context.Module, step.Migration!, run.ProgressAfter(done, false)));
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            throw RowGone();
        }

        run.RowId = reader.GetInt64(0);
        run.Started = reader.GetDateTime(1);
        run.MoveTo(StepPhase.Script);
    }

    /// <summary>
    /// Advances the row, as the role of the run, whatever role the script has set for its next statements. With
    /// <paramref name="isInTransaction"/> it is committed together with its statement.
    /// </summary>
    /// <exception cref="StepFaultException">The row is gone.</exception>
    public async Task AdvanceAsync(NoTransactionRun run, int done, bool isInDoubt, bool isInTransaction = false)
    {
        var batch = new NpgsqlBatch(_session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        string[] opening = isInTransaction ? [] : [ReadWrite];
        AddOwnRole(batch, opening);

        var advance = _progress.Advance(run.RowId, done, run.ProgressAfter(done, isInDoubt));
        batch.BatchCommands.Add(advance);
        if (!isInTransaction)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        run.MoveTo(StepPhase.Record);
        await RunOwnAsync(
            () => batch.ExecuteNonQueryAsync(CancellationToken.None), isOpened: !isInTransaction).ConfigureAwait(false);
        if (advance.Rows == 0)
        {
            throw RowGone();
        }

        run.MoveTo(StepPhase.Script);
        run.State = run.State with { IsInterrupted = run.State.IsInterrupted || !isInTransaction };
    }

    /// <summary>
    /// Records that a statement is not done: the server has answered with an error. When no statement is done there is
    /// nothing to resume. Never throws: the error of the statement is the one to report.
    /// </summary>
    public async Task RevertAsync(NoTransactionRun run, int index)
    {
        if (!_session.IsOpen)
        {
            return;
        }

        var batch = new NpgsqlBatch(_session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        AddOwnRole(batch, ReadWrite);
        var nothingDone = index == 0 && !run.Statements[0].Reading.MayCommit;
        run.State = run.State with { IsInterrupted = !nothingDone };
        // A migration that was applied before, and is undone or run again, keeps the row it had.
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
            await _session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            var reason = ServerText.Of(e).TrimEnd('.');
            var aftermath = run.State.Aftermath;
            run.State = run.State with
            {
                IsInterrupted = true,
                Aftermath = aftermath + (aftermath.Length > 0 ? " " : "")
                    + $"That this statement is not done could not be written to {context.History.QualifiedName} "
                    + $"({reason}), so the next run may ask about it.",
            };
        }
    }

    /// <summary>Completes the row and logs it.</summary>
    public async Task CompleteAsync(NoTransactionRun run)
    {
        var step = run.Step;
        run.MoveTo(StepPhase.Record);
        var batch = new NpgsqlBatch(_session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        AddOwnRole(batch, ReadWrite);
        batch.BatchCommands.Add(step.Direction == MigrationDirection.Apply
            ? _progress.Complete(run.RowId, run.Started, step.Migration!, run.Statements.Count)
            : _progress.Remove(run.RowId, run.Started));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await RunOwnAsync(ReadAsync, isOpened: true).ConfigureAwait(false);

        async Task<int> ReadAsync()
        {
            var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            run.Cursor.Receipt = await RecordReceipt.ReadAsync(reader, CancellationToken.None).ConfigureAwait(false);
            return reader.RecordsAffected;
        }
    }

    // A transaction of PgMigrate that fails must not stay open: the failure is still to be logged.
    private async Task RunOwnAsync(Func<Task<int>> send, bool isOpened)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (PostgresException) when (isOpened)
        {
            await _session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            throw;
        }
    }

    private void AddOwnRole(NpgsqlBatch batch, params ReadOnlySpan<string> opening)
    {
        string[] commands = [.. opening, "SET LOCAL SESSION AUTHORIZATION DEFAULT", $"SET LOCAL {_session.OwnRole}"];
        foreach (var sql in commands)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        }
    }

    private StepFaultException RowGone() => new(
        ErrorCodes.RecordNotWritten,
        $"The row in {context.History.QualifiedName} was not there to be changed, although the lock was held: another "
            + "session changes the tracking table. Find that session, and run again.");
}
