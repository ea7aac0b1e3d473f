using PgMigrate.Errors;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>What a comment of a desired schema says an object was called before.</summary>
/// <param name="Made">The object, as its statement names it.</param>
/// <param name="Schema">Its schema, where the statement or the settings of its place tell.</param>
/// <param name="Part">A column, an attribute or a value of it; null when the object itself is meant.</param>
/// <param name="OldName">The former name.</param>
/// <param name="Place">Where the comment is.</param>
internal sealed record SchemaRename(
    DesiredObject Made, string? Schema, string? Part, RelationName OldName, MigrationProblem Place);

/// <summary>Finds such comments beside their objects; pure.</summary>
internal sealed class RenameReader
{
    private readonly List<(SqlSource Source, DesiredObject Made, string? Part, RelationName OldName, int Offset)>
        _found = [];

    private readonly List<MigrationProblem> _problems = [];

    /// <summary>Comments that cannot be understood.</summary>
    public IReadOnlyList<MigrationProblem> Problems => _problems;

    /// <summary>Reads a text and those that it includes.</summary>
    public static RenameReader Read(SqlSource source)
    {
        var reader = new RenameReader();
        foreach (var text in SchemaFiles.WithIncluded(source)
            .Where(text => text.Text.Contains("renamed-from", StringComparison.OrdinalIgnoreCase)))
        {
            reader.Take(text, ScriptReader.Read(text));
        }

        return reader;
    }

    /// <summary>The renames of the statements that are loaded.</summary>
    public IEnumerable<(SchemaRename Rename, LoadStatement Statement)> Of(IEnumerable<LoadStatement> statements)
    {
        var byOffset = statements.GroupBy(one => (one.Statement.Source!.FilePath, one.Statement.Source.FileName))
            .ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (source, made, part, oldName, offset) in _found)
        {
            if (byOffset.GetValueOrDefault((source.FilePath, source.FileName))
                ?.Find(one => one.Desired.Made == made) is { } statement)
            {
                yield return (
                    new SchemaRename(made, made.Name.Schema, part, oldName, source.Problem("", "", offset)), statement);
            }
        }
    }

    private void Take(SqlSource source, List<ScriptElement> elements)
    {
        for (var i = 0; i < elements.Count; i++)
        {
            if (elements[i] is not ScriptElement.Comment comment || RenameHint.Read(comment.Text) is not { } hint)
            {
                continue;
            }

            var offset = comment.Value.Offset;
            var (statement, made) = FindStatement(source, elements, i);
            var part = made is not null && comment.Value is { InsideStatement: true, Depth: > 0 }
                ? RenameHint.PartAt(statement!.Text, offset - statement.Offset, statement.StandardStrings)
                : null;
            if (!hint.IsValid || made is null || part is "")
            {
                _problems.Add(source.Problem(
                    ErrorCodes.DirectiveUnknown,
                    hint.IsValid
                        ? "This comment tells a former name, and nothing with a name is beside it. Write it on the "
                            + "line of the column or the constraint, or on the line before CREATE."
                        : "This comment tells a former name, and what follows 'renamed-from' is not one name. Write it "
                            + "as SQL does: mail, \"Mail\" or app.users.",
                    offset));
                continue;
            }

            _found.Add((source, made, part, hint.Name, offset));
        }
    }

    // The statement around a comment; else the one that ends on its line; else the next one.
    private static (SqlStatement? Statement, DesiredObject? Made) FindStatement(
        SqlSource source, List<ScriptElement> elements, int comment)
    {
        var offset = ((ScriptElement.Comment)elements[comment]).Value.Offset;
        var before = elements.Take(comment).OfType<ScriptElement.Statement>().LastOrDefault();
        var chosen = before is not null && EndOf(before) >= source.LineStart(offset)
            ? before
            : elements.Skip(comment).OfType<ScriptElement.Statement>().FirstOrDefault();
        return chosen is null
            ? default
            : (chosen.Value, DesiredReader.Read(chosen.Value.Text, chosen.Value.StandardStrings).Made);
    }

    private static int EndOf(ScriptElement.Statement statement) => statement.Place.Offset + statement.Place.Length;
}
