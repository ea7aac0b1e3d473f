using Npgsql;

namespace PgMigrate.Connections;

/// <summary>libpq's <c>require_auth</c>: which authentication methods are accepted from the server; pure.</summary>
internal static class RequiredLogin
{
    private const string Scram = "ScramSHA256";

    // libpq's names and the driver's.
    private static readonly (string Word, string Mode)[] Methods =
    [
        ("password", "Password"),
        ("md5", "MD5"),
        ("gss", "GSS"),
        ("sspi", "SSPI"),
        ("scram-sha-256", Scram),
        ("none", "None"),
    ];

    /// <summary>The driver's list of accepted methods.</summary>
    public static string Read(string value, string origin)
    {
        var words = value.Split(',').Select(word => word.Trim()).Where(word => word.Length > 0).ToList();
        var excluded = words.Where(word => word.StartsWith('!')).Select(word => word[1..].TrimStart()).ToList();
        if (excluded.Count > 0 && excluded.Count < words.Count)
        {
            throw ConnectionSettings.Invalid(
                origin, "'require_auth' mixes methods with and without '!'; list only accepted methods, or only "
                    + "excluded ones");
        }

        var named = excluded.Count > 0 ? excluded : words;
        if (named.Exists(word => !(word == "oauth" && excluded.Count > 0) && !Array.Exists(Methods, IsNamed(word))))
        {
            throw ConnectionSettings.Invalid(
                origin,
                named.Contains("oauth", StringComparer.Ordinal)
                    ? "'require_auth' names oauth, which the driver does not support; use -TokenProvider with a "
                        + "server that accepts the token as a password, or remove oauth"
                    : "the value of 'require_auth' is not valid; it is a list of "
                        + string.Join(", ", Methods.Select(method => method.Word)) + ", each with '!' to exclude it");
        }

        var modes = Methods
            .Where(method => words.Count == 0
                || named.Contains(method.Word, StringComparer.Ordinal) == (excluded.Count == 0))
            .Select(method => method.Mode).ToList();
        return modes.Count > 0
            ? string.Join(',', modes)
            : throw ConnectionSettings.Invalid(origin, "'require_auth' excludes every authentication method");
    }

    /// <summary>
    /// Applies the required settings to every authentication method: the driver checks channel binding only within
    /// SCRAM, and would send a plain password before that.
    /// </summary>
    public static void Complete(NpgsqlConnectionStringBuilder settings, string origin)
    {
        if (string.IsNullOrEmpty(settings.RequireAuth))
        {
            // Without a list the driver reads PGREQUIREAUTH itself, in its own spelling.
            settings.RequireAuth = Read("", origin);
        }

        if (settings.ChannelBinding == ChannelBinding.Require)
        {
            settings.RequireAuth = Accepts(settings.RequireAuth!, Scram)
                ? Scram
                : throw ConnectionSettings.Invalid(
                    origin,
                    "channel_binding=require needs scram-sha-256, which require_auth does not accept; add it there, or "
                        + "remove channel_binding");
        }
    }

    /// <summary>
    /// libpq's name for a method as the driver names it; the same text when libpq has no name for it.
    /// </summary>
    public static string WordFor(string mode) =>
        Array.Find(Methods, method => method.Mode == mode).Word ?? mode;

    private static Predicate<(string Word, string Mode)> IsNamed(string word) => method => method.Word == word;

    private static bool Accepts(string list, string mode)
    {
        var items = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return items.Any(item => item.StartsWith('!'))
            ? !items.Contains("!" + mode, StringComparer.Ordinal)
            : items.Contains(mode, StringComparer.Ordinal);
    }
}
