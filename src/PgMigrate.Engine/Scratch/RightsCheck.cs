using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Sessions;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>Finds before a load what the login of the scratch server may not make.</summary>
internal sealed class RightsCheck(ScratchServer server)
{
    // Only 16 and later know a membership that does not allow SET ROLE.
    private const int SetOptionSince = 16;

    private const string Untrusted =
        """
        SELECT e.name::pg_catalog.text
          FROM pg_catalog.pg_available_extensions e
          JOIN pg_catalog.pg_available_extension_versions v
            ON v.name OPERATOR(pg_catalog.=) e.name AND v.version OPERATOR(pg_catalog.=) e.default_version
         WHERE v.superuser AND NOT v.trusted
        """;

    private const string Roles =
        """
        SELECT r.rolname::pg_catalog.text
          FROM pg_catalog.pg_roles r
         WHERE NOT pg_catalog.pg_has_role(r.oid, $1)
        """;

    /// <summary>What is missing, statement by statement.</summary>
    public async Task<IReadOnlyList<MigrationProblem>> FindAsync(
        DatabaseSession session, IReadOnlyList<LoadStatement> statements, CancellationToken cancellationToken)
    {
        var needed = statements.Where(one => one.Desired.Right is not null).ToList();
        if (server.IsSuperuser || needed.Count == 0)
        {
            return [];
        }

        var untrusted = await ReadAsync(session, Untrusted, null, cancellationToken).ConfigureAwait(false);
        var foreign = await ReadAsync(
            session, Roles, server.Major < SetOptionSince ? "MEMBER" : "SET", cancellationToken).ConfigureAwait(false);
        return [.. needed.Select(one => Refuse(one, one.Desired.Right!.Value, untrusted, foreign))
            .OfType<MigrationProblem>()];
    }

    private MigrationProblem? Refuse(
        LoadStatement statement, DesiredRight right, HashSet<string> untrusted, HashSet<string> foreign)
    {
        var role = SqlIdentifier.Quote(server.Role);
        return right.Kind switch
        {
            DesiredRightKind.Superuser => Problem(
                $"Only a superuser may make {right.Name}, and the login {role} of the scratch server is none."),
            DesiredRightKind.Extension when untrusted.Contains(right.Name) => Problem(
                $"Only a superuser may create the extension {right.Name}, and the login {role} of the scratch server "
                    + "is none."),
            DesiredRightKind.Member when foreign.Contains(right.Name) => Problem(
                $"Only a member of the role {right.Name} may make it an owner, and the login {role} of the scratch "
                    + $"server is none. GRANT {SqlIdentifier.Quote(right.Name)} TO {role}."),
            _ => null,
        };

        MigrationProblem Problem(string message) => statement.Problem(
            ErrorCodes.SchemaRightMissing,
            $"{message} Name a scratch server where the login may, with -ScratchConnection.");
    }

    private static async Task<HashSet<string>> ReadAsync(
        DatabaseSession session, string sql, string? parameter, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, session.Connection);
        await using var _ = command.ConfigureAwait(false);
        if (parameter is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
