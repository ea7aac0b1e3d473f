using System.Text;
using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Errors;

namespace PgMigrate.Sessions;

/// <summary>Names that a login can choose from, for tab completion; writes nothing.</summary>
internal static class DatabaseNames
{
    private const string Databases =
        """
        SELECT pg_catalog.textsend(datname::pg_catalog.text)
          FROM pg_catalog.pg_database
         WHERE datallowconn AND NOT datistemplate AND pg_catalog.has_database_privilege(oid, 'CONNECT')
         ORDER BY datname
        """;

    private const string Schemas =
        """
        SELECT pg_catalog.textsend(nspname::pg_catalog.text)
          FROM pg_catalog.pg_namespace
         WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_catalog.has_schema_privilege(oid, 'USAGE')
         ORDER BY nspname
        """;

    private const string Roles =
        """
        SELECT pg_catalog.textsend(rolname::pg_catalog.text)
          FROM pg_catalog.pg_roles
         WHERE rolname !~ '^pg_' AND pg_catalog.pg_has_role(oid, 'MEMBER')
         ORDER BY rolname
        """;

    /// <summary>The databases of the server that the login may connect to, without templates.</summary>
    /// <exception cref="ConnectionException">The connection failed.</exception>
    public static Task<IReadOnlyList<string>> ListDatabasesAsync(
        DatabaseTarget target, CancellationToken cancellationToken) => ListAsync(target, Databases, cancellationToken);

    /// <summary>The schemas of the database that the login may use, without system schemas.</summary>
    /// <exception cref="ConnectionException">The connection failed.</exception>
    public static Task<IReadOnlyList<string>> ListSchemasAsync(
        DatabaseTarget target, CancellationToken cancellationToken) => ListAsync(target, Schemas, cancellationToken);

    /// <summary>The roles that the login is a member of, without system roles.</summary>
    /// <exception cref="ConnectionException">The connection failed.</exception>
    public static Task<IReadOnlyList<string>> ListRolesAsync(
        DatabaseTarget target, CancellationToken cancellationToken) => ListAsync(target, Roles, cancellationToken);

    private static async Task<IReadOnlyList<string>> ListAsync(
        DatabaseTarget target, string sql, CancellationToken cancellationToken)
    {
        var session = await DatabaseSession.OpenAsync(target, null, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var command = new NpgsqlCommand(sql, session.Connection);
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // Roles and databases belong to the whole cluster: a name given in a database with another encoding may not
            // be valid text in this one.
            var bytes = await reader.GetFieldValueAsync<byte[]>(0, cancellationToken).ConfigureAwait(false);
            var name = Encoding.UTF8.GetString(bytes);
            if (!name.Contains('\uFFFD', StringComparison.Ordinal))
            {
                names.Add(name);
            }
        }

        return names;
    }
}
