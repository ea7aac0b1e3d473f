using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Sessions;

/// <summary>
/// Names what a file leaves behind in its session before the reset removes it. Only files that could leave something
/// are checked, in the round trip of their COMMIT: a plain file pays nothing.
/// </summary>
internal sealed class SessionLeftovers(DatabaseSession session)
{
    private HashSet<Trace>? _before;

    private sealed record Trace(string Kind, string Name, string Value);

    /// <summary>True for a script that could leave something; pure.</summary>
    public static bool MayLeave(SqlScript script) => script.Facts.MayLeaveTraces;

    /// <summary>Reads the state of the session before any script, so that only new things are reported.</summary>
    public async Task PrepareAsync(PlannedStep step, CancellationToken cancellationToken)
    {
        if (_before is not null || step.SharesTransaction || !MayLeave(step.Script))
        {
            return;
        }

        try
        {
            var batch = new NpgsqlBatch(session.Connection);
            await using var _ = batch.ConfigureAwait(false);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(EmbeddedSql.Read("SessionLeftovers.sql")));
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            _before = [.. await ReadTracesAsync(reader, cancellationToken).ConfigureAwait(false)];
        }
        catch (NpgsqlException)
        {
            // One warning less; the step itself will report what is wrong with the connection.
        }
    }

    /// <summary>
    /// Adds the query for what these steps left, after their COMMIT and before the reset; nothing for most steps.
    /// </summary>
    public void AddLook(IReadOnlyList<PlannedStep> steps, NpgsqlBatch batch)
    {
        if (_before is not null && steps is [{ SharesTransaction: false } step] && MayLeave(step.Script))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(EmbeddedSql.Read("SessionLeftovers.sql")));
        }
    }

    /// <summary>
    /// Reads the answer to such a batch: what is new, as text; empty when there is nothing, or nothing was checked.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReadAsync(NpgsqlDataReader reader)
    {
        var traces = await ReadTracesAsync(reader, CancellationToken.None).ConfigureAwait(false);
        return traces.Where(trace => _before?.Contains(trace) == false)
            .Select(trace => $"{trace.Kind} {trace.Name}")
            .ToList();
    }

    private static async Task<List<Trace>> ReadTracesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var traces = new List<Trace>();
        do
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                traces.Add(new Trace(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            }
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
        return traces;
    }
}
