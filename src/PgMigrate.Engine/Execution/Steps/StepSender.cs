using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Steps;

/// <summary>
/// The first round trip of a step: BEGIN, the statements one a command, and the record. COMMIT is never part of it: the
/// server would commit for a client that was killed meanwhile.
/// </summary>
internal sealed class StepSender(RunContext context)
{
    // A larger script is sent in several batches of one transaction: neither side has to hold the whole of it.
    private const int LargeScript = 1024 * 1024;

    private readonly DatabaseSession _session = context.Session;
    private readonly ForeignOwners _owners = new(context.Session);

    /// <summary>
    /// True for "no binary output function available for type …". Recognised by the routine of the server, since its
    /// messages are translated.
    /// </summary>
    public static bool NeedsTextResults(Exception? failure) =>
        failure is PostgresException e
        && e.SqlState == PostgresErrorCodes.UndefinedFunction
        && e.Routine is "getTypeBinaryOutputInfo" or "array_send" or "get_range_io_data" or "get_multirange_io_data";

    /// <summary>
    /// Sends an attempt, and rolls back when it fails. Without a failure the transaction waits for its COMMIT. Throws
    /// only for a cancellation. <paramref name="previous"/> is the step before it in the same transaction;
    /// <paramref name="asText"/> asks for results as text.
    /// </summary>
    public async Task<StepAttempt> SendAsync(
        StepAttempt attempt, PlannedStep? previous, bool asText, CancellationToken cancellationToken)
    {
        var step = attempt.Step;
        var cursor = new StepCursor();
        try
        {
            await (asText
                ? SendAsTextAsync(step, previous, cursor, cancellationToken)
                : SendInBatchesAsync(step, previous, cursor, cancellationToken)).ConfigureAwait(false);
            return attempt with
            {
                RowsAffected = cursor.Rows,
                Receipt = cursor.Receipt,
                ForeignOwners = await _owners.FindAsync(step, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidDataException
            or InvalidOperationException or PgMigrateException or OperationCanceledException)
        {
            if (_session.IsOpen)
            {
                await _session.TryExecuteAsync("ROLLBACK").ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return attempt with { Failure = e, Position = cursor.Position, RowsAffected = cursor.Rows };
        }
    }

    // One batch, unless the script is large or holds rows for COPY.
    private async Task SendInBatchesAsync(
        PlannedStep step, PlannedStep? previous, StepCursor cursor, CancellationToken cancellationToken)
    {
        var isBounded = step.Script.Held is null || step.Script.Source.Text.Length > LargeScript;
        var batch = new StatementBatch(_session.Connection, isBounded);
        var sending = Task.CompletedTask;
        try
        {
            StepOpening.AddTo(batch.Batch, step, previous, context);
            batch.StartAt(0);
            var index = 0;
            foreach (var statement in step.Script.Read())
            {
                if (statement.Rows is not null)
                {
                    await sending.ConfigureAwait(false);
                    await batch.SendAsync(cursor, cancellationToken).ConfigureAwait(false);
                    await CopyAsync(statement, index, cursor, cancellationToken).ConfigureAwait(false);
                    batch = batch.Next(index + 1);
                }
                else
                {
                    batch.Add(statement);
                }

                index++;
                if (batch.IsFull)
                {
                    // The next batch is read while the server works on this one.
                    await sending.ConfigureAwait(false);
                    sending = batch.SendAsync(cursor, cancellationToken);
                    batch = batch.Next(index);
                }
            }

            await sending.ConfigureAwait(false);
            AddRecord(batch.Batch, step);
            await batch.SendWithRecordAsync(cursor, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The connection is busy until the batch that was sent has ended. An error of that batch came first.
            await sending.ConfigureAwait(false);
            throw;
        }
    }

    private async Task CopyAsync(
        SqlStatement statement, int index, StepCursor cursor, CancellationToken cancellationToken)
    {
        cursor.Position = new StepPosition(StepPhase.Script, index, statement);
        cursor.Rows += await CopySender.SendAsync(_session.Connection, statement, cancellationToken)
            .ConfigureAwait(false);
        cursor.Position = StepPosition.Start;
    }

    // Statement by statement, for results whose type has no binary form: a batch cannot ask for text.
    private async Task SendAsTextAsync(
        PlannedStep step, PlannedStep? previous, StepCursor cursor, CancellationToken cancellationToken)
    {
        var opening = new NpgsqlBatch(_session.Connection);
        StepOpening.AddTo(opening, step, previous, context);
        await DatabaseSession.RunAsync(opening, cancellationToken).ConfigureAwait(false);
        var index = 0;
        foreach (var statement in step.Script.Read())
        {
            cursor.Position = new StepPosition(StepPhase.Script, index++, statement);
            if (statement.Rows is not null)
            {
                cursor.Rows += await CopySender.SendAsync(_session.Connection, statement, cancellationToken)
                    .ConfigureAwait(false);
                continue;
            }

            var command = new NpgsqlCommand(statement.Text, _session.Connection)
            {
                AllResultTypesAreUnknown = true,
            };
            await using (command.ConfigureAwait(false))
            {
                var rows = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                cursor.Rows += Math.Max(0, rows);
            }
        }

        cursor.Position = StepPosition.Start;
        var closing = new StatementBatch(_session.Connection, isBounded: false);
        closing.StartAt(step.Script.Count);
        AddRecord(closing.Batch, step);
        await closing.SendWithRecordAsync(cursor, cancellationToken).ConfigureAwait(false);
    }

    // The role of the run writes the record, whatever role the script has set. LOCAL, so that what the script has left
    // in its session can still be read after COMMIT.
    private void AddRecord(NpgsqlBatch batch, PlannedStep step)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL SESSION AUTHORIZATION DEFAULT"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET LOCAL {_session.OwnRole}"));
        batch.BatchCommands.Add(step.Direction == MigrationDirection.Apply
            ? context.History.RecordApplied(context.Module, step.Migration!, step.SharesTransaction)
            : context.History.RecordUndone(step.Entry!));
    }
}
