using System.Text;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>Words the files: one, or two where a transaction cannot both add a label to an enum and use it.</summary>
internal static class MigrationDrafter
{
    private const string ValueSuffix = "labels";

    /// <summary>The files that lead from the current schema to the desired one.</summary>
    public static Task<IReadOnlyList<DraftedFile>> DraftAsync(
        SchemaReplay current,
        Snapshot desired,
        IReadOnlyList<PlannedChange> changes,
        CompareOptions options,
        CancellationToken cancellationToken) =>
        DraftAsync(RenamedSchema.Without(current), desired, changes, options, cancellationToken);

    /// <summary>The same, with renames in the first file, before everything else.</summary>
    public static async Task<IReadOnlyList<DraftedFile>> DraftAsync(
        RenamedSchema renamed,
        Snapshot desired,
        IReadOnlyList<PlannedChange> changes,
        CompareOptions options,
        CancellationToken cancellationToken)
    {
        var current = renamed.Replay;
        var first = changes.Where(c => c.MustBeCommittedAlone).ToList();
        if (!changes.Except(first).Any(change => Uses(change, first)))
        {
            return [Draft("", current.Snapshot, desired, changes, options, renamed)];
        }

        var between = await ReachAsync(current, first, cancellationToken).ConfigureAwait(false);
        return
        [
            Draft(ValueSuffix, current.Snapshot, between, first, options, renamed),
            Draft("", between, desired, SchemaChanges.Make(between, desired, options), options),
        ];
    }

    // True when something is made or altered that depends on what must be committed first.
    private static bool Uses(PlannedChange change, IReadOnlyList<PlannedChange> first)
    {
        var wanted = first.Select(f => f.Node.Pair.New!).ToHashSet();
        var seen = new HashSet<CatalogObject>();
        var work = new Stack<CatalogObject>(
            change.Node.Folded.Prepend(change.Node).Select(n => n.Pair.New).OfType<CatalogObject>());
        while (work.TryPop(out var entry))
        {
            if (wanted.Contains(entry))
            {
                return true;
            }

            foreach (var other in entry.DependsOn.Where(seen.Add))
            {
                work.Push(other);
            }
        }

        return false;
    }

    // What the server has after the first file.
    private static async Task<Snapshot> ReachAsync(
        SchemaReplay current, IReadOnlyList<PlannedChange> changes, CancellationToken cancellationToken)
    {
        var clone = await current.Database.CloneAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = clone.ConfigureAwait(false);
        await SchemaReplay.ExecuteAsync(clone, changes.SelectMany(c => c.Statements),
            cancellationToken).ConfigureAwait(false);
        return await SchemaReplay.ReadAsync(clone, current.Options, cancellationToken).ConfigureAwait(false);
    }

    private static DraftedFile Draft(
        string suffix,
        Snapshot from,
        Snapshot to,
        IReadOnlyList<PlannedChange> changes,
        CompareOptions options,
        RenamedSchema? renamed = null)
    {
        var renames = renamed?.Steps ?? [];
        var back = SchemaChanges.Make(to, from, options);
        var header = new StringBuilder();
        header.Append("-- Proved on PostgreSQL ").Append(to.Major).Append(", on a copy of the schema without rows.\n");
        AddList(header, "What is lost", changes);
        AddList(header, "What the way back loses", back);
        return new DraftedFile(
            suffix,
            header + "\n" + Text([.. renames.Select(r => r.Up), .. changes.SelectMany(c => c.Statements)]),
            Text([.. back.SelectMany(c => c.Statements), .. renames.Reverse().Select(r => r.Down)]),
            [.. renamed?.Changes ?? [], .. changes.Select(SchemaComparer.ToChange)]);
    }

    private static void AddList(StringBuilder header, string title, IReadOnlyList<PlannedChange> changes)
    {
        foreach (var loss in changes.SelectMany(c => c.Losses).Distinct())
        {
            header.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"-- {title}: {loss.ReplaceLineEndings(" ")}.\n");
        }
    }

    private static string Text(List<string> statements)
    {
        var text = new StringBuilder();
        if (statements.Exists(s => s.StartsWith("CREATE OR REPLACE ", StringComparison.Ordinal)
            && !s.StartsWith("CREATE OR REPLACE VIEW", StringComparison.Ordinal)))
        {
            // What a body names may be made later in the file.
            text.Append("SET LOCAL check_function_bodies = off;\n");
        }

        foreach (var statement in statements)
        {
            text.Append(statement).Append(";\n");
        }

        return text.ToString();
    }
}
