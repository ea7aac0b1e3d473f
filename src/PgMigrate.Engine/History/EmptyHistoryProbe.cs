using Npgsql;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>
/// Examines the surroundings of an empty history: whether the history was lost, or is searched in the wrong place.
/// </summary>
internal sealed class EmptyHistoryProbe(HistoryTable table)
{
    /// <summary>
    /// Adds the other tables, what the log says, and the tracking table that holds the module instead.
    /// </summary>
    public async Task<HistorySnapshot> AddAsync(
        NpgsqlConnection connection, HistorySnapshot snapshot, string module, CancellationToken cancellationToken)
    {
        var neighbours = new List<string>();
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryNeighbours.sql"), connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddText(table.Schema);
            command.Parameters.AddText(table.Name);
            command.Parameters.AddText(table.LogName);
            command.Parameters.AddText(table.Schema == "public" ? null : table.Schema);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (reader.IsDBNull(0))
                    {
                        snapshot = snapshot with { HasUserTables = reader.GetBoolean(2) };
                    }
                    else
                    {
                        neighbours.Add(SqlIdentifier.Quote(reader.GetString(0), reader.GetString(1)));
                    }
                }
            }
        }

        if (snapshot is { HasUserTables: true, TableExists: true } && !snapshot.Access.Missing.Contains("log SELECT"))
        {
            snapshot = snapshot with
            {
                WasEmptied = await WasEmptiedAsync(connection, cancellationToken).ConfigureAwait(false),
            };
        }

        foreach (var other in neighbours)
        {
            if (await HoldsModuleAsync(connection, other, module, cancellationToken).ConfigureAwait(false))
            {
                return snapshot with { OtherTable = other };
            }
        }

        return snapshot;
    }

    private async Task<bool> WasEmptiedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            "SELECT coalesce(bool_and(event = 'undone'), false) "
                + "FROM (SELECT DISTINCT ON (module_name, version) event "
                + $"FROM {table.QualifiedLog} WHERE event IN ('applied', 'baseline', 'undone', 'record_removed', "
                + "'marked_pending') ORDER BY module_name, version, id DESC) AS latest",
            connection);
        await using var _ = command.ConfigureAwait(false);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static async Task<bool> HoldsModuleAsync(
        NpgsqlConnection connection, string table, string module, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"SELECT EXISTS (SELECT FROM {table} WHERE module_name = $1)", connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddText(module);
            try
            {
                return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
            {
                return false; // a tenant's table that this login may not read is not its business
            }
        }
    }
}
