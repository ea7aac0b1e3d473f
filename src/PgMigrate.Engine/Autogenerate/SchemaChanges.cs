using PgMigrate.Errors;
using PgMigrate.Schema;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>The planned changes, with errors of ours.</summary>
internal static class SchemaChanges
{
    public static IReadOnlyList<PlannedChange> Make(Snapshot current, Snapshot desired, CompareOptions options)
    {
        try
        {
            var changes = SchemaPlan.Make(current, desired, options);
            return changes.Count > 0 ? changes : RequireSame(current, desired, options);
        }
        catch (NotSupportedKindException e)
        {
            throw new MigrationCreationException(
                ErrorCodes.SchemaKindNotSupported,
                $"The {e.Entry} differs, and changes of a {e.Entry.Kind} are not written. Write this change "
                    + "yourself, in a "
                    + "migration of its own, and compare again after it.",
                e);
        }
        catch (ChangeCycleException e)
        {
            throw new MigrationCreationException(
                ErrorCodes.SchemaChangeCycle,
                "Some changes wait for each other, so that no order fits: "
                    + $"{string.Join(", ", e.Cycle.Select(n => n.ToString()).Distinct())}. Make one of them in a "
                    + "migration "
                    + "of its own, and compare again after it.",
                e);
        }
    }

    // A difference that no statement is written for must not pass as none.
    private static PlannedChange[] RequireSame(Snapshot current, Snapshot desired, CompareOptions options)
    {
        var left = SnapshotDiff.Differences(current, desired, new RuleBook(current, desired), options).FirstOrDefault();
        return left is null
            ? []
            : throw new MigrationCreationException(
                ErrorCodes.SchemaKindNotSupported,
                $"The {left.Any} differs ({string.Join(", ", left.Changed.Select(c => c.Replace('_', ' ')))}), and no "
                    + "statement is known that changes it. Write this change yourself, in a migration of its own, and "
                    + "compare again after it.");
    }
}
