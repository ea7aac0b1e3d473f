using Npgsql;

namespace PgMigrate.Scratch;

/// <summary>
/// Commands that are sent together in transactions of their own: one that fails does not keep those behind its
/// transaction from running.
/// </summary>
/// <typeparam name="T">What each command belongs to.</typeparam>
internal sealed class BarrierBatch<T>(NpgsqlConnection connection)
{
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<T> _owners = [];

    /// <summary>Adds a command; the last one of a transaction commits it.</summary>
    public void Add(string sql, T owner, bool isLast)
    {
        _commands.Add(new NpgsqlBatchCommand(sql) { AppendErrorBarrier = isLast });
        _owners.Add(owner);
    }

    /// <summary>Runs all of them, and returns the errors in order.</summary>
    public async Task<IReadOnlyList<(T Owner, PostgresException Error)>> RunAsync(CancellationToken cancellationToken)
    {
        if (_owners.Count == 0)
        {
            return [];
        }

        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        foreach (var command in _commands)
        {
            batch.BatchCommands.Add(command);
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (NpgsqlException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (NpgsqlException e) when (ErrorsOf(e) is { } errors)
        {
            return errors;
        }
    }

    // Null when it is no error of a command: the connection is lost, or the work was cancelled.
    private List<(T Owner, PostgresException Error)>? ErrorsOf(NpgsqlException exception)
    {
        Exception[] errors = exception.InnerException is AggregateException several
            ? [.. several.InnerExceptions]
            : [exception];
        var found = new List<(T, PostgresException)>(errors.Length);
        foreach (var error in errors)
        {
            var server = error as PostgresException;
            var at = server?.BatchCommand is { } command ? _commands.IndexOf((NpgsqlBatchCommand)command) : -1;
            if (at < 0 || server!.SqlState == PostgresErrorCodes.QueryCanceled)
            {
                return null;
            }

            found.Add((_owners[at], server));
        }

        return found;
    }
}
