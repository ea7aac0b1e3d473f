using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Execution;

/// <summary>Reads connection strings, URIs and libpq's words into the driver's settings; pure.</summary>
internal static partial class ConnectionSettings
{
    /// <summary>libpq variables beside host, port, database, user and password, with their connection words.</summary>
    public static readonly IReadOnlyList<(string Variable, string Keyword)> Variables =
    [
        ("PGSSLMODE", "sslmode"),
        ("PGSSLROOTCERT", "sslrootcert"),
        ("PGSSLCERT", "sslcert"),
        ("PGSSLKEY", "sslkey"),
        ("PGCHANNELBINDING", "channel_binding"),
        ("PGTARGETSESSIONATTRS", "target_session_attrs"),
        ("PGCONNECT_TIMEOUT", "connect_timeout"),
        ("PGOPTIONS", "options"),
        ("PGGSSENCMODE", "gssencmode"),
    ];

    private static readonly FrozenDictionary<string, string> NpgsqlKeywords = new Dictionary<string, string>
    {
        ["host"] = "Host",
        ["hostaddr"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["password"] = "Password",
        ["passfile"] = "Passfile",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["sslnegotiation"] = "SSL Negotiation",
        ["channel_binding"] = "Channel Binding",
        ["target_session_attrs"] = "Target Session Attributes",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["gssencmode"] = "GSS Encryption Mode",
        ["krbsrvname"] = "Kerberos Service Name",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Npgsql keywords, or a URI; <paramref name="origin"/> names the place for messages.</summary>
    public static NpgsqlConnectionStringBuilder Parse(
        string text, string origin, Func<string, IReadOnlyList<(string Word, string Value)>> services)
    {
        var trimmed = text.Trim();
        if (ConnectionUri.IsOne(trimmed))
        {
            return ConnectionUri.Parse(trimmed, origin, services);
        }

        if (ConnectionWords.Read(trimmed) is { } words)
        {
            return FromWords(words, origin, services);
        }

        if (ServiceKeyword().Match(trimmed) is { Success: true } service)
        {
            var rest = Parse(trimmed.Remove(service.Index, service.Length), origin, services);
            AddService(rest, services(service.Groups["name"].Value.Trim()), service.Groups["name"].Value.Trim());
            return rest;
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(trimmed);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The driver's own message can quote the value, and a value can be a password.
            throw new ConnectionException(
                "ConnectionInvalid",
                $"{origin} is neither a list of Npgsql keywords (Host=…;Database=…;Username=…), nor libpq's words "
                    + $"(host=… dbname=… user=…), nor a URI (postgresql://user@host:port/database){Keyword(e)}.");
        }
    }

    /// <summary>True when a host is a folder of Unix sockets, which know no options of TCP.</summary>
    public static bool HasSocketFolder(NpgsqlConnectionStringBuilder settings) =>
        settings.Host is { } hosts && hosts.Split(',').Any(host => host.Trim() is ['/' or '@', ..] or [_, ':', '\\', ..]);

    /// <summary>
    /// Refuses what was taken for a host or a database and is a whole connection string: it would be shown, and there
    /// can be a password in it.
    /// </summary>
    public static void RefuseMisread(NpgsqlConnectionStringBuilder settings, string source)
    {
        var name = LooksLikeMore(settings.Host) || settings.Host!.AsSpan().IndexOfAny("= \t") >= 0 ? "host"
            : LooksLikeMore(settings.Database) ? "database"
            : LooksLikeMore(settings.Username) ? "user"
            : null;
        if (name is not null)
        {
            throw new ConnectionException(
                "ConnectionInvalid",
                $"The {name} from {source} is no name of a {name}: it looks like a connection string. Give that to "
                    + "-ConnectionString or DATABASE_URL, as Host=…;Database=…;Username=…, as host=… dbname=… user=…, or as "
                    + "postgresql://user@host:port/database.");
        }

        static bool LooksLikeMore(string? value) => value is not null
            && (value.Contains("://", StringComparison.Ordinal)
                || value.Contains("password=", StringComparison.OrdinalIgnoreCase));
    }

    private static NpgsqlConnectionStringBuilder FromWords(
        IReadOnlyList<(string Word, string Value)> words,
        string origin,
        Func<string, IReadOnlyList<(string Word, string Value)>> services)
    {
        var settings = new NpgsqlConnectionStringBuilder();
        foreach (var (word, value) in words.Where(pair => pair.Word != "service"))
        {
            Set(settings, word, value, origin);
        }

        foreach (var (_, service) in words.Where(pair => pair.Word == "service"))
        {
            AddService(settings, services(service), service);
        }

        return settings;
    }

    /// <summary>True for a connection word of libpq.</summary>
    public static bool IsWord(string word) => word is "service" or "client_encoding" || NpgsqlKeywords.ContainsKey(word);

    /// <summary>Sets one of libpq's connection words.</summary>
    public static void Set(NpgsqlConnectionStringBuilder settings, string word, string value, string origin)
    {
        if (word == "client_encoding")
        {
            var isUtf8 = value.Equals("auto", StringComparison.OrdinalIgnoreCase)
                || value.Replace("-", "", StringComparison.Ordinal).Equals("utf8", StringComparison.OrdinalIgnoreCase);
            if (!isUtf8)
            {
                throw Invalid(origin, "client_encoding must be UTF8: migration files are sent as UTF-8");
            }

            return;
        }

        if (!NpgsqlKeywords.TryGetValue(word, out var keyword))
        {
            throw Invalid(origin, $"the parameter '{word}' is not known; known ones are "
                + string.Join(", ", NpgsqlKeywords.Keys.Append("service").Order(StringComparer.Ordinal)));
        }

        try
        {
            settings[keyword] = word is "sslmode" or "target_session_attrs"
                ? value.Replace("-", word == "sslmode" ? "" : "-", StringComparison.Ordinal)
                : value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw Invalid(origin, $"the value of '{word}' is not understood");
        }
    }

    /// <summary>Adds what a service says and the settings do not.</summary>
    public static void AddService(
        NpgsqlConnectionStringBuilder settings, IReadOnlyList<(string Word, string Value)> words, string service)
    {
        foreach (var (word, value) in words)
        {
            if (!NpgsqlKeywords.TryGetValue(word, out var keyword) || !settings.ShouldSerialize(keyword))
            {
                Set(settings, word, value, $"The service '{service}'");
            }
        }
    }

    /// <summary>What psql would take for what was left out.</summary>
    public static void AddDefaults(NpgsqlConnectionStringBuilder settings)
    {
        settings.Host ??= "localhost";
        settings.Username ??= Environment.UserName;
        settings.Database ??= settings.Username;
        // ContainsKey is true for every keyword that exists, set or not.
        if (!settings.ShouldSerialize("GSS Encryption Mode"))
        {
            // Asking for Kerberos encryption costs a native library and a round trip; who wants it says so.
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        }
    }

    /// <summary>The driver's word for a TLS mode.</summary>
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

    [GeneratedRegex(@"(?<=^|;)\s*service\s*=(?<name>[^;]*)(;|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ServiceKeyword();

    // Only a keyword that exists is named: behind a ';' in an unquoted password the rest of it looks like one.
    private static string Keyword(Exception e) =>
        e is ArgumentException { ParamName: { Length: > 0 } name } && new NpgsqlConnectionStringBuilder().ContainsKey(name)
            ? $": look at '{name}'"
            : "";

    /// <summary>A connection string that cannot be read; the reason shows nothing of a password.</summary>
    public static ConnectionException Invalid(string origin, string reason) =>
        new("ConnectionInvalid", $"{origin} cannot be read: {reason}.");
}
