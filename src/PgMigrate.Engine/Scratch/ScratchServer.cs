using System.Globalization;
using Npgsql;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Sessions;
using PgMigrate.Sql;

namespace PgMigrate.Scratch;

/// <summary>Where scratch databases are made, and the database whose encoding, locale and settings count.</summary>
internal sealed class ScratchServer
{
    private const string Facts =
        """
        SELECT current_user::pg_catalog.text, r.rolsuper, r.rolcreatedb OR r.rolsuper, pg_catalog.pg_is_in_recovery()
          FROM pg_catalog.pg_roles r
         WHERE r.rolname OPERATOR(pg_catalog.=) current_user
        """;

    private readonly List<(string Name, string Reason)> _undropped = [];

    private ScratchServer(DatabaseTarget target, int major, string role, bool isSuperuser)
    {
        Target = target;
        Major = major;
        Role = role;
        IsSuperuser = isSuperuser;
    }

    /// <summary>A database of the server that the login reaches, from which others are made and dropped.</summary>
    public DatabaseTarget Target { get; }

    /// <summary>The major version of the server.</summary>
    public int Major { get; }

    /// <summary>The role that owns what is made.</summary>
    public string Role { get; }

    /// <summary>True when that role is a superuser.</summary>
    public bool IsSuperuser { get; }

    /// <summary>The database whose encoding, locale, settings and extension versions count; null for none.</summary>
    public LikeDatabase? Like { get; private init; }

    /// <summary>True when that database is on this server.</summary>
    public bool IsServerOfLike { get; private init; }

    /// <summary>Scratch databases that could not be dropped, and why.</summary>
    public IReadOnlyList<(string Name, string Reason)> Undropped => _undropped;

    /// <summary>Chooses the server, and checks that it can be used.</summary>
    /// <exception cref="PgMigrateException">
    /// No server may be used, its major version is another one, or the login may not create databases.
    /// </exception>
    public static Task<ScratchServer> ResolveAsync(
        DatabaseTarget? connection, DatabaseTarget? scratch, bool onTarget, CancellationToken cancellationToken) =>
        ResolveAsync(connection, scratch, onTarget, Environment.GetEnvironmentVariable, cancellationToken);

    /// <summary>The same with variables that are read otherwise.</summary>
    public static async Task<ScratchServer> ResolveAsync(
        DatabaseTarget? connection,
        DatabaseTarget? scratch,
        bool onTarget,
        Func<string, string?> environment,
        CancellationToken cancellationToken)
    {
        var target = ScratchPlace.Choose(connection, scratch, onTarget, environment);
        LikeDatabase? like = null;
        if (connection is not null)
        {
            var origin = await DatabaseSession.OpenAsync(connection, null, cancellationToken).ConfigureAwait(false);
            await using var _ = origin.ConfigureAwait(false);
            like = await LikeDatabase.ReadAsync(origin, cancellationToken).ConfigureAwait(false);
        }

        var session = await DatabaseSession.OpenAsync(target, null, cancellationToken).ConfigureAwait(false);
        await using var __ = session.ConfigureAwait(false);
        var server = await CheckAsync(target, session, cancellationToken).ConfigureAwait(false);
        return like is not null && like.Major != server.Major
            ? throw new InitializationException(ErrorCodes.ScratchVersionDiffers, string.Create(
                CultureInfo.InvariantCulture,
                $"The scratch server {target} is PostgreSQL {server.Major}, and {connection} is {like.Major}: the same "
                    + $"SQL does not make the same schema in both. Name a scratch server of version {like.Major}."))
            : new ScratchServer(target, server.Major, server.Role, server.IsSuperuser)
            {
                Like = like,
                IsServerOfLike = ReferenceEquals(target, connection),
            };
    }

    /// <summary>
    /// Drops the databases that earlier runs could not drop: older than an hour, with no session in them. Returns their
    /// names; those that cannot be dropped are named in <see cref="Undropped"/>.
    /// </summary>
    public Task<IReadOnlyList<string>> RemoveLeftoversAsync(CancellationToken cancellationToken) =>
        new ScratchLeftovers(this).RemoveAsync(DateTimeOffset.UtcNow, cancellationToken);

    /// <summary>Remembers a database that could not be dropped.</summary>
    public void AddUndropped(string name, string reason)
    {
        lock (_undropped)
        {
            _undropped.Add((name, reason));
        }
    }

    /// <summary>Runs a statement in a session of its own.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var session = await DatabaseSession.OpenAsync(Target, null, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var command = new NpgsqlCommand(sql, session.Connection);
        await using var __ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The error for a database that cannot be made.</summary>
    public PgMigrateException CreateFailed(string name, PostgresException error) => new InitializationException(
        error.SqlState == PostgresErrorCodes.InsufficientPrivilege
            ? ErrorCodes.ScratchDenied
            : ErrorCodes.ScratchCreateFailed,
        $"The scratch database {name} could not be made on {Target}: {ServerText.Of(error)} Nothing was changed. "
            + "Correct what the server says, or name another server with -ScratchConnection.",
        error);

    private static async Task<ScratchServer> CheckAsync(
        DatabaseTarget target, DatabaseSession session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Facts, session.Connection);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var role = reader.GetString(0);
        if (reader.GetBoolean(3))
        {
            throw new ConnectionException(
                ErrorCodes.ServerIsStandby,
                $"{target} is a standby, on which no scratch database can be made. Nothing was run. Name another "
                    + "server with -ScratchConnection.");
        }

        return reader.GetBoolean(2)
            ? new ScratchServer(target, session.Connection.PostgreSqlVersion.Major, role, reader.GetBoolean(1))
            : throw new InitializationException(
                ErrorCodes.ScratchDenied,
                $"The login {role} may not create databases on {target}, and this takes a scratch database. Nothing "
                    + $"was run. ALTER ROLE {SqlIdentifier.Quote(role)} CREATEDB; or name a server where a login may, "
                    + $"with -ScratchConnection or the variable {ScratchPlace.Variable}.");
    }
}
