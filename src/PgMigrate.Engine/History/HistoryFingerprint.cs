using System.Security.Cryptography;
using System.Text;

namespace PgMigrate.History;

/// <summary>A hash of the history a plan was made for; the runner compares it under the lock.</summary>
/// <param name="Value">64 hexadecimal digits.</param>
public sealed record HistoryFingerprint(string Value)
{
    /// <summary>The fingerprint of a plan without steps.</summary>
    internal static HistoryFingerprint OfNothing { get; } = new("");

    /// <summary>The fingerprint of these rows in this order.</summary>
    internal static HistoryFingerprint Of(IReadOnlyList<HistoryEntry> entries)
    {
        var lines = new StringBuilder(entries.Count * 80);
        foreach (var entry in entries)
        {
            lines.Append(entry.Id).Append('|').Append(entry.Version.Text).Append('|').Append(entry.Checksum)
                .Append('|').Append(entry.State).Append('|').Append(entry.StatementsDone).Append('\n');
        }

        return new HistoryFingerprint(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString()))));
    }
}
