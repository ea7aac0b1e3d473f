using System.Text.RegularExpressions;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>Reads connection strings, URIs and libpq's keywords into the driver's settings; pure.</summary>
internal static partial class ConnectionSettings
{
    /// <summary>
    /// Npgsql keywords, libpq keywords or a URI; <paramref name="origin"/> names the source in messages.
    /// </summary>
    public static ConnectionDraft Parse(
        string text, string origin, Func<string, IReadOnlyList<(string Word, string Value)>> services)
    {
        var trimmed = text.Trim();
        if (ConnectionUri.IsOne(trimmed))
        {
            return ConnectionUri.Parse(trimmed, origin, services);
        }

        if (LibpqString.Read(trimmed) is { } words)
        {
            return FromWords(words, origin, services);
        }

        if (ServiceKeyword().Match(trimmed) is { Success: true } service)
        {
            var rest = Parse(trimmed.Remove(service.Index, service.Length), origin, services);
            var name = service.Groups["name"].Value.Trim();
            ConnectionKeywords.AddMissing(rest, services(name), $"The service '{name}'");
            return rest;
        }

        try
        {
            return new ConnectionDraft(new NpgsqlConnectionStringBuilder(trimmed));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The driver's own message can quote the value, and a value can be a password.
            throw new ConnectionException(
                ErrorCodes.ConnectionInvalid,
                $"{origin} is neither a list of Npgsql keywords (Host=…;Database=…;Username=…), nor of libpq keywords "
                    + $"(host=… dbname=… user=…), nor a URI (postgresql://user@host:port/database){Keyword(e)}.");
        }
    }

    /// <summary>True when a host is a directory of Unix sockets, which do not know TCP options.</summary>
    public static bool HasSocketFolder(NpgsqlConnectionStringBuilder settings) =>
        settings.Host is { } hosts && hosts.Split(',').Any(host => ConnectionHosts.IsSocketFolder(host.Trim()));

    /// <summary>
    /// Rejects a host or database that is a whole connection string, or a part of one: it would be shown, and it can
    /// contain a password.
    /// </summary>
    public static void RefuseMisread(ConnectionDraft draft, string source)
    {
        var name = LooksLikeMore(draft.Hosts) || (draft.Hosts ?? "").Split(',').Any(IsNoHost) ? "host"
            : LooksLikeMore(draft.Settings.Database) ? "database"
            : LooksLikeMore(draft.Settings.Username) ? "user"
            : null;
        if (name is not null)
        {
            throw new ConnectionException(
                ErrorCodes.ConnectionInvalid,
                $"The {name} from {source} is not a {name} name: it looks like a connection string. Pass it as "
                    + "-ConnectionString or DATABASE_URL, as Host=…;Database=…;Username=…, as host=… dbname=… user=…, "
                    + "or as postgresql://user@host:port/database, with the password percent-encoded.");
        }

        static bool LooksLikeMore(string? value) => value is not null
            && (value.Contains("://", StringComparison.Ordinal)
                || value.Contains("password=", StringComparison.OrdinalIgnoreCase));

        static bool IsNoHost(string host) =>
            host.AsSpan().IndexOfAny("=\t") >= 0
            || host.Trim().Contains(' ', StringComparison.Ordinal)
            || (!ConnectionHosts.IsSocketFolder(host.Trim()) && host.AsSpan().IndexOfAny("@/?#") >= 0);
    }

    private static ConnectionDraft FromWords(
        IReadOnlyList<(string Word, string Value)> words,
        string origin,
        Func<string, IReadOnlyList<(string Word, string Value)>> services)
    {
        var draft = new ConnectionDraft();
        foreach (var (word, value) in words.Where(pair => pair.Word != "service"))
        {
            ConnectionKeywords.Set(draft, word, value, origin);
        }

        foreach (var (_, service) in words.Where(pair => pair.Word == "service"))
        {
            ConnectionKeywords.AddMissing(draft, services(service), $"The service '{service}'");
        }

        return draft;
    }

    /// <summary>
    /// Adds psql's defaults for what was left out, and rejects what the driver would do differently from the request.
    /// </summary>
    public static void Complete(NpgsqlConnectionStringBuilder settings, string origin)
    {
        AddDefaults(settings);
        RequiredLogin.Complete(settings, origin);
        if (IsVerifiedBySystem(settings))
        {
            var isGiven = settings.ShouldSerialize("SSL Mode");
            settings.SslMode = !isGiven || settings.SslMode == Npgsql.SslMode.VerifyFull
                ? Npgsql.SslMode.VerifyFull
                : throw Invalid(
                    origin,
                    "sslrootcert=system verifies the server against the authorities that the system trusts, and "
                        + "anybody can get a certificate from those, so the host name has to be verified as well: set "
                        + "sslmode=verify-full, or leave sslmode out");
        }

        if (settings.SslNegotiation == SslNegotiation.Direct && settings.SslMode < Npgsql.SslMode.Require)
        {
            throw Invalid(
                origin,
                "sslnegotiation=direct starts with TLS and cannot work without it: set sslmode to require, verify-ca "
                + "or verify-full");
        }
    }

    /// <summary>True when the server's certificate is checked against the authorities that the system trusts.</summary>
    public static bool IsVerifiedBySystem(NpgsqlConnectionStringBuilder settings) =>
        settings.RootCertificate == "system";

    private static void AddDefaults(NpgsqlConnectionStringBuilder settings)
    {
        settings.Username = string.IsNullOrEmpty(settings.Username) ? Environment.UserName : settings.Username;
        settings.Database = string.IsNullOrEmpty(settings.Database) ? settings.Username : settings.Database;
        // ContainsKey is true for every keyword that exists, set or not.
        if (!settings.ShouldSerialize("GSS Encryption Mode"))
        {
            // Kerberos encryption costs a native library and a round trip; it is used only when requested.
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        if (!settings.ShouldSerialize("SSL Negotiation"))
        {
            // Otherwise the driver reads the variable itself.
            settings.SslNegotiation = SslNegotiation.Postgres;
        }
    }

    /// <summary>The driver's value for a TLS mode.</summary>
    public static Npgsql.SslMode ToNpgsql(SslMode mode) => mode switch
    {
        SslMode.Disable => Npgsql.SslMode.Disable,
        SslMode.Allow => Npgsql.SslMode.Allow,
        SslMode.Prefer => Npgsql.SslMode.Prefer,
        SslMode.Require => Npgsql.SslMode.Require,
        SslMode.VerifyCA => Npgsql.SslMode.VerifyCA,
        SslMode.VerifyFull => Npgsql.SslMode.VerifyFull,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    [GeneratedRegex(
        @"(?<=^|;)\s*service\s*=(?<name>[^;]*)(;|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ServiceKeyword();

    // Only an existing keyword is named: after a ';' in an unquoted password the rest of it looks like one.
    private static string Keyword(Exception e) =>
        e is ArgumentException { ParamName: { Length: > 0 } name }
            && new NpgsqlConnectionStringBuilder().ContainsKey(name)
            ? $": look at '{name}'"
            : "";

    /// <summary>A connection string that cannot be parsed; the reason shows nothing of a password.</summary>
    public static ConnectionException Invalid(string origin, string reason) =>
        new(ErrorCodes.ConnectionInvalid, $"{origin} cannot be read: {reason}.");
}
