using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Records;

/// <summary>Writes changes of records under the lock, each of them all or nothing.</summary>
internal sealed class RecordRunner(RunContext context)
{
    // Neither side has to hold the whole of a long history.
    private const int MaxCommands = 500;

    private readonly DatabaseSession _session = context.Session;
    private readonly HistoryTable _history = context.History;

    /// <summary>Creates the tracking table and its log, unless they exist.</summary>
    /// <exception cref="InitializationException">The schema is missing, or the login may not create tables.</exception>
    public Task InitializeAsync(
        bool createSchema, TimeSpan lockWait, Action<HistorySnapshot> check, CancellationToken cancellationToken) =>
        RunUnderLockAsync(lockWait, async () =>
        {
            var now = await new HistoryReader(_history)
                .ReadAsync(_session.Connection, new HistoryQuery(context.Module, false, []), cancellationToken)
                .ConfigureAwait(false);
            if (!now.SchemaExists && !createSchema)
            {
                throw new InitializationException(
                    ErrorCodes.SchemaNotFound,
                    $"The schema {SqlIdentifier.Quote(_history.Schema)} does not exist. Add -CreateSchema.");
            }

            check(now);
            await CreateTablesAsync(now, createSchema, cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    /// <summary>
    /// Runs a change. Under the lock the history is read; when it is not that of <paramref name="shown"/>, the change
    /// is planned again. Returns the changed rows: removed ones as they were, others as they are now.
    /// </summary>
    public Task<IReadOnlyList<MigrationRow>> RunAsync(
        RecordChange change,
        RecordPlan? shown,
        RecordPlanner planner,
        Func<CancellationToken, Task<HistorySnapshot>> readAsync,
        TimeSpan lockWait,
        CancellationToken cancellationToken) =>
        RunUnderLockAsync(lockWait, async () =>
        {
            var now = await readAsync(cancellationToken).ConfigureAwait(false);
            var plan = shown is not null && shown.BasedOn == now.Fingerprint ? shown : planner.Plan(change, now);
            plan.Require();
            await CreateTablesAsync(now, createSchema: false, cancellationToken).ConfigureAwait(false);
            await WriteAsync(plan, cancellationToken).ConfigureAwait(false);
            if (change is RemoveRecords)
            {
                return plan.Rows;
            }

            var after = planner.RowsOf(await readAsync(cancellationToken).ConfigureAwait(false));
            return after.IntersectBy(plan.Rows.Select(row => row.Version), row => row.Version).ToList();
        }, cancellationToken);

    /// <summary>Writes the rows of a plan in one transaction. The caller holds the lock.</summary>
    /// <returns>When each row was written or deleted, by the clock of the server.</returns>
    public async Task<IReadOnlyList<DateTimeOffset>> WriteAsync(RecordPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(plan.Edits, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw new InitializationException(
                ErrorCodes.HistoryWriteFailed,
                $"The records in {_history.QualifiedName} could not be changed: {ServerText.Of(e)} None of them was "
                    + "changed. Remove the cause (a trigger, a constraint or a policy of that table or its log) and "
                    + "run again.",
                e);
        }
    }

    private async Task<T> RunUnderLockAsync<T>(
        TimeSpan lockWait, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var migrationLock = new MigrationLock(_session, _history.Schema, _history.Name);
        try
        {
            await migrationLock.WaitAsync(lockWait, cancellationToken).ConfigureAwait(false);
            return await work().ConfigureAwait(false);
        }
        finally
        {
            await migrationLock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task CreateTablesAsync(HistorySnapshot now, bool createSchema, CancellationToken cancellationToken)
    {
        if (!now.TableExists)
        {
            await new HistoryCreation(_history)
                .CreateAsync(_session.Connection, createSchema && !now.SchemaExists, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private NpgsqlBatchCommand CommandOf(RecordEdit edit) => edit switch
    {
        DeleteRow row => _history.RemoveRecord(row.Entry),
        WriteAppliedRow row => _history.MarkApplied(context.Module, row.Migration, row.Entry?.Id, row.Reason),
        DeleteInterruptedRow row => _history.MarkPending(row.Entry, row.Reason),
        WriteBaselineRow row => _history.RecordBaseline(context.Module, row.Migration),
        _ => throw new ArgumentOutOfRangeException(nameof(edit)),
    };

    // Each command returns one row, with its time first. A command that changed no row ends all of it.
    private async Task<IReadOnlyList<DateTimeOffset>> WriteAsync(
        IReadOnlyList<RecordEdit> edits, CancellationToken cancellationToken)
    {
        var times = new List<DateTimeOffset>(edits.Count);
        var transaction = await _session.Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        foreach (var part in edits.Chunk(MaxCommands))
        {
            var batch = new NpgsqlBatch(_session.Connection, transaction);
            await using var __ = batch.ConfigureAwait(false);
            foreach (var edit in part)
            {
                batch.BatchCommands.Add(CommandOf(edit));
            }

            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var ___ = reader.ConfigureAwait(false);
            do
            {
                if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw new InitializationException(
                        ErrorCodes.RecordNotWritten,
                        $"A row of {_history.QualifiedName} was not there to be changed, although the lock was held: "
                            + "another session changes the tracking table. Nothing was changed. "
                            + "Find that session, and run again.");
                }

                times.Add(new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc)));
            }
            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
        }

        // A cancelled COMMIT has an unknown outcome.
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return times;
    }
}
