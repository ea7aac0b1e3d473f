using Npgsql;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Steps;

/// <summary>Commands of a step that are sent together; most steps are one batch.</summary>
internal sealed class StatementBatch
{
    private const int MaxStatements = 256;
    private const int MaxCharacters = 256 * 1024;

    private readonly NpgsqlConnection _connection;
    private readonly bool _isBounded;
    private readonly List<SqlStatement> _statements = [];
    private int _first;
    private int _lead;
    private int _characters;

    /// <summary>An empty batch. A bounded one is full before it becomes large.</summary>
    public StatementBatch(NpgsqlConnection connection, bool isBounded)
    {
        _connection = connection;
        _isBounded = isBounded;
        Batch = new NpgsqlBatch(connection);
    }

    /// <summary>The commands; those of PgMigrate are added here.</summary>
    public NpgsqlBatch Batch { get; }

    /// <summary>True when it has to be sent before another statement is added.</summary>
    public bool IsFull => _isBounded && (Count >= MaxStatements || _characters >= MaxCharacters);

    private int Count => Batch.BatchCommands.Count - _lead;

    /// <summary>Declares that statements of the script follow, beginning with this one.</summary>
    public void StartAt(int statement)
    {
        _first = statement;
        _lead = Batch.BatchCommands.Count;
    }

    /// <summary>Adds a statement of the script.</summary>
    public void Add(SqlStatement statement)
    {
        Batch.BatchCommands.Add(new NpgsqlBatchCommand(statement.Text));
        _statements.Add(statement);
        _characters += statement.Text.Length;
    }

    /// <summary>An empty batch like this one, whose first statement is this one of the script.</summary>
    public StatementBatch Next(int statement)
    {
        var next = new StatementBatch(_connection, _isBounded);
        next.StartAt(statement);
        return next;
    }

    /// <summary>Sends the commands, if there are any, and skips their results.</summary>
    public Task SendAsync(StepCursor cursor, CancellationToken cancellationToken) =>
        Batch.BatchCommands.Count == 0 ? Task.CompletedTask : SendAsync(cursor, false, cancellationToken);

    /// <summary>Sends the commands, the last of which writes the record, and reads its receipt.</summary>
    public Task SendWithRecordAsync(StepCursor cursor, CancellationToken cancellationToken) =>
        SendAsync(cursor, true, cancellationToken);

    private async Task SendAsync(StepCursor cursor, bool hasRecord, CancellationToken cancellationToken)
    {
        var statements = Count;
        await using var _ = Batch.ConfigureAwait(false);
        try
        {
            var reader = await Batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            if (hasRecord)
            {
                cursor.Receipt = await RecordReceipt.ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await SkipAsync(reader, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (PostgresException e) when (e.BatchCommand is NpgsqlBatchCommand failed)
        {
            var place = Batch.BatchCommands.IndexOf(failed) - _lead;
            var isStatement = place >= 0 && place < _statements.Count;
            cursor.Position = new StepPosition(
                place < _statements.Count ? StepPhase.Script : StepPhase.Record,
                _first + place,
                isStatement ? _statements[place] : null);
            throw;
        }

        for (var i = 0; i < statements; i++)
        {
            cursor.Rows += RowsOf(Batch.BatchCommands[_lead + i]);
        }
    }

    // Rows of the script's own SELECTs are skipped unread.
    private static async Task SkipAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }

    private static long RowsOf(NpgsqlBatchCommand command) => command.StatementType switch
    {
        StatementType.Insert or StatementType.Update or StatementType.Delete or StatementType.Merge =>
            (long)command.Rows,
        _ => 0,
    };
}
