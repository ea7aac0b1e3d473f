using System.Globalization;
using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>One statement of a rename, and the one that takes it back.</summary>
/// <param name="Rename">The rename; null for a schema that is made for one.</param>
/// <param name="Up">The statement.</param>
/// <param name="Down">The one that takes it back.</param>
internal sealed record RenameStep(ResolvedRename? Rename, string Up, string Down);

/// <summary>
/// Puts renames in an order in which each new name is free: what stands in the way is renamed first, and names that
/// change places take a name in between; pure.
/// </summary>
internal sealed class RenameSequencer
{
    private readonly Dictionary<string, NamedObject> _taken = new(StringComparer.Ordinal);
    private readonly List<RenameStep> _steps = [];
    private readonly List<MigrationProblem> _problems = [];
    private readonly HashSet<CatalogObject> _owned;

    private RenameSequencer(NameIndex current)
    {
        _owned = current.Snapshot.Objects.Where(o => o.Kind == "sequence owner").Select(o => o.Parent)
            .OfType<CatalogObject>().ToHashSet();
        foreach (var entry in current.All)
        {
            foreach (var slot in entry.Slots)
            {
                _taken.TryAdd(slot, entry);
            }
        }
    }

    /// <summary>The statements in order, and the renames that cannot be carried out.</summary>
    /// <param name="current">The schema that they start from.</param>
    /// <param name="renames">The renames.</param>
    /// <param name="schemaBefore">What a schema of the desired names is called while objects are moved.</param>
    public static (IReadOnlyList<RenameStep> Steps, IReadOnlyList<MigrationProblem> Problems) Order(
        NameIndex current, IReadOnlyList<ResolvedRename> renames, Func<NamedObject, string?> schemaBefore)
    {
        var sequencer = new RenameSequencer(current);
        var all = renames.Select(r => new Pending(r, r.Old, sequencer.TargetOf(r, schemaBefore))).ToList();
        sequencer.MakeSchemas(current, all);
        foreach (var group in all.GroupBy(p => RenameText.RankOf(p.Rename.Old.Kind)).OrderBy(g => g.Key))
        {
            sequencer.Run([.. group.OrderBy(p => p.Rename.Old.Text, StringComparer.Ordinal)]);
        }

        return (sequencer._steps, sequencer._problems);
    }

    // An index, and a sequence that a column owns, move with their table.
    private string? TargetOf(ResolvedRename rename, Func<NamedObject, string?> schemaBefore) =>
        RenameText.CanMove(rename.Old.Kind) && !_owned.Contains(rename.Old.Entry)
            ? schemaBefore(rename.New)
            : rename.Old.Schema;

    private void MakeSchemas(NameIndex current, List<Pending> all)
    {
        foreach (var schema in all.Select(p => p.Schema).OfType<string>().Distinct()
            .Where(s => current.Find([SqlIdentifier.Unquote(s)], "schema").Count == 0).Order(StringComparer.Ordinal))
        {
            _steps.Add(new RenameStep(null, $"CREATE SCHEMA {schema}", $"DROP SCHEMA {schema}"));
        }
    }

    private void Run(List<Pending> waiting)
    {
        while (waiting.Count > 0)
        {
            if (waiting.Find(TryFinish) is { } done)
            {
                waiting.Remove(done);
                continue;
            }

            // All of them wait for each other, or for what stays.
            var parked = waiting.Find(p => !p.IsParked && BlockersOf(p).All(b => waiting.Exists(w => w.Now == b)));
            if (parked is null)
            {
                foreach (var stuck in waiting)
                {
                    Refuse(stuck);
                }

                return;
            }

            Go(parked, Between(parked));
            parked.IsParked = true;
        }
    }

    private void Refuse(Pending stuck) => _problems.Add(stuck.Rename.Hint.Problem(
        ErrorCodes.SchemaRenameConflict,
        $"{BlockersOf(stuck).Select(b => b.Text).FirstOrDefault() ?? "another object"} has the new name when it is "
            + "needed. Make the renames in two migrations."));

    private IEnumerable<NamedObject> BlockersOf(Pending pending) => pending.Target.Slots
        .Select(s => _taken.GetValueOrDefault(s)).OfType<NamedObject>().Where(b => b != pending.Now);

    private bool IsFree(Pending pending, NamedObject place) =>
        place.Slots.All(s => !_taken.TryGetValue(s, out var owner) || owner == pending.Now);

    private bool TryFinish(Pending pending)
    {
        var (now, target) = (pending.Now, pending.Target);
        if (!IsFree(pending, target))
        {
            return false;
        }

        if (pending.Schema is null || now.Schema == pending.Schema || now.QuotedName == target.QuotedName)
        {
            Go(pending, target);
            return true;
        }

        NamedObject[] between =
        [
            now.As(pending.Schema, now.Name, now.QuotedName), now.As(now.Schema, target.Name, target.QuotedName),
        ];
        if (Array.Find(between, b => IsFree(pending, b)) is not { } step)
        {
            step = Between(pending);
            Go(pending, step);
            step = step.As(pending.Schema, step.Name, step.QuotedName);
        }

        Go(pending, step);
        Go(pending, target);
        return true;
    }

    // Within the length of a name, and not taken.
    private NamedObject Between(Pending pending)
    {
        for (var number = 1; ; number++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"__swap{number}");
            var name = pending.Now.Name;
            while (!SqlIdentifier.Fits(name, suffix.Length))
            {
                name = name[..^1];
            }

            var between = pending.Now.As(pending.Now.Schema, name + suffix, SqlIdentifier.Quote(name + suffix));
            if (IsFree(pending, between))
            {
                return between;
            }
        }
    }

    private void Go(Pending pending, NamedObject next)
    {
        var now = pending.Now;
        _steps.Add(new RenameStep(pending.Rename, Statement(now, next), Statement(next, now)));
        foreach (var slot in now.Slots.Where(s => _taken.GetValueOrDefault(s) == now).ToList())
        {
            _taken.Remove(slot);
        }

        foreach (var slot in next.Slots)
        {
            _taken[slot] = next;
        }

        pending.Now = next;
    }

    private static string Statement(NamedObject from, NamedObject to) => from.Kind switch
    {
        NamedObject.Label => RenameText.RenameLabel(from.Entry, from.Name, to.Name),
        NamedObject.Attribute => RenameText.RenameAttribute(from.Entry, from.QuotedName, to.QuotedName),
        NamedObject.Multirange => RenameText.RenameMultirange(from.Entry, from.QuotedName, to.QuotedName),
        _ => from.Schema is not null && from.Schema != to.Schema
            ? RenameText.Move(from.Entry, to.Schema!)
            : RenameText.Rename(from.Entry, to.QuotedName),
    };

    private sealed class Pending(ResolvedRename rename, NamedObject now, string? schema)
    {
        public ResolvedRename Rename { get; } = rename;

        public NamedObject Now { get; set; } = now;

        /// <summary>The schema that it goes to; null for what is in none.</summary>
        public string? Schema { get; } = schema;

        public NamedObject Target { get; } = now.As(schema, rename.New.Name, rename.New.QuotedName);

        public bool IsParked { get; set; }
    }
}
