using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PgMigrate.History;

/// <summary>A hash of the history a plan was made for; the runner compares it under the lock.</summary>
/// <param name="Value">64 hexadecimal digits.</param>
public sealed record HistoryFingerprint(string Value)
{
    /// <summary>The fingerprint of these rows in this order.</summary>
    public static HistoryFingerprint Of(IReadOnlyList<HistoryEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new StringBuilder();
        foreach (var entry in entries)
        {
            line.Clear()
                .Append(CultureInfo.InvariantCulture, $"{entry.Id}|{entry.Version}|{entry.Checksum}|{entry.State}\n");
            hash.AppendData(Encoding.UTF8.GetBytes(line.ToString()));
        }

        return new HistoryFingerprint(Convert.ToHexString(hash.GetHashAndReset()));
    }
}
