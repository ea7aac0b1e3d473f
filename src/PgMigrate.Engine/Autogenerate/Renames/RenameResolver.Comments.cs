using PgMigrate.Errors;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate.Renames;

/// <content>Hints that are comments in the desired SQL, where they stay for ever.</content>
internal sealed partial class RenameResolver
{
    private readonly List<(RenameHintSource Hint, NamedObject Old, NamedObject There)> _ignored = [];

    private void AddComment(SchemaRename comment, List<(int Level, Action Resolve)> steps)
    {
        var hint = new RenameHintSource($"renamed-from {comment.OldName}", comment.Place);
        var made = comment.Made;
        string?[] owner = made.Table is { } table ? [table.Schema ?? comment.Schema, table.Name]
            : IsGlobal(made.Class) ? [] : [comment.Schema];
        var path = owner.OfType<string>().Append(made.Name.Name).ToList();
        if (comment.Part is { } part)
        {
            path.Add(part);
        }

        var found = desired.Find(path, kind => comment.Part is null
            ? IsOfClass(kind, made.Class)
            : kind is "column" or "view column" or "constraint" or NamedObject.Label or NamedObject.Attribute);
        if (found is [var wanted])
        {
            steps.Add((wanted.Path.Count, () => ResolveComment(hint, wanted, comment)));
        }
        else
        {
            Refuse(
                hint,
                ErrorCodes.SchemaRenameAmbiguous,
                found.Count == 0
                    ? "no object that can be renamed stands beside this comment. Move it, or use -Rename."
                    : $"the comment can be about {string.Join(", ", found)}. Say it with -Rename, once.");
        }
    }

    private void ResolveComment(RenameHintSource hint, NamedObject wanted, SchemaRename comment)
    {
        var now = _paths.OldPathOf(wanted);
        var owner = comment.OldName.Schema is { } schema && comment.Part is null && wanted.Path.Count == 2
            ? [schema]
            : now.SkipLast(1);
        // An overload with other arguments is another function; a type of one may have been renamed.
        var old = current.Find([.. owner, comment.OldName.Name], wanted.Kind, wanted.Arguments)
            .Where(o => ArgumentsOf(o) == ArgumentsOf(wanted)).ToList();
        var there = current.Find(now, wanted.Kind, wanted.Arguments);
        if (old.Count == 0)
        {
            if (there.Count == 0)
            {
                _warnings.Add(hint.Problem(
                    ErrorCodes.SchemaRenameUnused,
                    $"the current schema has neither this name nor {wanted.Text}, which is created.",
                    ProblemSeverity.Warning));
            }
        }
        else if (old.Count > 1)
        {
            Refuse(
                hint,
                ErrorCodes.SchemaRenameAmbiguous,
                $"this can be {string.Join(" or ", old)}. Say it with -Rename, once.");
        }
        else if (there.Count == 0 || desired.Find(_paths.NewPathOf(old[0]), old[0].Kind, old[0].Arguments).Count == 0)
        {
            Add(hint, old[0], wanted);
        }
        else
        {
            _ignored.Add((hint, old[0], there[0]));
        }
    }

    private static int ArgumentsOf(NamedObject entry) =>
        entry.Arguments is { Length: > 0 } types ? types.Split(", ").Length : 0;

    // Names that are there before and after: such a comment has been followed, or the old name has a new object.
    private void RefuseSwapsOfComments()
    {
        foreach (var (hint, old, there) in _ignored.Where(one =>
            _ignored.Exists(other => other.Old == one.There && other.There == one.Old)))
        {
            Refuse(
                hint,
                ErrorCodes.SchemaRenameConflict,
                $"the comments swap {old.Text} and {there.Text}, and a schema does not tell whether that was done. Say "
                    + "it with -Rename, once, and delete the comments.");
        }
    }

    private static bool IsGlobal(string kind) => kind is "SCHEMA" or "EXTENSION" or "LANGUAGE" or "ACCESS METHOD"
        or "FOREIGN DATA WRAPPER" or "SERVER" or "PUBLICATION" or "EVENT TRIGGER";

    private static bool IsOfClass(string kind, string made) => made switch
    {
        "relation" => kind is "table" or "foreign table" or "view" or "materialized view" or "sequence" or "index",
        "type" => kind is "enum" or "domain" or "composite type" or "range type" or "base type",
        "routine" => kind is "function" or "procedure" or "aggregate",
        _ => string.Equals(kind, made, StringComparison.OrdinalIgnoreCase),
    };
}
