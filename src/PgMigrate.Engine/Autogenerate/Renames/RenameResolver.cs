using PgMigrate.Errors;
using PgMigrate.Schema.Ddl;
using PgMigrate.Scratch;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>Finds the objects that hints are about: the old one in the current schema, the new one in the desired one;
/// pure.</summary>
/// <param name="current">The names of the current schema.</param>
/// <param name="desired">The names of the desired schema.</param>
/// <param name="historySchema">The schema of the tracking table, which has to keep its name.</param>
internal sealed partial class RenameResolver(NameIndex current, NameIndex desired, string historySchema)
{
    private const string Example = "app.users.mail, \"App\".\"Users\", app.f(integer) or app.mood.'sad'";
    private readonly List<ResolvedRename> _renames = [];
    private readonly List<MigrationProblem> _problems = [];
    private readonly List<MigrationProblem> _warnings = [];
    private readonly RenamePaths _paths = new();

    /// <summary>The renames that are to be made.</summary>
    public IReadOnlyList<ResolvedRename> Renames => _renames;

    /// <summary>Hints that cannot be followed.</summary>
    public IReadOnlyList<MigrationProblem> Problems => _problems;

    /// <summary>Hints that are not followed, and need not be.</summary>
    public IReadOnlyList<MigrationProblem> Warnings => _warnings;

    /// <summary>The renames, for names before and after them.</summary>
    public RenamePaths Paths => _paths;

    /// <summary>
    /// What the schema of a desired object is called while objects are moved: schemas are renamed last.
    /// </summary>
    public string? SchemaBefore(NamedObject wanted) =>
        _renames.Find(r => r.New.Kind == "schema" && r.New.QuotedName == wanted.Schema)?.Old.QuotedName
            ?? wanted.Schema;

    /// <summary>Resolves the pairs of -Rename and the comments. A table comes before its columns.</summary>
    public void Resolve(IEnumerable<KeyValuePair<string, string>> asked, IEnumerable<SchemaRename> comments)
    {
        var steps = new List<(int Level, Action Resolve)>();
        foreach (var (from, to) in asked)
        {
            AddAsked(from, to, steps);
        }

        foreach (var comment in comments)
        {
            AddComment(comment, steps);
        }

        foreach (var (_, resolve) in steps.OrderBy(s => s.Level))
        {
            resolve();
        }

        RefuseSwapsOfComments();
        RefuseExisting();
    }

    private void AddAsked(string from, string to, List<(int Level, Action Resolve)> steps)
    {
        var hint = new RenameHintSource($"-Rename '{from}' = '{to}'", null);
        if (WrittenName.Parse(from) is not { } oldName || WrittenName.Parse(to) is not { } newName)
        {
            var wrong = WrittenName.Parse(from) is null ? from : to;
            Refuse(hint, ErrorCodes.SchemaRenameInvalid, $"'{wrong}' is no name. Write it as SQL does: {Example}.");
            return;
        }

        var found = current.Find(oldName);
        if (found.Count != 1)
        {
            RefuseUnclear(hint, oldName, newName, found);
            return;
        }

        steps.Add((found[0].Path.Count, () => ResolveAsked(hint, found[0], newName)));
    }

    private void RefuseUnclear(
        RenameHintSource hint, WrittenName from, WrittenName to, IReadOnlyList<NamedObject> found)
    {
        if (found.Count > 1)
        {
            Refuse(hint, ErrorCodes.SchemaRenameAmbiguous, Ways(found));
        }
        else if (current.Find(to).Count > 0)
        {
            Refuse(
                hint,
                ErrorCodes.SchemaRenameNotFound,
                "the current schema has the new name and not the old one: the rename has been applied. Leave it out.");
        }
        else if (current.Snapshot.Objects.FirstOrDefault(o => o.Kind == "column"
            && o["identity_name"] == string.Join('.', from.Parts)) is { } column)
        {
            Refuse(
                hint,
                ErrorCodes.SchemaRenameInvalid,
                $"this is the sequence of the identity column {column.Identity}, which is renamed with its column and "
                    + "its table. Leave it out.");
        }
        else
        {
            Refuse(
                hint,
                ErrorCodes.SchemaRenameNotFound,
                $"the current schema has no {Written(from)}. Write the name that the object has before the rename"
                    + (from.Arguments is null ? "." : ", with the types of its arguments as PostgreSQL writes them."));
        }
    }

    private void ResolveAsked(RenameHintSource hint, NamedObject old, WrittenName to)
    {
        var path = to.Parts.Count == 1 && old.Path.Count > 1
            ? [.. _paths.NewPathOf(old).SkipLast(1), to.Parts[0]]
            : to.Parts;
        var found = desired.Find(to with { Parts = path, Kind = null }).Where(o => o.Kind == old.Kind).ToList();
        if (found.Count > 1 && found.FindAll(o => o.Arguments == old.Arguments) is { Count: 1 } same)
        {
            found = same;
        }

        if (found is [var only])
        {
            Add(hint, old, only);
            return;
        }

        if (found.Count > 1)
        {
            Refuse(hint, ErrorCodes.SchemaRenameAmbiguous, Ways(found));
            return;
        }

        var others = desired.Find(to with { Parts = path, Kind = null });
        Refuse(
            hint,
            ErrorCodes.SchemaRenameNotFound,
            others is not [var other, ..]
                ? $"the desired schema has no {old.Kind} {Written(to)}. Write the new name into its SQL as well."
                : $"{old.Text} is a {old.Kind}, and {other.Text} is a {other.Kind}: a rename keeps the kind. Leave it "
                    + "out.");
    }

    private void Add(RenameHintSource hint, NamedObject old, NamedObject wanted)
    {
        if (_renames.Find(r => r.Old == old || r.New == wanted) is { } other)
        {
            if (other.Old != old || other.New != wanted)
            {
                Refuse(
                    hint,
                    ErrorCodes.SchemaRenameConflict,
                    $"{(other.Old == old ? old : wanted)} has two renames; the other one is {other.Hint.Text}. Keep "
                        + "one.");
            }
        }
        else if (WhyNot(old, wanted) is { } reason)
        {
            Refuse(hint, ErrorCodes.SchemaRenameInvalid, reason);
        }
        else if (old.Text != wanted.Text)
        {
            var rename = new ResolvedRename(old, wanted, hint);
            _renames.Add(rename);
            _paths.Add(rename);
        }
        else if (!hint.IsComment)
        {
            Refuse(hint, ErrorCodes.SchemaRenameInvalid, "both names are the same. Leave it out.");
        }
    }

    private string? WhyNot(NamedObject old, NamedObject wanted) =>
        !RenameText.CanRename(old.Kind)
            ? $"PostgreSQL cannot rename a {old.Kind}. Leave it out, and write DROP and CREATE as a migration."
        : old.Kind == "schema" && old.Name == historySchema
            ? $"the schema {old.Text} has the tracking table of PgMigrate and has to keep its name. Leave it out."
        : old.Kind == "column" && !old.Entry.Is("is_local")
            ? "the column comes from the parent of its table. Rename it there: the others follow."
        : old.Kind == "column" && old.Entry.Parent!["of_type"] is { } type
            ? $"the column comes from the type of its table. Rename the attribute of {type}: the column follows."
        : old.Path.Count == 3 && !_paths.NewPathOf(old).SkipLast(1).SequenceEqual(wanted.Path.SkipLast(1))
            ? $"a {old.Kind} stays in its table or type. Write the rename of that as well, when it has one."
        : null;

    // Only a swap or a chain of renames can free a name that the current schema has.
    private void RefuseExisting()
    {
        foreach (var rename in _renames.ToList())
        {
            var there = current.Find(_paths.OldPathOf(rename.New), rename.New.Kind, rename.New.Arguments);
            if (there is [var taken] && taken != rename.Old && _renames.TrueForAll(r => r.Old != taken)
                && rename.Old.Arguments == taken.Arguments)
            {
                _renames.Remove(rename);
                Refuse(
                    rename.Hint,
                    ErrorCodes.SchemaRenameConflict,
                    $"the current schema has {rename.Old.Text} and {taken.Text}. Drop or rename {taken.Text} in a "
                        + "migration of its own first, or leave the rename out.");
            }
        }
    }

    private static string Written(WrittenName name) =>
        $"{name.Kind} {string.Join('.', name.Parts)}{(name.Arguments is { } types ? $"({types})" : "")}".TrimStart();

    private static string Ways(IReadOnlyList<NamedObject> found) => found.Select(o => o.Text).Distinct().Count() > 1
        ? $"this can be {string.Join(" or ", found.Select(o => o.Text))}. Write one of them."
        : $"this can be a {string.Join(" or a ", found.Select(o => o.Kind))}. Write the kind in front: "
            + $"'{found[0]}' or '{found[1]}'.";

    private void Refuse(RenameHintSource hint, string code, string message) =>
        _problems.Add(hint.Problem(code, message));
}
