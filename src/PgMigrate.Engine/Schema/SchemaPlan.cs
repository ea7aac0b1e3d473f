using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema;

/// <summary>What turns one schema into another. Pure.</summary>
internal static class SchemaPlan
{
    public static IReadOnlyList<PlannedChange> Make(Snapshot current, Snapshot desired, CompareOptions options)
    {
        var rules = new RuleBook(current, desired);
        var pairs = SnapshotDiff.Match(current, desired, rules, options);
        return DdlWriter.Write(ChangePlanner.Plan(rules, pairs), new DdlContext(current, desired, options));
    }
}
