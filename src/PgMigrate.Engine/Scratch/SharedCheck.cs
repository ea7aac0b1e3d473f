using System.Globalization;
using Npgsql;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>
/// Makes the transaction of a statement fail when it changed a catalog that all databases of the server share: the
/// counters of the session show it, whichever way it was done. The dependencies of roles are no such change: GRANT and
/// OWNER TO write them.
/// </summary>
internal static class SharedCheck
{
    /// <summary>What runs behind a statement, in its transaction.</summary>
    public const string Execute = "EXECUTE pgmigrate_shared_check";

    private const string Catalogs =
        """
        SELECT oid::pg_catalog.int8, relname::pg_catalog.text
          FROM pg_catalog.pg_class
         WHERE relisshared AND relkind OPERATOR(pg_catalog.=) 'r'
           AND relname OPERATOR(pg_catalog.<>) 'pg_shdepend'
         ORDER BY relname
        """;

    /// <summary>Prepares the check in a session.</summary>
    public static async Task PrepareAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            ToSql(await ReadAsync(session, cancellationToken).ConfigureAwait(false)), session.Connection);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<(long Id, string Name)>> ReadAsync(
        DatabaseSession session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Catalogs, session.Connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var catalogs = new List<(long, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            catalogs.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return catalogs;
    }

    // The cast fails, and its message names the catalog.
    private static string ToSql(IReadOnlyList<(long Id, string Name)> catalogs)
    {
        var changed = string.Join(" UNION ALL ", catalogs.Select(catalog => string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {SqlIdentifier.Literal(catalog.Name)} AS what WHERE "
                + $"pg_catalog.pg_stat_get_xact_tuples_inserted({catalog.Id}) OPERATOR(pg_catalog.+) "
                + $"pg_catalog.pg_stat_get_xact_tuples_updated({catalog.Id}) OPERATOR(pg_catalog.+) "
                + $"pg_catalog.pg_stat_get_xact_tuples_deleted({catalog.Id}) OPERATOR(pg_catalog.>) 0")));
        return "PREPARE pgmigrate_shared_check AS "
            + "SELECT pg_catalog.set_config('pgmigrate.changed', c.what, true)::pg_catalog.int4 "
            + $"FROM ({changed}) c";
    }
}
