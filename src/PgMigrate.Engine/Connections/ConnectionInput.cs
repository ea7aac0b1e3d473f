using System.Diagnostics.CodeAnalysis;

namespace PgMigrate.Connections;

/// <summary>The connection parameters as the user specified them; null means not specified.</summary>
public sealed record ConnectionInput
{
    /// <summary>Npgsql keywords, libpq keywords, or a postgres:// URI.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Host name, address or socket directory.</summary>
    public string? HostName { get; init; }

    /// <summary>TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>Database name.</summary>
    public string? Database { get; init; }

    /// <summary>
    /// Login role; overrides every source. Without <see cref="Password"/>, a password of the source is used only when
    /// it is for the same role; otherwise PGPASSWORD and .pgpass are used.
    /// </summary>
    public string? UserName { get; init; }

    /// <summary>Password for <see cref="UserName"/>; overrides every source.</summary>
    public string? Password { get; init; }

    /// <summary>
    /// Called for the password each time the server wants one, so that an expiring token is always fresh; takes
    /// precedence over every other password. Its result is never stored in a text or shown.
    /// </summary>
    public Func<CancellationToken, Task<string>>? TokenProvider { get; init; }

    /// <summary>TLS mode; overrides every source.</summary>
    public SslMode? SslMode { get; init; }

    /// <summary>Suffix of the variable <c>DATABASE_URL_NAME</c>.</summary>
    public string? ConnectionName { get; init; }

    /// <summary>Connection of a piped object.</summary>
    public Connection? Connection { get; init; }

    /// <summary>True when host, port or database was specified.</summary>
    internal bool HasParts => HostName is not null || Port is not null || Database is not null;

    /// <summary>True when the user specified a database in any way.</summary>
    internal bool IsExplicit => ConnectionString is not null || HasParts || ConnectionName is not null;

    // A record prints its members; this one holds a password.
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "The compiler calls it from ToString.")]
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("HostName = ").Append(HostName).Append(", Database = ").Append(Database);
        return true;
    }
}
