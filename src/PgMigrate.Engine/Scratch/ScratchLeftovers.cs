using Npgsql;
using PgMigrate.Messages;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>Drops the scratch databases of runs that were killed.</summary>
internal sealed class ScratchLeftovers(ScratchServer server)
{
    // A run that is under way has sessions in its databases, but for moments.
    private static readonly TimeSpan Age = TimeSpan.FromHours(1);

    private const string Unused =
        """
        SELECT d.datname::pg_catalog.text
          FROM pg_catalog.pg_database d
         WHERE pg_catalog.starts_with(d.datname::pg_catalog.text, $1)
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid OPERATOR(pg_catalog.=) d.oid)
         ORDER BY d.datname
        """;

    /// <summary>Drops them, and returns the names of those that are gone.</summary>
    public async Task<IReadOnlyList<string>> RemoveAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var session = await DatabaseSession.OpenAsync(server.Target, null, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var dropped = new List<string>();
        foreach (var name in await FindAsync(session, cancellationToken).ConfigureAwait(false))
        {
            if (ScratchName.TimeOf(name) is { } made && now - made > Age
                && await DropAsync(session, name, cancellationToken).ConfigureAwait(false))
            {
                dropped.Add(name);
            }
        }

        return dropped;
    }

    private static async Task<IReadOnlyList<string>> FindAsync(
        DatabaseSession session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Unused, session.Connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ScratchName.Prefix });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    // Without FORCE: a session that came in the meantime says that it is used.
    private async Task<bool> DropAsync(DatabaseSession session, string name, CancellationToken cancellationToken)
    {
        try
        {
            var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {SqlIdentifier.Quote(name)}", session.Connection);
            await using var _ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException e)
        {
            server.AddUndropped(name, ServerText.Of(e));
            return false;
        }
    }
}
