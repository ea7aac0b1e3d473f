using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>How the second round trip of a step ended.</summary>
/// <param name="IsCommitted">True when the record is known to be there to stay.</param>
/// <param name="Problem">What the run ends with; null when it goes on.</param>
/// <param name="IsUnknown">True when nobody could be asked whether it is committed.</param>
internal sealed record CommitOutcome(bool IsCommitted, Exception? Problem, bool IsUnknown = false)
{
    /// <summary>What the file left behind in its session, in words.</summary>
    public IReadOnlyList<string> LeftBehind { get; init; } = [];

    /// <summary>The record that was read again; null when it is gone, or when nobody had to ask.</summary>
    public HistoryEntry? Entry { get; init; }

    /// <summary>Why nothing is committed, when that is certain; null otherwise.</summary>
    public Exception? Failure => IsCommitted || IsUnknown ? null : Problem;

    /// <summary>The outcome of a transaction that was rolled back before its COMMIT.</summary>
    public static CommitOutcome None(Exception failure) => new(false, failure);
}

/// <summary>The second round trip of a step: COMMIT together with the reset of the session.</summary>
internal sealed class StepCommit(
    DatabaseSession session, HistoryTable history, string module, SessionTraces traces)
{
    private static readonly TimeSpan ReconnectLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);

    // DISCARD ALL would drop the migration lock with everything else. The run's own settings follow the RESET ALL.
    private static readonly string[] ResetStatements =
    [
        "RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *",
        "DISCARD TEMP", "DISCARD SEQUENCES",
    ];

    /// <summary>What a file leaves behind in its session, as commands that take it away; legal in a transaction, too.</summary>
    public static void AddReset(DatabaseSession session, NpgsqlBatch batch)
    {
        foreach (var reset in ResetStatements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(reset));
        }

        session.Settings.AddTo(batch);
    }

    /// <summary>
    /// Commits what these steps did; it cannot be cancelled, since a cancelled COMMIT has an unknown outcome.
    /// </summary>
    public async Task<CommitOutcome> CommitAsync(IReadOnlyList<PlannedStep> steps)
    {
        var what = steps.Count == 1 ? steps[0].FileName : "The whole run";
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        var commit = new NpgsqlBatchCommand("COMMIT");
        batch.BatchCommands.Add(commit);
        traces.AddLook(steps, batch);
        AddReset(session, batch);
        try
        {
            var left = await RunAsync(batch).ConfigureAwait(false);
            return new CommitOutcome(true, await CheckLockAsync(steps, what).ConfigureAwait(false)) { LeftBehind = left };
        }
        catch (PostgresException e) when (e.BatchCommand == commit && session.IsOpen)
        {
            // A deferred constraint: the server has rolled back.
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
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        traces.AddLook([step], batch);
        AddReset(session, batch);
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
        return await traces.ReadAsync(reader).ConfigureAwait(false);
    }

    private static InitializationException ResetFailed(string what, Exception e) => new(
        "SessionResetFailed",
        $"{what} is committed, but the session could not be reset after it: "
            + $"{ServerText.Of(e)} The run ends here; run again to go on.",
        e);

    private async Task<Exception?> CheckLockAsync(IReadOnlyList<PlannedStep> steps, string what) =>
        await HoldsLockAfterAsync(steps).ConfigureAwait(false) ? null : new InitializationException(
            "LockLost",
            $"{what} is committed, but it gave the migration lock away (pg_advisory_unlock_all, most likely), so "
                + "another run may have begun. The run ends here; delete that call and run again.");

    // Only a script that names advisory locks is looked after: asking each time would be a third round trip.
    private async Task<bool> HoldsLockAfterAsync(IReadOnlyList<PlannedStep> steps)
    {
        if (!steps.Any(step => step.Script.Facts.NamesAdvisoryLocks))
        {
            return true;
        }

        var key = MigrationLock.KeyOf(history.Schema, history.Name);
        return (bool)(await session.ScalarAsync(EmbeddedSql.Read("ForeignLocks.sql"), key, CancellationToken.None)
            .ConfigureAwait(false))!;
    }

    /// <summary>
    /// The connection died while COMMIT was under way. The record tells, once the old session has given its lock back.
    /// </summary>
    public async Task<CommitOutcome> AskAgainAsync(PlannedStep step, string what, Exception lost)
    {
        using var limit = new CancellationTokenSource(ReconnectLimit);
        try
        {
            await ReconnectAsync(limit.Token).ConfigureAwait(false);
            var again = new MigrationLock(session, history.Schema, history.Name);
            // Until the server has noticed that the old session is gone.
            await again.WaitAsync(LockLimit, limit.Token).ConfigureAwait(false);
            var now = await new HistoryReader(history)
                .ReadAsync(session.Connection, new HistoryQuery(module, false, []), limit.Token)
                .ConfigureAwait(false);
            await again.ReleaseAsync().ConfigureAwait(false);
            // What runs again has a row either way: its checksum tells.
            var entry = now.Entries.FirstOrDefault(entry => entry.Version == step.Version
                && (step.Direction == MigrationDirection.Undo
                    || (!entry.IsInterrupted && step.Migration!.HasChecksum(entry.Checksum))));
            return (entry is not null) == (step.Direction == MigrationDirection.Apply)
                ? new CommitOutcome(true, new ConnectionException(
                    "ConnectionLost",
                    $"{what} is committed (the record was read again), but the connection was lost with it: "
                        + $"{lost.Message} Run again to go on."))
                { Entry = entry }
                : new CommitOutcome(false, lost);
        }
        catch (Exception e) when (e is PgMigrateException or NpgsqlException or IOException
            or InvalidOperationException or OperationCanceledException)
        {
            return new CommitOutcome(false, e, IsUnknown: true);
        }
    }

    // A server that has crashed, and a standby that takes over, need a while.
    private async Task ReconnectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await session.ReconnectAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ConnectionException e) when (e.Code is "ConnectionFailed" or "ServerStarting" or "TooManyConnections")
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
