using System.Globalization;
using Npgsql;

namespace PgMigrate.Execution;

/// <summary>Reads <c>postgresql://user:password@host:port/database?word=value</c> into the driver's settings; pure.</summary>
internal static class ConnectionUri
{
    /// <summary>True for the schemes that libpq and Python's libraries write.</summary>
    public static bool IsOne(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return false;
        }

        // Python's libraries write postgresql+driver://
        var name = text[..scheme].Split('+')[0];
        return name.Equals("postgres", StringComparison.OrdinalIgnoreCase)
            || name.Equals("postgresql", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The settings of a URI; <paramref name="origin"/> names the place for messages.</summary>
    public static NpgsqlConnectionStringBuilder Parse(
        string text, string origin, Func<string, IReadOnlyList<(string Word, string Value)>> services)
    {
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var settings = new NpgsqlConnectionStringBuilder();
        var query = Cut(ref rest, '?');
        var database = Cut(ref rest, '/');
        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            var login = rest[..at];
            rest = rest[(at + 1)..];
            var password = Cut(ref login, ':');
            settings.Username = Decode(login, origin) is { Length: > 0 } user ? user : null;
            settings.Password = password is null ? null : Decode(password, origin);
        }

        ReadHosts(settings, rest, origin);
        if (!string.IsNullOrEmpty(database))
        {
            settings.Database = Decode(database, origin);
        }

        string? service = null;
        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var word = pair;
            var value = Cut(ref word, '=') ?? throw ConnectionSettings.Invalid(origin, $"the parameter '{pair}' has no value");
            word = Decode(word, origin);
            value = Decode(value, origin);
            if (word == "service")
            {
                service = value;
            }
            else
            {
                ConnectionSettings.Set(settings, word, value, origin);
            }
        }

        if (service is not null)
        {
            ConnectionSettings.AddService(settings, services(service), service);
        }

        return settings;
    }

    private static void ReadHosts(NpgsqlConnectionStringBuilder settings, string hosts, string origin)
    {
        if (hosts.Length == 0)
        {
            return;
        }

        if (hosts.Contains(',', StringComparison.Ordinal))
        {
            settings.Host = Decode(hosts, origin);
            return;
        }

        var bracket = hosts.LastIndexOf(']');
        var colon = hosts.LastIndexOf(':');
        if (colon > bracket)
        {
            var port = hosts[(colon + 1)..];
            settings.Port = int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number is > 0 and < 65536
                ? number
                : throw ConnectionSettings.Invalid(origin, $"'{port}' is not a port number");
            hosts = hosts[..colon];
        }

        if (hosts.Length > 0)
        {
            settings.Host = Decode(hosts.Trim('[', ']'), origin);
        }
    }

    private static string? Cut(ref string text, char separator)
    {
        var index = text.IndexOf(separator, StringComparison.Ordinal);
        if (index < 0)
        {
            return null;
        }

        var tail = text[(index + 1)..];
        text = text[..index];
        return tail;
    }

    private static string Decode(string text, string origin)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0;
            i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                throw ConnectionSettings.Invalid(origin, "a '%' is not followed by two hexadecimal digits; write a literal one as %25");
            }
        }

        return Uri.UnescapeDataString(text);
    }
}
