using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>
/// Lines that count only in a migration's own file. An included file is included completely, whatever its lines say:
/// its DOWN part would run with the rest. Pure.
/// </summary>
internal static class IncludedMarks
{
    /// <summary>A problem for each such line of a file that a section includes.</summary>
    public static IEnumerable<MigrationProblem> FindIn(
        IReadOnlyList<ScriptElement> included, FormatRules rules, ScriptPartKind section)
    {
        var refused = included.OfType<ScriptElement.Comment>()
            .Where(comment => !comment.Value.InsideStatement && IsMark(comment, rules, section))
            .Select(comment => comment.Source.Problem(
                ErrorCodes.IncludeInvalid,
                "Sections, dependencies and directives count only in the migration's own file, and this file is "
                + "included by one. Move the line there if it is needed, and delete it here, or reword the comment.",
                comment.Value.Offset));
        // A file that a DOWN part includes is DOWN whatever its comments say.
        return section == ScriptPartKind.Down
            ? refused
            : refused.Concat(FileOutline.Of(included, rules).Problems
                .Where(problem => problem.Code == ErrorCodes.SectionMarkerUnclear));
    }

    private static bool IsMark(ScriptElement.Comment comment, FormatRules rules, ScriptPartKind section)
    {
        var header = new MigrationHeader();
        header.Add(comment.Source, comment.Value, rules);
        // A file that a DOWN part includes may say that it is DOWN.
        return header.IsAddressed || (rules.HasSections
            && CommentHeading.Read(comment.Source, comment.Value) is { Form: HeadingForm.Marker } heading
            && (section == ScriptPartKind.Up || heading.Kind == ScriptPartKind.Up));
    }
}
