using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Sessions;

namespace PgMigrate.Records;

/// <summary>What an operator says of a migration that was finished or taken back by hand.</summary>
/// <param name="IsApplied">True: it counts as applied. False: it counts as pending, and runs from its start.</param>
/// <param name="Reason">Why; kept in the log.</param>
public sealed record RecordMark(bool IsApplied, string Reason);

/// <summary>Writes what an operator says into the history, all of it or nothing; the lock is held by the caller.</summary>
internal sealed class RecordMarks(DatabaseSession session, HistoryTable history, string module)
{
    /// <summary>Marks these rows.</summary>
    /// <exception cref="PlanBlockedException">One of them cannot be marked so; then none is.</exception>
    public async Task WriteAsync(
        IReadOnlyList<MigrationRow> rows, RecordMark mark, CancellationToken cancellationToken)
    {
        Require(rows, mark);
        // One implicit transaction: a batch without a COMMIT of its own is all or nothing.
        var batch = new NpgsqlBatch(session.Connection);
        foreach (var row in rows)
        {
            batch.BatchCommands.Add(mark.IsApplied
                ? history.MarkApplied(module, row.Migration!, row.Entry?.Id, mark.Reason)
                : history.MarkPending(row.Entry!, mark.Reason));
        }

        try
        {
            await DatabaseSession.RunAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e)
        {
            throw Failed(history, e);
        }
    }

    /// <summary>The server has refused a change of records.</summary>
    public static InitializationException Failed(HistoryTable history, PostgresException e) => new(
        "HistoryWriteFailed",
        $"The records in {history.QualifiedName} could not be changed: {ServerText.Of(e)} None of them was changed. Remove what "
            + "is in the way (a trigger, a constraint or a policy of that table or its log) and run again.",
        e);

    /// <summary>Looks whether these rows can be marked so.</summary>
    /// <exception cref="PlanBlockedException">One of them cannot.</exception>
    public static void Require(IReadOnlyList<MigrationRow> rows, RecordMark mark)
    {
        var problems = rows.Select(row => Check(row, mark)).OfType<MigrationProblem>().ToList();
        if (problems.Count > 0)
        {
            throw PlanBlockedException.For(problems);
        }
    }

    private static MigrationProblem? Check(MigrationRow row, RecordMark mark) => (mark.IsApplied, row) switch
    {
        (true, { Migration: null }) => Problem(row, "FileMissing",
            "Its file is gone from the folder, so what it would stand for cannot be recorded. Restore the file."),
        (true, { IsPending: false }) => Problem(row, "AlreadyApplied", "It is recorded as applied already."),
        (false, { State: not MigrationState.Interrupted }) => Problem(row, "NotInterrupted",
            "Only a migration that stopped half way can be marked as pending. To take back what is applied, use "
                + "Undo-PgMigration; to forget a record, Remove-PgMigrationRecord."),
        _ => null,
    };

    private static MigrationProblem Problem(MigrationRow row, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = row.FileName,
        FilePath = row.Migration?.FilePath,
    };
}
