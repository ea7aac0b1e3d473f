using System.Diagnostics.CodeAnalysis;
using PgMigrate.Files;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>
/// SHA-256 of the first statements of a script. It continues from the last result: a script that is asked after each of
/// its statements is hashed once.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "It lives as long as its script; the handle of the hash frees itself.")]
internal sealed class ProgressChecksums(IReadOnlyList<SqlStatement> statements)
{
    private TrimmedHash _hash = new();
    private int _count;

    /// <summary>The checksum of so many statements, with their values except the secret ones.</summary>
    public string ChecksumOf(int count)
    {
        count = Math.Min(count, statements.Count);
        if (count < _count)
        {
            _hash.Dispose();
            (_hash, _count) = (new TrimmedHash(), 0);
        }

        for (; _count < count; _count++)
        {
            _hash.Append(_count == 0 ? "" : "\n");
            _hash.Append(statements[_count].DisplayText ?? statements[_count].Text);
        }

        return _hash.Current;
    }
}
