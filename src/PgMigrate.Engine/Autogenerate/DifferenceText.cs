using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>Names the objects in which two schemas differ.</summary>
internal static class DifferenceText
{
    private const int MostNamed = 5;

    /// <summary>
    /// What is missing, not expected or different in a schema that shall be another; null when nothing is.
    /// </summary>
    public static string? Of(Snapshot reached, Snapshot wanted, CompareOptions options)
    {
        var left = SnapshotDiff.Differences(reached, wanted, new RuleBook(reached, wanted), options).ToList();
        return left.Count == 0 ? null
            : string.Join("; ", left.Take(MostNamed).Select(Describe))
                + (left.Count > MostNamed ? $"; and {left.Count - MostNamed} more" : "");
    }

    private static string Describe(ObjectPair pair) =>
        pair.HasBoth ? $"{pair.Any} ({string.Join(", ", pair.Changed.Select(c => c.Replace('_', ' ')))})"
        : pair.Old is null ? $"{pair.Any} (missing)"
        : $"{pair.Any} (not expected)";
}
