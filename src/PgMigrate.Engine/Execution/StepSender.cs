using Npgsql;
using PgMigrate.History;
using PgMigrate.Planning;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>What the first round trip of a step brought back.</summary>
internal sealed class StepTrip
{
    public long Started { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>Which attempt at the step this is, from 1.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>Who kept it from a lock, when that is why it failed.</summary>
    public IReadOnlyList<MigrationBlocker> Blockers { get; set; } = [];

    /// <summary>Which timeout ended it, when that is why it failed; null otherwise.</summary>
    public TimeoutOrigin? Timeout { get; set; }

    /// <summary>Why it was not tried once more; empty when there is nothing to say.</summary>
    public string RetryEnd { get; set; } = "";

    /// <summary>The step before it in the same transaction; null when this one begins it.</summary>
    public PlannedStep? After { get; init; }

    /// <summary>The statement that failed, counted from 0; outside the script's range for a command of ours.</summary>
    public int StatementIndex { get; set; } = -1;

    /// <summary>That statement, when it is one of a script that is not held.</summary>
    public SqlStatement? Statement { get; set; }

    /// <summary>Whose command is under way; what failed, after a failure.</summary>
    public StepPhase Phase { get; set; }

    public long RowsAffected { get; set; }

    /// <summary>True when the record was written, or deleted, by this transaction.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>True when a script outside a transaction has left a row that says how far it came.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>How many of its statements are done, as that row says.</summary>
    public int StatementsDone { get; set; }

    /// <summary>What was cleared away after a statement outside a transaction; empty when nothing was.</summary>
    public string Aftermath { get; set; } = "";

    public DateTimeOffset RecordedAt { get; set; }

    public double DurationMs { get; set; }

    /// <summary>Objects that belong to another role than that of the run.</summary>
    public IReadOnlyList<string> ForeignOwners { get; set; } = [];
}

/// <summary>
/// The first round trip of a step: BEGIN, the statements one per command, and the record. COMMIT is never part of it:
/// the server would commit for a client that was killed meanwhile.
/// </summary>
internal sealed class StepSender(DatabaseSession session, HistoryTable history, string module)
{
    // A larger script goes in several trips of one transaction: neither side has to hold the whole of it.
    private const int LargeScript = 1024 * 1024;

    /// <summary>Sends the step: as one batch, unless it is large or holds rows for COPY.</summary>
    public async Task SendAsync(PlannedStep step, StepTrip trip, CancellationToken cancellationToken)
    {
        var isBounded = step.Script.Held is null || step.Script.Source.Text.Length > LargeScript;
        var part = new StepPart(session.Connection, isBounded);
        var sending = Task.CompletedTask;
        try
        {
            AddOpening(step, trip, part.Batch);
            part.StartAt(0);
            var index = 0;
            foreach (var statement in step.Script.Read())
            {
                if (statement.Rows is not null)
                {
                    await sending.ConfigureAwait(false);
                    await part.SendAsync(trip, cancellationToken).ConfigureAwait(false);
                    trip.StatementIndex = index;
                    trip.Statement = statement;
                    trip.RowsAffected += await CopySender.SendAsync(session.Connection, statement, cancellationToken)
                        .ConfigureAwait(false);
                    trip.StatementIndex = -1;
                    trip.Statement = null;
                    part = part.Next(index + 1);
                }
                else
                {
                    part.Add(statement);
                }

                index++;
                if (part.IsFull)
                {
                    // While the server works on it, the next part is read.
                    await sending.ConfigureAwait(false);
                    sending = part.SendAsync(trip, cancellationToken);
                    part = part.Next(index);
                }
            }

            await sending.ConfigureAwait(false);
            AddRecord(step, part.Batch);
            await part.SendAsync(trip, ReadRecordAsync, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The connection is busy until the part under way has ended, and what the server says of it came first.
            await sending.ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Sends statement by statement and asks for text: the way for results whose type has no binary form, which a
    /// batch cannot ask for.
    /// </summary>
    public async Task SendAsTextAsync(PlannedStep step, StepTrip trip, CancellationToken cancellationToken)
    {
        var opening = new NpgsqlBatch(session.Connection);
        AddOpening(step, trip, opening);
        await DatabaseSession.RunAsync(opening, cancellationToken).ConfigureAwait(false);
        foreach (var statement in step.Script.Read())
        {
            trip.StatementIndex++;
            trip.Statement = statement;
            if (statement.Rows is not null)
            {
                trip.RowsAffected += await CopySender.SendAsync(session.Connection, statement, cancellationToken)
                    .ConfigureAwait(false);
                continue;
            }

            var command = new NpgsqlCommand(statement.Text, session.Connection)
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
        trip.Statement = null;
        var closing = new StepPart(session.Connection, isBounded: false);
        closing.StartAt(step.Script.Count);
        AddRecord(step, closing.Batch);
        await closing.SendAsync(trip, ReadRecordAsync, cancellationToken).ConfigureAwait(false);
    }

    private void AddOpening(PlannedStep step, StepTrip trip, NpgsqlBatch batch)
    {
        if (trip.After is { } previous)
        {
            SharedTransaction.AddReset(session, previous, batch);
        }
        else
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(step.Script.Begin));
        }

        // Not set_config: a SELECT takes a snapshot, and the script's own SET TRANSACTION would come too late.
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET LOCAL application_name = {ApplicationName(module, step)}"));
        if (step.SharesTransaction)
        {
            SharedTransaction.AddMarks(step, batch);
        }
    }

    /// <summary>What the server shows a session as while it runs a step, as a literal.</summary>
    public static string ApplicationName(string module, PlannedStep step) =>
        SqlIdentifier.Literal(Shorten($"PgMigrate {module} {step.FileName}"));

    // The server would cut it, too, but with a notice.
    private static string Shorten(string name)
    {
        while (!SqlIdentifier.Fits(name))
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        }

        return name;
    }

    // The record is written by the role of the run, whatever role the script took. LOCAL, so that what the script has left
    // can still be seen, and named, after COMMIT.
    private void AddRecord(PlannedStep step, NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL SESSION AUTHORIZATION DEFAULT"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET LOCAL {session.OwnRole}"));
        batch.BatchCommands.Add(step.Direction == MigrationDirection.Apply
            ? history.RecordApplied(module, step.Migration!, step.SharesTransaction)
            : history.RecordUndone(step.Entry!));
    }

    /// <summary>
    /// Reads what the record says. Its result set is the last; those of the user's own SELECTs come before it and are
    /// skipped unread.
    /// </summary>
    public static async Task ReadRecordAsync(
        NpgsqlDataReader reader, StepTrip trip, CancellationToken cancellationToken)
    {
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
}
