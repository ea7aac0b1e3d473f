using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>
/// Lines that count in a migration's own file alone. All of a file is taken in, whatever such a line in it says: its DOWN
/// part would run with the rest. Pure.
/// </summary>
internal static class IncludedMarks
{
    /// <summary>The script, with a problem for each such line in the files that a section takes in.</summary>
    public static SqlScript Refuse(SqlScript script, FormatRules rules, SectionKind section)
    {
        var included = script.Statements.Select(statement => statement.Source).OfType<SqlSource>()
            .Where(source => source.FilePath != script.Source.FilePath).Distinct().ToList();
        var problems = included.SelectMany(source => FindIn(source, rules, section)).ToList();
        return problems.Count == 0 ? script : script with { Problems = [.. script.Problems, .. problems] };
    }

    private static IEnumerable<MigrationProblem> FindIn(SqlSource source, FormatRules rules, SectionKind section)
    {
        var split = SqlSplitter.Split(source.Text);
        var refused = split.Comments
            .Where(comment => !comment.InsideStatement && IsMark(source, comment, rules, section))
            .Select(comment => source.Problem(
                "IncludeInvalid",
                "Sections, needs and directives count in the migration's own file, and this file is included by one. Write "
                    + "what is needed of it there and delete the line here, or reword the comment.",
                comment.Offset));
        // What a DOWN part includes is DOWN whatever its comments say.
        return section == SectionKind.Down
            ? refused
            : refused.Concat(FileOutline.Of(source, split, rules).Problems
                .Where(problem => problem.Code == "SectionMarkerUnclear"));
    }

    private static bool IsMark(SqlSource source, SqlComment comment, FormatRules rules, SectionKind section)
    {
        var header = new MigrationHeader();
        header.Add(source, comment, rules);
        // What a DOWN part includes may say that it is one.
        return header.IsAddressed || (rules.HasSections
            && CommentHeading.Read(source, comment) is { Form: HeadingForm.Marker } heading
            && (section == SectionKind.Up || heading.Kind == SectionKind.Up));
    }
}
