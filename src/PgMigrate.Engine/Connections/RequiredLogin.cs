using Npgsql;

namespace PgMigrate.Connections;

/// <summary>libpq's <c>require_auth</c>: which ways to log in are accepted from the server; pure.</summary>
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

    /// <summary>The driver's list of accepted ways.</summary>
    public static string Read(string value, string origin)
    {
        var words = value.Split(',').Select(word => word.Trim()).Where(word => word.Length > 0).ToList();
        var excluded = words.Where(word => word.StartsWith('!')).Select(word => word[1..].TrimStart()).ToList();
        if (excluded.Count > 0 && excluded.Count < words.Count)
        {
            throw ConnectionSettings.Invalid(
                origin, "'require_auth' has methods with and without '!'; give only accepted ones, or only excluded "
                    + "ones");
        }

        var named = excluded.Count > 0 ? excluded : words;
        if (named.Exists(word => !(word == "oauth" && excluded.Count > 0) && !Array.Exists(Methods, IsNamed(word))))
        {
            throw ConnectionSettings.Invalid(
                origin,
                named.Contains("oauth", StringComparer.Ordinal)
                    ? "'require_auth' names oauth, with which the driver cannot log in; use -TokenProvider with a "
                        + "server that takes the token as a password, or leave oauth out"
                    : "the value of 'require_auth' is not understood; it is a list of "
                        + string.Join(", ", Methods.Select(method => method.Word)) + ", each with '!' to exclude it");
        }

        var modes = Methods
            .Where(method => words.Count == 0
                || named.Contains(method.Word, StringComparer.Ordinal) == (excluded.Count == 0))
            .Select(method => method.Mode).ToList();
        return modes.Count > 0
            ? string.Join(',', modes)
            : throw ConnectionSettings.Invalid(origin, "'require_auth' excludes every way to log in");
    }

    /// <summary>
    /// Makes what the settings require hold for every way to log in: the driver looks at the channel binding only once
    /// it is within SCRAM, and sends a plain password before.
    /// </summary>
    public static void Complete(NpgsqlConnectionStringBuilder settings, string origin)
    {
        if (string.IsNullOrEmpty(settings.RequireAuth))
        {
            // Without a list the driver reads PGREQUIREAUTH by itself, in a spelling of its own.
            settings.RequireAuth = Read("", origin);
        }

        if (settings.ChannelBinding == ChannelBinding.Require)
        {
            settings.RequireAuth = Accepts(settings.RequireAuth!, Scram)
                ? Scram
                : throw ConnectionSettings.Invalid(
                    origin,
                    "channel_binding=require needs scram-sha-256, which require_auth does not accept; add it there, or "
                        + "leave channel_binding out");
        }
    }

    /// <summary>libpq's name for a way that the driver names; the same text when there is none.</summary>
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
