namespace PgMigrate;

/// <summary>
/// The database an object came from. It has what the next cmdlet of a pipeline needs to connect again;
/// its secrets are private and never shown, compared or serialised.
/// </summary>
public sealed class Connection
{
    private readonly string _settings;
    private readonly string _servers;
    private readonly Func<CancellationToken, Task<string>>? _tokenProvider;

    /// <summary>
    /// Used by the engine; <paramref name="servers"/> is every host with its port, <paramref name="settings"/> the
    /// complete connection string, and <paramref name="tokenProvider"/> returns the password instead, if there is
    /// one.
    /// </summary>
    internal Connection(
        string hostName,
        int port,
        string servers,
        string database,
        string userName,
        string settings,
        Func<CancellationToken, Task<string>>? tokenProvider)
    {
        _tokenProvider = tokenProvider;
        _servers = servers;
        HostName = hostName;
        Port = port;
        Database = database;
        UserName = userName;
        _settings = settings;
    }

    /// <summary>Host name, address or socket directory; several hosts are comma-separated.</summary>
    public string HostName { get; }

    /// <summary>TCP port; of several hosts, the first one's.</summary>
    public int Port { get; }

    /// <summary>Database name.</summary>
    public string Database { get; }

    /// <summary>Login role; empty when the driver chooses it.</summary>
    public string UserName { get; }

    internal string RevealSettings() => _settings;

    internal Func<CancellationToken, Task<string>>? RevealTokenProvider() => _tokenProvider;

    /// <summary>True when both are the same database on the same server, whatever the login.</summary>
    public bool IsSameDatabase(Connection? other) =>
        other is not null
        && string.Equals(_servers, other._servers, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Database, other.Database, StringComparison.Ordinal);

    /// <summary><c>user@host:port/database</c>, with each of several hosts and its port; never a secret.</summary>
    public override string ToString() =>
        UserName.Length == 0 ? $"{_servers}/{Database}" : $"{UserName}@{_servers}/{Database}";
}
