using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>
/// Finds objects that are dropped beside objects that are created and the same apart from the name; pure.
/// </summary>
internal static class LikelyRenames
{
    /// <summary>A warning for each, with the argument that makes it a rename.</summary>
    /// <param name="current">The current schema, after the renames that were asked for.</param>
    /// <param name="desired">The desired schema.</param>
    /// <param name="paths">Those renames: the argument has the names before them.</param>
    public static IReadOnlyList<MigrationProblem> Find(Snapshot current, Snapshot desired, RenamePaths paths)
    {
        var dropped = Missing(current, desired).ToList();
        if (dropped.Count == 0)
        {
            return [];
        }

        var made = Missing(desired, current).ToLookup(PlaceOf);
        var contents = (Old: ContentsOf(current), New: ContentsOf(desired));
        var used = new HashSet<CatalogObject>();
        var warnings = new List<MigrationProblem>();
        foreach (var old in dropped)
        {
            var match = made[PlaceOf(old)].FirstOrDefault(wanted => !used.Contains(wanted.Entry)
                && IsAlike(old.Entry, wanted.Entry, contents.Old, contents.New));
            if (match is not null)
            {
                used.Add(match.Entry);
                warnings.Add(Warn(old, match, paths));
            }
        }

        return warnings;
    }

    // What one side has under its name and the other has not, in something that both have.
    private static IEnumerable<NamedObject> Missing(Snapshot side, Snapshot other)
    {
        var owned = side.Objects.Where(o => o.Kind == "sequence owner").Select(o => o.Parent).ToHashSet();
        return side.Objects
            .Where(o => other.Find(o.Key) is null && o.Kind != "view column" && RenameText.CanRename(o.Kind)
                && !RuleBook.Rule(o).IsFollower(o) && !owned.Contains(o)
                && (o.Parent is null || other.Find(o.Parent.Key) is not null))
            .SelectMany(NamedObject.Of).Where(o => !o.IsPartOfType);
    }

    private static (string Kind, string? Owner) PlaceOf(NamedObject entry) =>
        (entry.Kind, entry.Entry.Parent?.Identity ?? entry.Entry.Schema);

    private static ILookup<string, string> ContentsOf(Snapshot snapshot) => snapshot.Objects
        .Where(o => o.Kind == "column" || o.Parent?.Kind == "schema")
        .ToLookup(
            o => o.Kind == "column" ? o.Parent!.Identity : "schema " + o.Parent!.Identity,
            o => o.Kind == "column" ? $"{o.QuotedName} {o["type"]}" : $"{o.Kind} {o.QuotedName}",
            StringComparer.Ordinal);

    private static bool IsAlike(
        CatalogObject old,
        CatalogObject wanted,
        ILookup<string, string> contents,
        ILookup<string, string> newContents) =>
        old.Kind switch
        {
            "column" => old["type"] == wanted["type"] && old["generated"] == wanted["generated"],
            "schema" => HaveSame(contents["schema " + old.Identity], newContents["schema " + wanted.Identity]),
            "table" or "foreign table" => HaveSame(contents[old.Identity], newContents[wanted.Identity]),
            _ => old.AttributeNames.Count > 0 && SameObject.ApartFromName(old, wanted),
        };

    private static bool HaveSame(IEnumerable<string> one, IEnumerable<string> other)
    {
        var set = one.ToHashSet(StringComparer.Ordinal);
        return set.Count > 0 && set.SetEquals(other);
    }

    private static MigrationProblem Warn(NamedObject old, NamedObject wanted, RenamePaths paths)
    {
        var from = Write([.. paths.OldPathOf(old)], old.Arguments);
        return new MigrationProblem
        {
            Code = ErrorCodes.SchemaRenameLikely,
            Severity = nameof(ProblemSeverity.Warning),
            Message = $"The {old.Kind} {from} is dropped and {wanted.Text} is created, which looks like a rename. "
                + $"If it is one, add -Rename @{{ {Argument(from)} = {Argument(wanted.Text)} }}.",
        };
    }

    private static string Argument(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Write(IReadOnlyList<string> path, string? arguments) =>
        string.Join('.', path.Select(SqlIdentifier.QuoteWhereNeeded)) + (arguments is null ? "" : $"({arguments})");
}
