using System.Globalization;

namespace PgMigrate;

/// <summary>
/// The database an object came from. It carries what the next cmdlet of a pipeline needs to connect again;
/// the secrets among it are private and never shown, compared or serialised.
/// </summary>
public sealed class Connection
{
    private readonly string _settings;
    private readonly Func<CancellationToken, Task<string>>? _tokenProvider;

    /// <summary>
    /// Used by the engine; <paramref name="settings"/> is the complete connection string, and
    /// <paramref name="tokenProvider"/> is asked for the password instead, if there is one.
    /// </summary>
    internal Connection(
        string hostName,
        int port,
        string database,
        string userName,
        string settings,
        Func<CancellationToken, Task<string>>? tokenProvider)
    {
        _tokenProvider = tokenProvider;
        HostName = hostName;
        Port = port;
        Database = database;
        UserName = userName;
        _settings = settings;
    }

    /// <summary>Host name, address or socket folder; several hosts are separated by commas.</summary>
    public string HostName { get; }

    /// <summary>TCP port.</summary>
    public int Port { get; }

    /// <summary>Database name.</summary>
    public string Database { get; }

    /// <summary>Login role; empty when the driver chooses it.</summary>
    public string UserName { get; }

    internal string RevealSettings() => _settings;

    internal Func<CancellationToken, Task<string>>? RevealTokenProvider() => _tokenProvider;

    /// <summary>True when both name the same database on the same server, whoever logs in.</summary>
    public bool IsSameDatabase(Connection? other) =>
        other is not null
        && Port == other.Port
        && string.Equals(HostName, other.HostName, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Database, other.Database, StringComparison.Ordinal);

    /// <summary><c>user@host:port/database</c>, never a secret.</summary>
    public override string ToString()
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{HostName}:{Port}/{Database}");
        return UserName.Length == 0 ? place : $"{UserName}@{place}";
    }
}
