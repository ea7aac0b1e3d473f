using System.Globalization;
using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>The servers of a connection, each with its host and its port; pure.</summary>
internal sealed class ConnectionHosts
{
    private const int DefaultPort = 5432;
    private const string DefaultHost = "localhost";
    private readonly IReadOnlyList<(string Host, int Port)> _all;

    private ConnectionHosts(IReadOnlyList<(string Host, int Port)> all) => _all = all;

    /// <summary>The hosts without their ports, separated by commas.</summary>
    public string Names => string.Join(',', _all.Select(server => server.Host));

    /// <summary>The port of the first host.</summary>
    public int FirstPort => _all[0].Port;

    /// <summary>
    /// <c>host:port</c>, comma-separated for several hosts: the only form used for display and comparison.
    /// </summary>
    public string Text => string.Join(',', _all.Select(server =>
        string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}")));

    /// <summary>The form the driver expects: ports in the text only where they differ.</summary>
    public string DriverText => _all.All(server => server.Port == FirstPort)
        ? Names
        : string.Join(',', _all.Select(server => string.Create(
            CultureInfo.InvariantCulture, $"{Bracketed(server.Host)}:{server.Port}")));

    /// <summary>
    /// Pairs hosts with ports as libpq does: one port for all, or one for each. Empty means the default. A port after
    /// the colon of a host takes precedence.
    /// </summary>
    /// <exception cref="ConnectionException">The numbers of hosts and ports differ, or a port is invalid.</exception>
    public static ConnectionHosts Match(string? hosts, string? ports, string origin)
    {
        string[] names = string.IsNullOrWhiteSpace(hosts) ? [DefaultHost] : hosts.Split(',');
        string[] numbers = string.IsNullOrWhiteSpace(ports) ? [""] : ports.Split(',');
        if (numbers.Length != 1 && numbers.Length != names.Length)
        {
            throw ConnectionSettings.Invalid(origin, string.Create(
                CultureInfo.InvariantCulture,
                $"there are {numbers.Length} ports for {names.Length} {(names.Length == 1 ? "host" : "hosts")}; give "
                    + $"one port for all hosts, or one for each"));
        }

        return new ConnectionHosts([.. names.Select((name, i) =>
            ReadServer(name.Trim(), numbers[numbers.Length == 1 ? 0 : i].Trim(), origin))]);
    }

    /// <summary>True when a host is a directory of Unix sockets.</summary>
    public static bool IsSocketFolder(string host) => host is ['/' or '@', ..] or [_, ':', '\\' or '/', ..];

    /// <summary>True when a host is this machine.</summary>
    public static bool IsLocal(string host) =>
        IsSocketFolder(host) || host.Equals(DefaultHost, StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));

    private static (string Host, int Port) ReadServer(string name, string port, string origin)
    {
        var own = IsSocketFolder(name) ? -1 : PortColon(name);
        var number = own < 0
            ? ReadPort(port) ?? throw ConnectionSettings.Invalid(origin, $"'{port}' is not a port number (1 to 65535)")
            // Not shown: it can be part of a password that was parsed as a host.
            : ReadPort(name[(own + 1)..]) ?? throw ConnectionSettings.Invalid(
                origin, "the text after the colon of a host is not a port number (1 to 65535)");
        var host = (own < 0 ? name : name[..own]).Trim('[', ']');
        return (host.Length == 0 ? DefaultHost : host, number);
    }

    // The colon before a port: the only one, or the one after a bracketed IPv6 address.
    private static int PortColon(string name)
    {
        var last = name.LastIndexOf(':');
        return last > name.LastIndexOf(']')
            && (name.Contains(']', StringComparison.Ordinal) || name.IndexOf(':', StringComparison.Ordinal) == last)
            ? last
            : -1;
    }

    private static int? ReadPort(string port) =>
        port.Length == 0 ? DefaultPort
        : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and < 65536
            ? number
            : null;

    private static string Bracketed(string host) =>
        !IsSocketFolder(host) && host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
