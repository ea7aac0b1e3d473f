using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>
/// Lines that count in a migration's own file alone. All of a file is taken in, whatever such a line in it says: its DOWN
/// part would run with the rest. Pure.
/// </summary>
internal static class IncludedMarks
{
    /// <summary>The script, with a problem for each such line in the files that a section takes in.</summary>
    public static SqlScript Refuse(SqlScript script, LargeRules rules, SectionKind section)
    {
        var included = script.Statements.Select(statement => statement.Source).OfType<SqlSource>()
            .Where(source => source.FilePath != script.Source.FilePath).Distinct().ToList();
        var marks = included.SelectMany(source => SqlSplitter.Split(source.Text).LineComments
            .Where(comment => !comment.InsideStatement && IsMark(source, comment))
            .Select(comment => source.Problem(
                "IncludeInvalid",
                "Sections, needs and directives count in the migration's own file, and this file is taken in by one. Write "
                    + "what is needed of it there and delete the line here, or word the comment differently.",
                comment.Offset))).ToList();
        return marks.Count == 0 ? script : script with { Problems = [.. script.Problems, .. marks] };

        bool IsMark(SqlSource source, SqlLineComment comment)
        {
            var header = new MigrationHeader();
            if (rules.HasHeader)
            {
                header.Add(source, comment);
            }
            else
            {
                header.AddDirective(source, comment);
            }

            // What a DOWN part takes in may say that it is one.
            return header.IsAddressed || (rules.HasSections
                && MigrationSections.ReadMarker(source.Text, comment) is { } kind
                && (section == SectionKind.Up || kind == SectionKind.Up));
        }
    }
}
