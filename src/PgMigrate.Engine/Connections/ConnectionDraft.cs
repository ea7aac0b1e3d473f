using Npgsql;

namespace PgMigrate.Connections;

/// <summary>
/// Settings while they are being assembled: the driver's own, and the hosts and ports kept apart as libpq lists them,
/// because hosts and ports can come from different sources.
/// </summary>
internal sealed class ConnectionDraft(NpgsqlConnectionStringBuilder settings)
{
    /// <summary>A draft without any setting.</summary>
    public ConnectionDraft()
        : this(new NpgsqlConnectionStringBuilder())
    {
    }

    /// <summary>The driver's settings; host and port are in them after <see cref="SetHosts"/>.</summary>
    public NpgsqlConnectionStringBuilder Settings { get; } = settings;

    /// <summary>Hosts, separated by commas; each may have its own port behind a colon. Null when not given.</summary>
    public string? Hosts { get; set; } = settings.Host;

    /// <summary>One port, or one for each host, separated by commas; null when not given.</summary>
    public string? Ports { get; set; } = settings.ShouldSerialize("Port")
        ? settings.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : null;

    /// <summary>Where the ports come from, for messages; null for the source of the rest.</summary>
    public string? PortsOrigin { get; set; }

    /// <summary>Writes the hosts with their ports into the driver's settings.</summary>
    public void SetHosts(ConnectionHosts hosts)
    {
        Settings.Host = hosts.DriverText;
        Settings.Port = hosts.FirstPort;
    }
}
