using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Records;

/// <summary>Changes the tracking table alone: creates it, records what never ran, deletes records.</summary>
internal sealed class RecordAdministration(DatabaseSession session, HistoryTable history, string module)
{
    // Neither side has to hold the whole of a long history.
    private const int MostCommands = 500;

    /// <summary>Creates the tracking table and its log under the lock, when they are not there yet.</summary>
    /// <exception cref="InitializationException">The schema is missing, or the login may not create tables.</exception>
    public async Task InitializeAsync(
        bool createSchema, TimeSpan lockWait, Action<HistorySnapshot> check, CancellationToken cancellationToken)
    {
        var migrationLock = new MigrationLock(session, history.Schema, history.Name);
        try
        {
            await migrationLock.WaitAsync(lockWait, cancellationToken).ConfigureAwait(false);
            var now = await new HistoryReader(history)
                .ReadAsync(session.Connection, new HistoryQuery(module, false, []), cancellationToken)
                .ConfigureAwait(false);
            if (!now.SchemaExists && !createSchema)
            {
                throw new InitializationException(
                    "SchemaNotFound",
                    $"The schema {SqlIdentifier.Quote(history.Schema)} does not exist. Add -CreateSchema.");
            }

            check(now);
            if (!now.TableExists)
            {
                await new HistoryCreation(history)
                    .CreateAsync(session.Connection, createSchema && !now.SchemaExists, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            await migrationLock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Deletes under the lock the records that are found there, all or none, and touches no other object. Answers the
    /// rows that were deleted, as they stood before.
    /// </summary>
    public async Task<IReadOnlyList<MigrationRow>> RemoveAsync(
        Func<CancellationToken, Task<IReadOnlyList<MigrationRow>>> findAsync,
        TimeSpan lockWait,
        CancellationToken cancellationToken)
    {
        var migrationLock = new MigrationLock(session, history.Schema, history.Name);
        try
        {
            await migrationLock.WaitAsync(lockWait, cancellationToken).ConfigureAwait(false);
            var rows = await findAsync(cancellationToken).ConfigureAwait(false);
            await WriteAsync([.. rows.Select(row => history.RemoveRecord(row.Entry!))], cancellationToken)
                .ConfigureAwait(false);
            return rows;
        }
        finally
        {
            await migrationLock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Marks under the lock the rows that are found there, all or none. Answers them as they stood, and the history after.
    /// </summary>
    /// <exception cref="PlanBlockedException">One of them cannot be marked so; then none is.</exception>
    public async Task<(IReadOnlyList<MigrationRow> Rows, HistorySnapshot After)> MarkAsync(
        Func<CancellationToken, Task<HistorySnapshot>> readAsync,
        Func<HistorySnapshot, IReadOnlyList<MigrationRow>> find,
        RecordMark mark,
        TimeSpan lockWait,
        CancellationToken cancellationToken)
    {
        var migrationLock = new MigrationLock(session, history.Schema, history.Name);
        try
        {
            await migrationLock.WaitAsync(lockWait, cancellationToken).ConfigureAwait(false);
            var now = await readAsync(cancellationToken).ConfigureAwait(false);
            var rows = find(now);
            if (!now.TableExists)
            {
                await new HistoryCreation(history).CreateAsync(session.Connection, withSchema: false, cancellationToken)
                    .ConfigureAwait(false);
            }

            await new RecordMarks(session, history, module).WriteAsync(rows, mark, cancellationToken).ConfigureAwait(false);
            return (rows, await readAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            await migrationLock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Records steps as applied without running them, all or none. The caller holds the lock.</summary>
    public async Task<IReadOnlyList<MigrationResult>> BaselineAsync(
        IReadOnlyList<PlannedStep> steps, Connection origin, CancellationToken cancellationToken)
    {
        var times = await WriteAsync(
            [.. steps.Select(step => history.RecordBaseline(module, step.Migration!))], cancellationToken)
            .ConfigureAwait(false);
        return steps.Select((step, i) => new MigrationResult
        {
            Order = i + 1,
            Version = step.Version.Text,
            VersionKey = step.Version.Key,
            Name = step.Name,
            FileName = step.FileName,
            Folder = step.Folder,
            Folders = step.Folders,
            Format = step.Migration!.Format,
            Module = module,
            Schema = history.Schema,
            HistoryTable = history.Name,
            Connection = origin,
            Direction = nameof(MigrationDirection.Apply),
            Outcome = nameof(MigrationOutcome.Recorded),
            StatementCount = 0,
            Checksum = step.Migration.Checksum,
            AppliedAt = times[i],
        }).ToList();
    }

    // In one transaction; answers the time that each command answers. One that finds its row changed ends it all.
    private async Task<IReadOnlyList<DateTimeOffset>> WriteAsync(
        IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteOpenlyAsync(commands, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw RecordMarks.Failed(history, e);
        }
    }

    private async Task<IReadOnlyList<DateTimeOffset>> WriteOpenlyAsync(
        IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        var times = new List<DateTimeOffset>(commands.Count);
        var transaction = await session.Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        foreach (var part in commands.Chunk(MostCommands))
        {
            var batch = new NpgsqlBatch(session.Connection, transaction);
            await using var __ = batch.ConfigureAwait(false);
            foreach (var command in part)
            {
                batch.BatchCommands.Add(command);
            }

            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var ___ = reader.ConfigureAwait(false);
            do
            {
                if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw new InitializationException(
                        "RecordNotWritten",
                        $"A row of {history.QualifiedName} was not there to be changed, although the lock was held: "
                            + "somebody edits the tracking table. Nothing was changed.");
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
