using System.Collections.Frozen;
using System.Globalization;

namespace PgMigrate.Connections;

/// <summary>libpq's keywords and variables, mapped to the driver's settings; pure.</summary>
internal static class ConnectionKeywords
{
    // The driver's maximum; libpq has none.
    private const int MostTimeout = 1024;

    /// <summary>libpq variables other than host, port, database, user and password, with their keywords.</summary>
    public static readonly IReadOnlyList<(string Variable, string Word)> Variables =
    [
        ("PGSSLMODE", "sslmode"),
        ("PGSSLNEGOTIATION", "sslnegotiation"),
        ("PGSSLROOTCERT", "sslrootcert"),
        ("PGSSLCERT", "sslcert"),
        ("PGSSLKEY", "sslkey"),
        ("PGREQUIREAUTH", "require_auth"),
        ("PGCHANNELBINDING", "channel_binding"),
        ("PGTARGETSESSIONATTRS", "target_session_attrs"),
        ("PGCONNECT_TIMEOUT", "connect_timeout"),
        ("PGOPTIONS", "options"),
        ("PGGSSENCMODE", "gssencmode"),
    ];

    private static readonly FrozenDictionary<string, string> Keywords = new Dictionary<string, string>
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
        ["require_auth"] = "Require Auth",
        ["channel_binding"] = "Channel Binding",
        ["target_session_attrs"] = "Target Session Attributes",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["gssencmode"] = "GSS Encryption Mode",
        ["krbsrvname"] = "Kerberos Service Name",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string[]> Choices = new Dictionary<string, string[]>
    {
        ["sslmode"] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        ["sslnegotiation"] = ["postgres", "direct"],
        ["channel_binding"] = ["disable", "prefer", "require"],
        ["gssencmode"] = ["disable", "prefer", "require"],
        ["target_session_attrs"] =
            ["any", "read-write", "read-only", "primary", "standby", "prefer-primary", "prefer-standby"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>True for a keyword of libpq.</summary>
    public static bool IsWord(string word) => word is "service" or "client_encoding" || Keywords.ContainsKey(word);

    /// <summary>Sets one of libpq's keywords; an empty value has the meaning that libpq gives it.</summary>
    public static void Set(ConnectionDraft draft, string word, string value, string origin)
    {
        switch (word)
        {
            case "host" or "hostaddr":
                draft.Hosts = value;
                break;
            case "port":
                (draft.Ports, draft.PortsOrigin) = (value, origin);
                break;
            case "client_encoding":
                RequireUtf8(value, origin);
                break;
            case "require_auth":
                draft.Settings.RequireAuth = RequiredLogin.Read(value, origin);
                break;
            case "connect_timeout":
                draft.Settings.Timeout = ReadTimeout(value, origin);
                break;
            case var _ when Choices.TryGetValue(word, out var choices):
                draft.Settings[Keywords[word]] = Choose(word, value, choices, origin);
                break;
            case var _ when Keywords.TryGetValue(word, out var keyword):
                draft.Settings[keyword] = value.Length == 0 ? null : value;
                break;
            default:
                throw ConnectionSettings.Invalid(origin, $"the parameter '{word}' is not known; known parameters are "
                    + string.Join(", ", Keywords.Keys.Append("service").Order(StringComparer.Ordinal)));
        }
    }

    /// <summary>True when a draft already has a value for a keyword.</summary>
    public static bool Has(ConnectionDraft draft, string word) => word switch
    {
        "host" or "hostaddr" => !string.IsNullOrEmpty(draft.Hosts),
        "port" => !string.IsNullOrEmpty(draft.Ports),
        _ => Keywords.TryGetValue(word, out var keyword) && draft.Settings.ShouldSerialize(keyword),
    };

    /// <summary>Adds the keywords that the draft has no value for.</summary>
    public static void AddMissing(
        ConnectionDraft draft, IReadOnlyList<(string Word, string Value)> words, string origin)
    {
        // Checked one by one: the first value of a repeated keyword counts.
        foreach (var (word, value) in words.Where(pair => !Has(draft, pair.Word)))
        {
            Set(draft, word, value, origin);
        }
    }

    /// <summary>
    /// Adds the variables that the draft has no value for. A variable that is set to an empty value means what libpq
    /// makes of it: the default for some, an invalid value for others.
    /// </summary>
    public static void AddVariables(ConnectionDraft draft, Func<string, string?> environment)
    {
        foreach (var (variable, word) in Variables)
        {
            if (environment(variable) is { } value && !Has(draft, word))
            {
                Set(draft, word, value, variable);
            }
        }
    }

    private static string Choose(string word, string value, string[] choices, string origin)
    {
        var wanted = value.Replace("-", "", StringComparison.Ordinal);
        var chosen = Array.Find(choices, choice => wanted.Equals(
            choice.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        return chosen is null
            ? throw ConnectionSettings.Invalid(
                origin,
                $"the value of '{word}' is {(value.Length == 0 ? "empty" : "not valid")}; it is one of "
                    + string.Join(", ", choices))
            : word == "sslmode" ? chosen.Replace("-", "", StringComparison.Ordinal) : chosen;
    }

    private static int ReadTimeout(string value, string origin) =>
        int.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= MostTimeout
            ? Math.Max(seconds, 0)
            : throw ConnectionSettings.Invalid(origin, string.Create(
                CultureInfo.InvariantCulture,
                $"the value of 'connect_timeout' is {(value.Length == 0 ? "empty" : "not valid")}; it is a "
                    + $"whole number of seconds up to {MostTimeout}, and 0 means no limit"));

    private static void RequireUtf8(string value, string origin)
    {
        var isUtf8 = value.Length == 0
            || value.Equals("auto", StringComparison.OrdinalIgnoreCase)
            || value.Replace("-", "", StringComparison.Ordinal).Equals("utf8", StringComparison.OrdinalIgnoreCase);
        if (!isUtf8)
        {
            throw ConnectionSettings.Invalid(
                origin,
                "client_encoding must be UTF8, whatever the encoding of the database: migration files are sent as "
                    + "UTF-8, and the server converts them");
        }
    }
}
