using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Steps;

/// <summary>The second round trip of a step: COMMIT together with the reset of the session.</summary>
internal sealed class StepCommit(RunContext context, SessionLeftovers leftovers)
{
    private static readonly TimeSpan ReconnectLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);

    private readonly DatabaseSession _session = context.Session;
    private readonly HistoryTable _history = context.History;

    /// <summary>
    /// Commits what these steps did. Cannot be cancelled, since a cancelled COMMIT has an unknown outcome.
    /// </summary>
    public async Task<CommitOutcome> CommitAsync(IReadOnlyList<PlannedStep> steps)
    {
        var what = steps.Count == 1 ? steps[0].FileName : "The whole run";
        var batch = new NpgsqlBatch(_session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        var commit = new NpgsqlBatchCommand("COMMIT");
        batch.BatchCommands.Add(commit);
        leftovers.AddLook(steps, batch);
        SessionReset.AddTo(batch, _session);
        try
        {
            var left = await RunAsync(batch).ConfigureAwait(false);
            var problem = await CheckLockAsync(steps, what).ConfigureAwait(false);
            return new CommitOutcome(true, problem) { LeftBehind = left };
        }
        catch (PostgresException e) when (e.BatchCommand == commit && _session.IsOpen)
        {
            // A deferred constraint failed: the server has rolled back.
            return new CommitOutcome(false, e);
        }
        catch (PostgresException e) when (e.BatchCommand is not null && e.BatchCommand != commit)
        {
            return new CommitOutcome(true, ResetFailed(what, e));
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            return await AskAgainAsync(steps[^1], what, e).ConfigureAwait(false);
        }
    }

    /// <summary>Resets the session after a script that commits by itself.</summary>
    public async Task<CommitOutcome> ResetAsync(PlannedStep step)
    {
        var batch = new NpgsqlBatch(_session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        leftovers.AddLook([step], batch);
        SessionReset.AddTo(batch, _session);
        try
        {
            var left = await RunAsync(batch).ConfigureAwait(false);
            var problem = await CheckLockAsync([step], step.FileName).ConfigureAwait(false);
            return new CommitOutcome(true, problem) { LeftBehind = left };
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            return new CommitOutcome(true, ResetFailed(step.FileName, e));
        }
    }

    private async Task<IReadOnlyList<string>> RunAsync(NpgsqlBatch batch)
    {
        var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        return await leftovers.ReadAsync(reader).ConfigureAwait(false);
    }

    private static InitializationException ResetFailed(string what, Exception e) => new(
        ErrorCodes.SessionResetFailed,
        $"{what} is committed, but the session could not be reset after it: "
            + $"{ServerText.Of(e)} The run ends here. Run again to continue.",
        e);

    private async Task<Exception?> CheckLockAsync(IReadOnlyList<PlannedStep> steps, string what) =>
        await HoldsLockAfterAsync(steps).ConfigureAwait(false) ? null : new InitializationException(
            ErrorCodes.LockLost,
            $"{what} is committed, but it released the migration lock (pg_advisory_unlock_all, most likely), so "
                + "another run may have begun. The run ends here. Delete that call and run again.");

    // Only after a script that names advisory locks: each time would be a third round trip.
    private async Task<bool> HoldsLockAfterAsync(IReadOnlyList<PlannedStep> steps)
    {
        if (!steps.Any(step => step.Script.Facts.NamesAdvisoryLocks))
        {
            return true;
        }

        var key = MigrationLock.KeyOf(_history.Schema, _history.Name);
        return (bool)(await _session.ScalarAsync(EmbeddedSql.Read("ForeignLocks.sql"), key, CancellationToken.None)
            .ConfigureAwait(false))!;
    }

    /// <summary>
    /// Finds out how a COMMIT ended during which the connection was lost: reads the record, after the old session has
    /// released the lock.
    /// </summary>
    public async Task<CommitOutcome> AskAgainAsync(PlannedStep step, string what, Exception lost)
    {
        using var limit = new CancellationTokenSource(ReconnectLimit);
        try
        {
            await ReconnectAsync(limit.Token).ConfigureAwait(false);
            var again = new MigrationLock(_session, _history.Schema, _history.Name);
            // The old session holds the lock until the server notices that its client is gone.
            await again.WaitAsync(LockLimit, limit.Token).ConfigureAwait(false);
            var now = await new HistoryReader(_history)
                .ReadAsync(_session.Connection, new HistoryQuery(context.Module, false, []), limit.Token)
                .ConfigureAwait(false);
            await again.ReleaseAsync().ConfigureAwait(false);
            // A repeatable migration may have had a row before: its checksum tells.
            var entry = now.Entries.FirstOrDefault(entry => entry.Version == step.Version
                && (step.Direction == MigrationDirection.Undo
                    || (!entry.IsInterrupted && step.Migration!.HasChecksum(entry.Checksum))));
            return (entry is not null) == (step.Direction == MigrationDirection.Apply)
                ? new CommitOutcome(true, new ConnectionException(
                    ErrorCodes.ConnectionLost,
                    $"{what} is committed (the record was read again), but the connection was lost with it: "
                        + $"{lost.Message} Run again to continue."))
                { Entry = entry }
                : new CommitOutcome(false, lost);
        }
        catch (Exception e) when (e is PgMigrateException or NpgsqlException or IOException
            or InvalidOperationException or OperationCanceledException)
        {
            return new CommitOutcome(false, e, IsUnknown: true);
        }
    }

    // A server that restarts after a crash, or a standby that is promoted, needs a while.
    private async Task ReconnectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _session.ReconnectAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ConnectionException e) when (e.Code is ErrorCodes.ConnectionFailed or ErrorCodes.ServerStarting
                or ErrorCodes.TooManyConnections)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    throw;
                }

                await Task.Delay(ReconnectPause, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
