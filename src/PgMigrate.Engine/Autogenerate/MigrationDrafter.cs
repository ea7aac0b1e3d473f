using System.Text;
using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>Files, and what is to be said of them.</summary>
/// <param name="Files">The files in order.</param>
/// <param name="Warnings">Changes that lock a table although that was not wanted.</param>
internal sealed record DraftedFiles(IReadOnlyList<DraftedFile> Files, IReadOnlyList<MigrationProblem> Warnings);

/// <summary>
/// Words the files: one, or several where one transaction cannot hold the change, such as a label of an enum and its
/// use, or an index that is built CONCURRENTLY.
/// </summary>
internal static class MigrationDrafter
{
    private const string LabelsSuffix = "labels";
    private const string ValidateSuffix = "validate";
    private const string IndexesSuffix = "indexes";

    /// <summary>The files that lead from the current schema to the desired one.</summary>
    public static async Task<IReadOnlyList<DraftedFile>> DraftAsync(
        SchemaReplay current,
        Snapshot desired,
        IReadOnlyList<PlannedChange> changes,
        CompareOptions options,
        CancellationToken cancellationToken) =>
        (await DraftAsync(RenamedSchema.Without(current), desired, changes, options, online: false, cancellationToken)
            .ConfigureAwait(false)).Files;

    /// <summary>
    /// The same, with renames in the first file, before everything else, and in forms that lock tables briefly where
    /// that is asked for.
    /// </summary>
    public static async Task<DraftedFiles> DraftAsync(
        RenamedSchema renamed,
        Snapshot desired,
        IReadOnlyList<PlannedChange> changes,
        CompareOptions options,
        bool online,
        CancellationToken cancellationToken)
    {
        var states = new StateReader(renamed.Replay);
        await using var _ = states.ConfigureAwait(false);
        var files = new List<DraftedFile>();
        var from = renamed.Replay.Snapshot;
        var replaced = ReplacedWarning(changes);
        var first = changes.Where(c => c.MustBeCommittedAlone).ToList();
        if (changes.Except(first).Any(change => Uses(change, first)))
        {
            var to = await states.AfterAsync(first, cancellationToken).ConfigureAwait(false);
            files.Add(Draft(new Stage(LabelsSuffix, first), from, to, options, renamed));
            (from, changes) = (to, SchemaChanges.Make(to, desired, options));
        }

        var plan = online ? OnlinePlan.Split(changes, desired.Major) : null;
        // An index that is built CONCURRENTLY has no place for renames.
        var stages = StagesOf(changes, plan, mustHaveMain: renamed.Steps.Count > 0 && files.Count == 0);
        foreach (var stage in stages)
        {
            var to = stage == stages[^1]
                ? desired
                : await states.AfterAsync(stage.Changes, cancellationToken).ConfigureAwait(false);
            files.Add(Draft(stage, from, to, options, files.Count == 0 ? renamed : null));
            from = to;
        }

        return new DraftedFiles(
            files.Count == 1 ? [files[0] with { Suffix = "" }] : files,
            [.. replaced, .. (plan?.Plain ?? []).Select(ToWarning)]);
    }

    private static IEnumerable<MigrationProblem> ReplacedWarning(IReadOnlyList<PlannedChange> changes)
    {
        var names = changes.Where(c => c.Node is { Action: NodeAction.Create, Pair.HasBoth: true })
            .Select(c => c.Node.Pair.New!).Where(o => RuleBook.Rule(o).GrantNoun is not null)
            .Select(o => o.ToString()).ToList();
        if (names.Count > 0)
        {
            yield return new MigrationProblem
            {
                Code = ErrorCodes.SchemaObjectReplaced,
                Severity = nameof(ProblemSeverity.Warning),
                Message = $"These are dropped and made again: {string.Join(", ", names)}. They get back the owner and "
                    + "the privileges that they have here; what was granted in another database by hand is lost "
                    + "there. Write such grants into a migration, or grant them again.",
            };
        }
    }

    private static List<Stage> StagesOf(IReadOnlyList<PlannedChange> changes, OnlinePlan? plan, bool mustHaveMain)
    {
        if (plan is null)
        {
            return [new Stage("", changes)];
        }

        List<Stage> stages =
        [
            new Stage("", plan.Main),
            new Stage(ValidateSuffix, plan.Validate),
            new Stage(IndexesSuffix, plan.Concurrent) { IsOutsideTransaction = true },
        ];
        stages.RemoveAll(s => s.Changes.Count == 0 && !(mustHaveMain && s.Suffix.Length == 0));
        return stages;
    }

    private static MigrationProblem ToWarning((CatalogObject Entry, string Reason) plain) => new()
    {
        Code = ErrorCodes.SchemaOnlineNotPossible,
        Severity = nameof(ProblemSeverity.Warning),
        Message = $"The change of {plain.Entry} locks its table for as long as it takes: {plain.Reason}. Apply it when "
            + "few use the table, or make this change in a migration of its own.",
    };

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

    private static DraftedFile Draft(
        Stage stage, Snapshot from, Snapshot to, CompareOptions options, RenamedSchema? renamed)
    {
        var renames = renamed?.Steps ?? [];
        var back = SchemaChanges.Make(to, from, options with { IsWayBack = true });
        if (stage.IsOutsideTransaction)
        {
            var plan = OnlinePlan.Split(back, to.Major);
            back = [.. plan.Main, .. plan.Validate, .. plan.Concurrent];
        }

        var header = new StringBuilder();
        header.Append("-- Proved on PostgreSQL ").Append(to.Major).Append(", on a copy of the schema without rows.\n");
        AddList(header, "What is lost", stage.Changes);
        AddList(header, "What the way back loses", back);
        if (stage.IsOutsideTransaction)
        {
            header.Append("-- pgmigrate: no-transaction\n");
        }

        return new DraftedFile(
            stage.Suffix,
            header + "\n" + Text([.. renames.Select(r => r.Up), .. stage.Changes.SelectMany(c => c.Statements)], stage),
            Text([.. back.SelectMany(c => c.Statements), .. renames.Reverse().Select(r => r.Down)], stage),
            [.. renamed?.Changes ?? [], .. stage.Changes.Select(SchemaComparer.ToChange)]);
    }

    private static void AddList(StringBuilder header, string title, IReadOnlyList<PlannedChange> changes)
    {
        foreach (var loss in changes.SelectMany(c => c.Losses).Distinct())
        {
            header.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"-- {title}: {loss.ReplaceLineEndings(" ")}.\n");
        }
    }

    private static string Text(List<string> statements, Stage stage)
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
            text.Append(stage.IsOutsideTransaction ? DdlWriter.ForSession(statement) : statement).Append(";\n");
        }

        return text.ToString();
    }

    private sealed record Stage(string Suffix, IReadOnlyList<PlannedChange> Changes)
    {
        public bool IsOutsideTransaction { get; init; }
    }

    // What the server has after each file, in one copy.
    private sealed class StateReader(SchemaReplay current) : IAsyncDisposable
    {
        private ScratchDatabase? _clone;

        public async Task<Snapshot> AfterAsync(
            IReadOnlyList<PlannedChange> changes, CancellationToken cancellationToken)
        {
            _clone ??= await current.Database.CloneAsync(cancellationToken).ConfigureAwait(false);
            await SchemaReplay.ExecuteAsync(_clone, changes.SelectMany(c => c.Statements), cancellationToken)
                .ConfigureAwait(false);
            return await SchemaReplay.ReadAsync(_clone, current.Options, cancellationToken).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => _clone?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
