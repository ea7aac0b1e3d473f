using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>What the first round trip of a step brought back.</summary>
internal sealed class StepTrip
{
    public long Started { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>The statement that failed, counted from 0; outside the script's range for a command of ours.</summary>
    public int StatementIndex { get; set; } = -1;

    public long RowsAffected { get; set; }

    /// <summary>True when the record was written, or deleted, by this transaction.</summary>
    public bool IsRecorded { get; set; }

    public DateTimeOffset RecordedAt { get; set; }

    public double DurationMs { get; set; }
}

/// <summary>
/// The first round trip of a step: BEGIN, the statements one per command, and the record. COMMIT is never part of it:
/// the server would commit for a client that was killed meanwhile.
/// </summary>
internal sealed class StepSender(DatabaseSession session, HistoryTable history, string module)
{
    /// <summary>Sends everything as one batch.</summary>
    public async Task SendAsync(PlannedStep step, StepTrip trip, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(session.Connection);
        await using var _ = batch.ConfigureAwait(false);
        AddOpening(step, batch);
        var lead = batch.BatchCommands.Count;
        foreach (var statement in step.Script.Statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement.Text));
        }

        AddRecord(step, batch);
        try
        {
            await ReadRecordAsync(batch, trip, cancellationToken).ConfigureAwait(false);
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

    /// <summary>
    /// Sends statement by statement and asks for text: the way for results whose type has no binary form, which a
    /// batch cannot ask for.
    /// </summary>
    public async Task SendAsTextAsync(PlannedStep step, StepTrip trip, CancellationToken cancellationToken)
    {
        var opening = new NpgsqlBatch(session.Connection);
        AddOpening(step, opening);
        await DatabaseSession.RunAsync(opening, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < step.Script.Statements.Count; i++)
        {
            trip.StatementIndex = i;
            var command = new NpgsqlCommand(step.Script.Statements[i].Text, session.Connection)
            {
                AllResultTypesAreUnknown = true,
            };
            await using (command.ConfigureAwait(false))
            {
                var rows = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                trip.RowsAffected += Math.Max(0, rows);
            }
        }

        trip.StatementIndex = -1;
        var closing = new NpgsqlBatch(session.Connection);
        await using var _ = closing.ConfigureAwait(false);
        AddRecord(step, closing);
        await ReadRecordAsync(closing, trip, cancellationToken).ConfigureAwait(false);
    }

    private void AddOpening(PlannedStep step, NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(step.Script.Begin));
        // Not set_config: a SELECT takes a snapshot, and the script's own SET TRANSACTION would come too late.
        var name = SqlIdentifier.Literal(Shorten($"PgMigrate {module} {step.FileName}"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET LOCAL application_name = {name}"));
    }

    // The server would cut it, too, but with a notice.
    private static string Shorten(string name)
    {
        while (!SqlIdentifier.Fits(name))
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        }

        return name;
    }

    // The record is written by the role that logged in, whatever role the script left behind.
    private void AddRecord(PlannedStep step, NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("RESET SESSION AUTHORIZATION"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("RESET ROLE"));
        batch.BatchCommands.Add(step.Direction == MigrationDirection.Apply
            ? history.RecordApplied(module, step.Migration!)
            : history.RecordUndone(step.Entry!));
    }

    // The record's result set is the last; those of the user's own SELECTs come before it and are skipped unread.
    private static async Task ReadRecordAsync(NpgsqlBatch batch, StepTrip trip, CancellationToken cancellationToken)
    {
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        do
        {
            // By type, not by name: a script may select what it likes.
            trip.IsRecorded = reader.FieldCount == 2
                && reader.GetDataTypeName(0) == "timestamp with time zone"
                && reader.GetDataTypeName(1) == "double precision"
                && await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                && !await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false)
                && !await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false);
            if (trip.IsRecorded)
            {
                trip.RecordedAt = new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc));
                trip.DurationMs = reader.GetDouble(1);
            }
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
    }

    private static long RowsOf(NpgsqlBatchCommand command) => command.StatementType switch
    {
        StatementType.Insert or StatementType.Update or StatementType.Delete or StatementType.Merge =>
            (long)command.Rows,
        _ => 0,
    };
}
