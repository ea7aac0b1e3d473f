using Npgsql;
using NpgsqlTypes;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Planning;

namespace PgMigrate.Execution;

/// <summary>What became of one step.</summary>
/// <param name="Result">For the pipeline.</param>
/// <param name="Exception">Why the run ends here; null when it goes on.</param>
internal sealed record StepOutcome(MigrationResult Result, Exception? Exception);

/// <summary>
/// Runs one step in two round trips. First: one batch with BEGIN, the statements and the record. Second: COMMIT with
/// the session reset. COMMIT never travels with the statements: the server would commit for a client that was killed.
/// </summary>
internal sealed class StepRunner(DatabaseSession session, HistoryTable history, string module, Connection origin)
{
    private const string NoBinaryOutput = "no binary output function";

    // RESET ALL clears search_path and our own settings as well: the run's settings follow it.
    private static readonly string[] ResetStatements =
    [
        "RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *",
        "DISCARD TEMP", "DISCARD SEQUENCES",
    ];

    /// <summary>Runs one step to its end; never throws but for cancellation.</summary>
    public async Task<StepOutcome> RunAsync(PlannedStep step, int order, CancellationToken cancellationToken)
    {
        var trip = new Trip();
        try
        {
            await SendAsync(step, trip, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (IsTextOnly(e) && session.IsOpen)
        {
            // A type without a binary form can be read only as text, which a batch cannot ask for.
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            trip = new Trip();
            if (await TrySendOneByOneAsync(step, trip, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                return await FailAsync(step, order, failure, trip).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            throw;
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            await RollBackAsync(cancellationToken).ConfigureAwait(false);
            return await FailAsync(step, order, e, trip).ConfigureAwait(false);
        }

        return trip.IsRecorded
            ? await CommitAsync(step, order, trip).ConfigureAwait(false)
            : await RefuseUnrecordedAsync(step, order, trip).ConfigureAwait(false);
    }

    /// <summary>What the first round trip brought back.</summary>
    private sealed class Trip
    {
        public long Started { get; } = TimeProvider.System.GetTimestamp();

        public int StatementIndex { get; set; } = -1;

        public long RowsAffected { get; set; }

        public bool IsRecorded { get; set; }

        public DateTimeOffset RecordedAt { get; set; }

        public double DurationMs { get; set; }
    }

    private async Task SendAsync(PlannedStep step, Trip trip, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        var lead = AddOpening(step, batch);
        foreach (var statement in step.Script.Statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement.Text));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("RESET SESSION AUTHORIZATION"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("RESET ROLE"));
        var record = Record(step);
        batch.BatchCommands.Add(record);
        try
        {
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            await ReadRecordAsync(reader, trip, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.BatchCommand is NpgsqlBatchCommand failed)
        {
            trip.StatementIndex = batch.BatchCommands.IndexOf(failed) - lead;
            throw;
        }

        for (var i = 0; i < step.Script.Statements.Count; i++)
        {
            trip.RowsAffected += RowsOf(batch.BatchCommands[lead + i]);
        }
    }

    private int AddOpening(PlannedStep step, NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(step.Script.Begin));
        var name = new NpgsqlBatchCommand("SELECT pg_catalog.set_config('application_name', $1, true)");
        name.Parameters.Add(Text($"PgMigrate {module} {step.FileName}"));
        batch.BatchCommands.Add(name);
        return batch.BatchCommands.Count;
    }

    private NpgsqlBatchCommand Record(PlannedStep step) => step.Direction == MigrationDirection.Apply
        ? history.RecordApplied(module, step.Migration!)
        : history.RecordUndone(step.Entry!);

    // The record's result set is the last; those of the user's own SELECTs come before it and are skipped unread.
    private static async Task ReadRecordAsync(NpgsqlDataReader reader, Trip trip, CancellationToken cancellationToken)
    {
        do
        {
            var isRecord = reader.FieldCount == 2 && reader.GetName(1) == "execution_time_ms";
            if (isRecord && await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                && reader.GetDataTypeName(0) == "timestamp with time zone")
            {
                trip.IsRecorded = true;
                trip.RecordedAt = new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc));
                trip.DurationMs = reader.GetDouble(1);
            }
            else
            {
                trip.IsRecorded = false;
            }
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task<Exception?> TrySendOneByOneAsync(
        PlannedStep step, Trip trip, CancellationToken cancellationToken)
    {
        try
        {
            var opening = new NpgsqlBatch(session.Connection);
            AddOpening(step, opening);
            await DatabaseSession.RunAsync(opening, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < step.Script.Statements.Count; i++)
            {
                trip.StatementIndex = i;
                trip.RowsAffected += await SendAsTextAsync(step.Script.Statements[i].Text, cancellationToken)
                    .ConfigureAwait(false);
            }

            trip.StatementIndex = -1;
            var closing = new NpgsqlBatch(session.Connection);
            await using var _ = closing.ConfigureAwait(false);
            closing.BatchCommands.Add(new NpgsqlBatchCommand("RESET SESSION AUTHORIZATION"));
            closing.BatchCommands.Add(new NpgsqlBatchCommand("RESET ROLE"));
            closing.BatchCommands.Add(Record(step));
            var reader = await closing.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            await ReadRecordAsync(reader, trip, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            throw;
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            await RollBackAsync(cancellationToken).ConfigureAwait(false);
            return e;
        }
    }

    private async Task<long> SendAsTextAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, session.Connection) { AllResultTypesAreUnknown = true };
        await using (command.ConfigureAwait(false))
        {
            return Math.Max(0, await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<StepOutcome> CommitAsync(PlannedStep step, int order, Trip trip)
    {
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        var commit = new NpgsqlBatchCommand("COMMIT");
        batch.BatchCommands.Add(commit);
        foreach (var reset in ResetStatements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(reset));
        }

        session.AddSettings(batch);
        try
        {
            // Not cancellable: a cancelled COMMIT has an unknown outcome.
            await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            return new StepOutcome(Succeeded(step, order, trip), null);
        }
        catch (PostgresException e) when (e.BatchCommand == commit && session.IsOpen)
        {
            // A deferred constraint: the server has rolled back.
            return await FailAsync(step, order, e, trip).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.BatchCommand is not null && e.BatchCommand != commit)
        {
            var result = Succeeded(step, order, trip);
            return new StepOutcome(result, new InitializationException("SessionResetFailed",
                $"{step.FileName} is committed, but the session could not be reset after it: {e.MessageText} (SQLSTATE "
                    + $"{e.SqlState}). The run ends here; run again to go on.", e));
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            return await ResolveCommitAsync(step, order, trip, e).ConfigureAwait(false);
        }
    }

    // The connection died while COMMIT was under way. The record tells, once the old session has given its lock back.
    private async Task<StepOutcome> ResolveCommitAsync(PlannedStep step, int order, Trip trip, Exception lost)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await session.ReconnectAsync(limit.Token).ConfigureAwait(false);
            var again = new MigrationLock(session, history.Schema, history.Name);
            await foreach (var _ in again.AcquireAsync(TimeSpan.FromSeconds(25), limit.Token).ConfigureAwait(false))
            {
                // Waiting for the server to notice that the old session is gone.
            }

            var now = await history.ReadAsync(session.Connection, module, false, limit.Token).ConfigureAwait(false);
            await again.ReleaseAsync().ConfigureAwait(false);
            var isRecorded = now.Entries.Any(entry => entry.Version == step.Version);
            if (isRecorded == (step.Direction == MigrationDirection.Apply))
            {
                return new StepOutcome(Succeeded(step, order, trip), new ConnectionException("ConnectionLost",
                    $"{step.FileName} is committed (the record was read again), but the connection was lost with it: "
                        + $"{lost.Message} Run again to go on."));
            }

            return Failed(step, order, trip, StepFailure.Describe(step, lost, null), lost);
        }
        catch (Exception e) when (e is PgMigrateException or NpgsqlException or IOException
            or InvalidOperationException or OperationCanceledException)
        {
            var error = StepFailure.Describe(step, lost, null) with
            {
                Code = "CommitOutcomeUnknown",
                Message = $"{step.FileName}: the connection was lost during COMMIT ({lost.Message}) and the server "
                    + $"cannot be reached to see its outcome ({e.Message}). Get-PgMigrationStatus tells as soon as "
                    + "it can.",
            };
            return Failed(step, order, trip, error, lost);
        }
    }

    private async Task<StepOutcome> RefuseUnrecordedAsync(PlannedStep step, int order, Trip trip)
    {
        await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
        var error = new MigrationError
        {
            Code = "RecordNotWritten",
            FileName = step.FileName,
            FilePath = step.FilePath,
            Message = $"{step.FileName}: its row in {history.QualifiedName} was not there to be changed, although the "
                + "lock was held: somebody edits the tracking table. It was rolled back.",
        };
        return Failed(step, order, trip, error, null);
    }

    private async Task RollBackAsync(CancellationToken cancellationToken)
    {
        if (session.IsOpen)
        {
            await session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<StepOutcome> FailAsync(PlannedStep step, int order, Exception exception, Trip trip)
    {
        var error = StepFailure.Describe(step, exception, trip.StatementIndex);
        if (session.IsOpen && step.Migration is not null)
        {
            try
            {
                await history.LogFailureAsync(
                    session.Connection, module, step.Migration, error, CancellationToken.None).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                error = error with
                {
                    Message = error.Message + Environment.NewLine + $"(The failure could not be logged: {e.Message})",
                };
            }
        }

        return Failed(step, order, trip, error, exception);
    }

    private StepOutcome Failed(
        PlannedStep step, int order, Trip trip, MigrationError error, Exception? cause)
    {
        var result = Result(step, order, trip, MigrationOutcome.Failed) with
        {
            Error = error,
            // The server measures what it records; a failure is measured from here.
            DurationMs = TimeProvider.System.GetElapsedTime(trip.Started).TotalMilliseconds,
        };
        return new StepOutcome(result, step.Direction == MigrationDirection.Apply
            ? new MigrationApplyException(error.Code, result, cause)
            : new MigrationUndoException(error.Code, result, cause));
    }

    private MigrationResult Succeeded(PlannedStep step, int order, Trip trip) =>
        Result(step, order, trip, step.Direction == MigrationDirection.Apply
            ? MigrationOutcome.Applied
            : MigrationOutcome.Undone) with
        {
            AppliedAt = trip.RecordedAt,
            DurationMs = trip.DurationMs,
            RowsAffected = trip.RowsAffected,
        };

    private MigrationResult Result(PlannedStep step, int order, Trip trip, MigrationOutcome outcome) => new()
    {
        Order = order,
        Version = step.Version.Text,
        Name = step.Name,
        FileName = step.FileName,
        Module = module,
        Schema = history.Schema,
        HistoryTable = history.Name,
        Connection = origin,
        Direction = step.Direction,
        Outcome = outcome,
        StatementCount = step.Script.Statements.Count,
        Checksum = step.Migration?.Checksum ?? step.Entry?.Checksum,
        DurationMs = trip.DurationMs,
        Attempts = 1,
    };

    private static bool IsTextOnly(PostgresException e) =>
        e.SqlState == PostgresErrorCodes.UndefinedFunction
        && e.MessageText.StartsWith(NoBinaryOutput, StringComparison.Ordinal);

    private static long RowsOf(NpgsqlBatchCommand command) => command.StatementType switch
    {
        StatementType.Insert or StatementType.Update or StatementType.Delete or StatementType.Merge =>
            (long)command.Rows,
        _ => 0,
    };

    private static NpgsqlParameter Text(string text) => new() { Value = text, NpgsqlDbType = NpgsqlDbType.Text };
}
