using Npgsql;

namespace PgMigrate.Scratch;

/// <summary>
/// Commands that are sent together in transactions of their own: one that fails does not keep those behind its
/// transaction from running.
/// </summary>
/// <typeparam name="T">What each command belongs to.</typeparam>
internal sealed class BarrierBatch<T>(NpgsqlConnection connection)
{
    private readonly NpgsqlBatch _batch = new(connection);
    private readonly List<T> _owners = [];

    /// <summary>Adds a command; the last one of a transaction commits it.</summary>
    public void Add(string sql, T owner, bool isLast)
    {
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { AppendErrorBarrier = isLast });
        _owners.Add(owner);
    }

    /// <summary>Runs all of them, and returns the errors in order.</summary>
    public async Task<IReadOnlyList<(T Owner, PostgresException Error)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var _ = _batch.ConfigureAwait(false);
        if (_owners.Count == 0)
        {
            return [];
        }

        try
        {
            await _batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (NpgsqlException e) when (ErrorsOf(e) is { } errors)
        {
            return errors;
        }
    }

    // Null when it is no error of a command: the connection is lost, or the work was cancelled.
    private List<(T Owner, PostgresException Error)>? ErrorsOf(NpgsqlException exception)
    {
        var errors = exception.InnerException is AggregateException several
            ? several.InnerExceptions
            : (IReadOnlyList<Exception>)[exception];
        var found = new List<(T, PostgresException)>(errors.Count);
        foreach (var error in errors)
        {
            var server = error as PostgresException;
            var at = server?.BatchCommand is { } command ? _batch.BatchCommands.IndexOf(command) : -1;
            if (at < 0 || server!.SqlState == PostgresErrorCodes.QueryCanceled)
            {
                return null;
            }

            found.Add((_owners[at], server));
        }

        return found;
    }
}
