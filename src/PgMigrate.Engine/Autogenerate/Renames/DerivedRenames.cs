using PgMigrate.Schema.Catalog;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>
/// Finds the constraints, indexes, statistics objects and sequences whose names the server made of a name that was
/// changed: <c>users_mail_key</c> becomes <c>users_email_key</c> where the desired schema has that. Pure.
/// </summary>
internal sealed class DerivedRenames
{
    private readonly NameIndex _renamed;
    private readonly NameIndex _desired;
    private readonly Dictionary<string, (string OldName, Dictionary<string, string> OldColumns, RenameHintSource Hint)>
        _tables = new(StringComparer.Ordinal);

    private DerivedRenames(NameIndex renamed, NameIndex desired)
    {
        _renamed = renamed;
        _desired = desired;
    }

    /// <summary>The renames that follow from other renames.</summary>
    /// <param name="renamed">The schema after them.</param>
    /// <param name="desired">The desired schema.</param>
    /// <param name="made">The renames that were made.</param>
    public static IReadOnlyList<ResolvedRename> Find(
        NameIndex renamed, NameIndex desired, IReadOnlyList<ResolvedRename> made)
    {
        var finder = new DerivedRenames(renamed, desired);
        finder.TakeTables(made);
        finder.TakeColumns(made);
        var found = finder.FindMultiranges(made).ToList();
        foreach (var (table, (oldName, oldColumns, hint)) in finder._tables)
        {
            var wanted = MembersOf(desired, table, renamed).ToList();
            foreach (var old in MembersOf(renamed, table, desired))
            {
                if (wanted.Find(w => SameObject.ApartFromName(old.Entry, w.Entry)
                    && finder.IsDerived(old, w, oldName, oldColumns)) is { } match)
                {
                    wanted.Remove(match);
                    found.Add(new ResolvedRename(old, match, hint));
                }
            }
        }

        return found;
    }

    private IEnumerable<ResolvedRename> FindMultiranges(IEnumerable<ResolvedRename> made) =>
        from rename in made.Where(r => r.Old.Kind == "range type")
        from old in OfRange(_renamed, rename.New, DerivedName.Multirange(rename.Old.Name))
        from wanted in OfRange(_desired, rename.New, DerivedName.Multirange(rename.New.Name))
        select new ResolvedRename(old, wanted, rename.Hint);

    private static IEnumerable<NamedObject> OfRange(NameIndex side, NamedObject range, string name) => side
        .Find([range.Path[0], name], NamedObject.Multirange).Where(o => o.Entry.Identity == range.Entry.Identity);

    private void TakeTables(IEnumerable<ResolvedRename> made)
    {
        foreach (var rename in made.Where(r => r.Old.Kind is "table" or "foreign table" or "materialized view"))
        {
            _tables[rename.New.Entry.Identity] = (rename.Old.Name, [], rename.Hint);
        }
    }

    private void TakeColumns(IReadOnlyList<ResolvedRename> made)
    {
        var columns = made.Where(r => r.Old.Kind is "column").ToList();
        if (columns.Count == 0)
        {
            return;
        }

        var children = _renamed.Snapshot.Objects.SelectMany(ParentsOf).ToLookup(p => p.Parent, p => p.Child);
        foreach (var rename in columns)
        {
            var work = new Stack<CatalogObject>([rename.New.Entry.Parent!]);
            while (work.TryPop(out var table))
            {
                if (!_tables.TryGetValue(table.Identity, out var known))
                {
                    _tables[table.Identity] = known = (table.Name, [], rename.Hint);
                }

                if (known.OldColumns.TryAdd(rename.New.Name, rename.Old.Name))
                {
                    foreach (var child in children[table.Identity])
                    {
                        work.Push(child);
                    }
                }
            }
        }
    }

    private static IEnumerable<(string Parent, CatalogObject Child)> ParentsOf(CatalogObject entry) => entry.Kind switch
    {
        "partition" => [(entry["parent"]!, entry.Parent!)],
        "table" or "foreign table" => (entry["parents"]?.Split(", ") ?? []).Select(p => (p, entry)),
        _ => [],
    };

    // What belongs to the table on one side and is not there under this name on the other.
    private static IEnumerable<NamedObject> MembersOf(NameIndex side, string table, NameIndex other) =>
        side.All.Where(o => o.Kind is "constraint" or "index" or "statistics" or "sequence"
            && TableOf(side, o) == table && other.Snapshot.Find(o.Entry.Key) is null);

    private static string? TableOf(NameIndex side, NamedObject entry) => entry.Kind == "sequence"
        ? ColumnOf(side, entry)?.Parent!.Identity
        : entry.Entry.Parent?.Identity;

    private static CatalogObject? ColumnOf(NameIndex side, NamedObject sequence) =>
        side.Snapshot.Find(new ObjectKey("sequence owner", sequence.Entry.Identity))?["owned_by"] is { } column
            ? side.Snapshot.Find(new ObjectKey("column", column))
            : null;

    private bool IsDerived(
        NamedObject old, NamedObject wanted, string oldTable, Dictionary<string, string> oldColumns)
    {
        var table = wanted.Kind == "sequence" ? ColumnOf(_desired, wanted)!.Parent! : wanted.Entry.Parent!;
        if (wanted.Kind == "sequence" && ColumnOf(_renamed, old)?.Identity != ColumnOf(_desired, wanted)?.Identity)
        {
            return false;
        }

        var label = LabelOf(wanted.Entry);
        return ColumnsOf(wanted, table).Any(columns =>
        {
            var before = columns.Select(c => oldColumns.GetValueOrDefault(c, c)).ToList();
            return DerivedName.Variants(table.Name, DerivedName.Join(columns), label).Contains(wanted.Name)
                && DerivedName.Variants(oldTable, DerivedName.Join(before), label).Contains(old.Name);
        });
    }

    private static string LabelOf(CatalogObject entry) => entry.Kind switch
    {
        "index" => "idx",
        "sequence" => "seq",
        "statistics" => "stat",
        _ => entry["type"] switch { "p" => "pkey", "u" => "key", "x" => "excl", "f" => "fkey", _ => "check" },
    };

    // A check has the name of a column when it is about one only.
    private IEnumerable<IReadOnlyList<string>> ColumnsOf(NamedObject entry, CatalogObject table) => entry.Kind switch
    {
        "sequence" => [[ColumnOf(_desired, entry)!.Name]],
        "constraint" when entry.Entry["type"] == "p" => [[]],
        "constraint" when entry.Entry["type"] == "c" => _desired.All
            .Where(o => o.Kind == "column" && o.Entry.Parent!.Identity == table.Identity)
            .Select(o => (IReadOnlyList<string>)[o.Name]).Prepend([]),
        _ => [ListedColumns.Of(entry.Entry["definition"] ?? "", entry.Kind == "statistics")],
    };
}
