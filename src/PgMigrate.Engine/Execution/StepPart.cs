using Npgsql;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>The commands of a step that travel together; most steps are one part.</summary>
internal sealed class StepPart
{
    private const int MostStatements = 256;
    private const int MostCharacters = 256 * 1024;

    private readonly NpgsqlConnection _connection;
    private readonly bool _isBounded;
    private readonly List<SqlStatement> _statements = [];
    private int _first;
    private int _lead;
    private int _characters;

    /// <summary>An empty part; a bounded one wants to be sent before it grows large.</summary>
    public StepPart(NpgsqlConnection connection, bool isBounded)
    {
        _connection = connection;
        _isBounded = isBounded;
        Batch = new NpgsqlBatch(connection);
    }

    /// <summary>The commands, for those of ours.</summary>
    public NpgsqlBatch Batch { get; }

    /// <summary>True when it should be sent before anything is added.</summary>
    public bool IsFull => _isBounded && (Count >= MostStatements || _characters >= MostCharacters);

    private int Count => Batch.BatchCommands.Count - _lead;

    /// <summary>Says that the script's statements follow, from this one on.</summary>
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

    /// <summary>An empty part like this one, whose statements start with this one of the script.</summary>
    public StepPart Next(int statement)
    {
        var next = new StepPart(_connection, _isBounded);
        next.StartAt(statement);
        return next;
    }

    /// <summary>Sends what is there, if anything is, and skips its results.</summary>
    public Task SendAsync(StepTrip trip, CancellationToken cancellationToken) =>
        Batch.BatchCommands.Count == 0 ? Task.CompletedTask : SendAsync(trip, ReadNothingAsync, cancellationToken);

    /// <summary>Sends what is there and lets somebody read the results.</summary>
    public async Task SendAsync(
        StepTrip trip, Func<NpgsqlDataReader, StepTrip, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        var statements = Count;
        await using var _ = Batch.ConfigureAwait(false);
        try
        {
            var reader = await Batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            await read(reader, trip, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.BatchCommand is NpgsqlBatchCommand failed)
        {
            var place = Batch.BatchCommands.IndexOf(failed) - _lead;
            trip.StatementIndex = _first + place;
            trip.Statement = place >= 0 && place < _statements.Count ? _statements[place] : null;
            trip.Phase = place < _statements.Count ? StepPhase.Script : StepPhase.Record;
            throw;
        }

        for (var i = 0; i < statements; i++)
        {
            trip.RowsAffected += RowsOf(Batch.BatchCommands[_lead + i]);
        }
    }

    private static async Task ReadNothingAsync(
        NpgsqlDataReader reader, StepTrip trip, CancellationToken cancellationToken)
    {
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
            // Rows of the user's own SELECTs are skipped unread.
        }
    }

    private static long RowsOf(NpgsqlBatchCommand command) => command.StatementType switch
    {
        StatementType.Insert or StatementType.Update or StatementType.Delete or StatementType.Merge =>
            (long)command.Rows,
        _ => 0,
    };
}
