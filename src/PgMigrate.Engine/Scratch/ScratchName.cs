using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PgMigrate.Scratch;

/// <summary>
/// Names of scratch databases: <c>pgmigrate_scratch_&lt;utc&gt;_&lt;host&gt;_&lt;random&gt;</c>. The name says how old
/// one is, since a run that was killed cannot say anything any more; pure.
/// </summary>
internal static class ScratchName
{
    /// <summary>What all of them start with.</summary>
    public const string Prefix = "pgmigrate_scratch_";

    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const int MostOfHost = 16;
    private const int RandomBytes = 4;

    /// <summary>A name for a database that is made now.</summary>
    public static string New() => Make(DateTimeOffset.UtcNow, Environment.MachineName,
        Convert.ToHexString(RandomNumberGenerator.GetBytes(RandomBytes)).ToLowerInvariant());

    /// <summary>The name of these parts; what a name without quotes cannot hold is left out of the host.</summary>
    public static string Make(DateTimeOffset time, string host, string random)
    {
        var plain = new StringBuilder(MostOfHost);
        foreach (var letter in host)
        {
            if (char.IsAsciiLetterOrDigit(letter) && plain.Length < MostOfHost)
            {
                plain.Append(char.ToLowerInvariant(letter));
            }
        }

        return $"{Prefix}{time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture).ToLowerInvariant()}_"
            + $"{(plain.Length == 0 ? "host" : plain.ToString())}_{random}";
    }

    /// <summary>When a database of this name was made; null for a name that is none of ours.</summary>
    public static DateTimeOffset? TimeOf(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = name[Prefix.Length..].Split('_');
        return parts.Length == 3 && DateTimeOffset.TryParseExact(
                parts[0].ToUpperInvariant(), TimeFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }
}
