using System.Text.RegularExpressions;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>dbmate: numbered files with <c>-- migrate:up</c> and <c>-- migrate:down</c>.</summary>
internal sealed partial class DbmateFormat : MigrationFormat
{
    public static DbmateFormat Instance { get; } = new();

    public override string Name => "dbmate";

    public override bool RunsEmptyDown => true;

    public override FormatReading Read(FolderListing folder, bool allowUnversioned) =>
        NativeFormat.Instance.Read(folder, allowUnversioned);

    // The word stands in directives of ours, too.
    public override FormatRules RulesFor(FormatFile file) => new()
    {
        Marks = ["migrate:", "migrate :", "migrate\t:"],
        OwnMark = "migrate:",
    };

    public override FileParts Divide(SqlSource source, SqlSplit split, FormatFile file)
    {
        var own = split.Comments.ToLookup(comment => AlmostMark().IsMatch(LineOf(source, comment)));
        var header = FileOutline.Of(source, split with { Comments = [.. own[false]] }, RulesFor(file)).Header;
        var problems = new List<MigrationProblem>(header.Problems);
        var marks = Mark().Matches(source.Text);
        var up = Find(marks, "up", source, problems);
        var down = Find(marks, "down", source, problems);
        foreach (var mark in new[] { up, down }.OfType<Match>())
        {
            CheckPlace(source, split, mark, problems);
        }

        var unseen = FindUnseen(source, own[true], marks).ToList();
        problems.AddRange(unseen);
        if (up is null && unseen.Count > 0)
        {
            // What is missing is most likely one of them.
            return new FileParts(default) { Problems = problems };
        }

        if (up is null || down?.Index < up.Index)
        {
            problems.Add(source.Problem("SectionMissing", "'-- migrate:up' has to stand first. Write it above what is to "
                + "be applied.", down?.Index ?? 0));
            return new FileParts(default) { Problems = problems };
        }

        if (split.PiecesIn(new SqlRange(0, up.Index)).Any(piece =>
            piece.Kind is SqlPieceKind.Statement or SqlPieceKind.PsqlCommand))
        {
            problems.Add(source.Problem("TextBeforeUp",
                "A statement stands before '-- migrate:up' and would never run. Move it below.", up.Index));
        }

        var length = source.Text.Length;
        return new FileParts(new SqlRange(up.Index + up.Length, down?.Index ?? length))
        {
            Down = down is null ? null : new SqlRange(down.Index + down.Length, length),
            UpTransaction = TransactionOf(up, source, problems) ?? header.Transaction,
            DownTransaction = (down is null ? null : TransactionOf(down, source, problems)) ?? header.Transaction,
            AllowsOutOfOrder = header.AllowsOutOfOrder,
            Problems = problems,
        };
    }

    private static Match? Find(
        MatchCollection marks, string direction, SqlSource source, List<MigrationProblem> problems)
    {
        var found = marks.Where(mark => mark.Groups["direction"].Value == direction).ToList();
        problems.AddRange(found.Skip(1).Select(mark => source.Problem("SectionDuplicate",
            $"A second 'migrate:{direction}', which dbmate takes for a comment. A file has one at most.", mark.Index)));
        return found.FirstOrDefault();
    }

    // dbmate reads on over what is not a mark to the letter, and what was meant for DOWN would be applied.
    private static IEnumerable<MigrationProblem> FindUnseen(
        SqlSource source, IEnumerable<SqlComment> own, MatchCollection marks)
    {
        var seen = marks.Select(mark => mark.Index).ToHashSet();
        return own.Where(comment => !comment.InsideStatement && !seen.Contains(comment.Offset)).Select(comment =>
            Mark().IsMatch(LineOf(source, comment))
                ? source.Problem("AnnotationIndented",
                    "dbmate sees a mark only at the very start of its line. Move it there.", comment.Offset)
                : source.Problem("DirectiveUnknown", $"'{LineOf(source, comment).Trim()}' is none of dbmate's marks: "
                    + "'-- migrate:up' and '-- migrate:down', alone or with transaction:false behind. Write one of them, "
                    + "or word the comment differently.", comment.Offset));
    }

    private static ReadOnlySpan<char> LineOf(SqlSource source, SqlComment comment) =>
        source.Text.AsSpan(comment.Offset, comment.Length);

    private static void CheckPlace(SqlSource source, SqlSplit split, Match mark, List<MigrationProblem> problems)
    {
        var comment = split.Comments.Where(comment => comment.Offset == mark.Index).Cast<SqlComment?>()
            .FirstOrDefault();
        if (comment is null)
        {
            problems.Add(source.Problem("AnnotationInsideStatement", "dbmate would take this line of a text or a function "
                + "for the start of a part. Word it differently.", mark.Index));
        }
        else if (comment.Value.InsideStatement)
        {
            problems.Add(source.Problem("SectionInsideStatement",
                "The statement before this line has no end. Write its ';'.", mark.Index));
        }
    }

    private static ScriptTransaction? TransactionOf(Match mark, SqlSource source, List<MigrationProblem> problems)
    {
        ScriptTransaction? transaction = null;
        foreach (var option in mark.Groups["options"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            switch (option)
            {
                case "transaction:false":
                    transaction = ScriptTransaction.None;
                    break;
                case "transaction:true":
                    transaction = ScriptTransaction.Wrapped;
                    break;
                default:
                    problems.Add(source.Problem("DirectiveUnknown",
                        $"'{option}' is not understood. Known are transaction:false and transaction:true.", mark.Index));
                    break;
            }
        }

        return transaction;
    }

    [GeneratedRegex(@"^-+\s*migrate[ \t]?:", RegexOptions.IgnoreCase)]
    private static partial Regex AlmostMark();

    // A line starts and ends at a lone CR, too.
    [GeneratedRegex(@"(?<![^\n\r])--[ \t]*migrate:(?<direction>up|down)(?:[ \t]+(?<options>[^\n\r]*?))?[ \t]*(?![^\n\r])")]
    private static partial Regex Mark();
}
