using System.Text.RegularExpressions;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>goose: numbered files with annotations, <c>-- +goose Up</c> and the others.</summary>
internal sealed partial class GooseFormat : MigrationFormat
{
    public static GooseFormat Instance { get; } = new();

    public override string Name => "goose";

    public override bool RunsEmptyDown => true;

    /// <summary>Migrations written in Go, which only goose can run.</summary>
    public static IEnumerable<MigrationProblem> FindGoFiles(FolderListing folder) => folder.Files
        .Where(name => GoFile().IsMatch(name) && !name.EndsWith("_test.go", StringComparison.Ordinal))
        .Select(name => Problem(folder, name, "FileFormatNotSupported",
            "This migration is written in Go and cannot be run here. Write it in SQL, or run the folder with goose."));

    public override FormatReading Read(FolderListing folder, bool allowUnversioned) =>
        NativeFormat.Instance.Read(folder, allowUnversioned);

    public override string TextToSplit(string text) => EndStatements(text, isAtEnd: true);

    public override FormatRules RulesFor(FormatFile file) => new()
    {
        Marks = ["+goose", "pgmigrate:"],
        OwnMark = "+goose",
        TextToSplit = EndStatements,
    };

    /// <summary>
    /// StatementEnd ends a statement that has no semicolon, too. A line that the text cuts off may be another.
    /// </summary>
    internal static string EndStatements(string text, bool isAtEnd)
    {
        if (!text.Contains("StatementEnd", StringComparison.OrdinalIgnoreCase))
        {
            return text;
        }

        var ends = SqlSplitter.Split(text).Comments
            .Where(comment => comment.InsideStatement
                && (isAtEnd || comment.Offset + comment.Length < text.Length)
                && StatementEnd().IsMatch(text.AsSpan(comment.Offset, comment.Length)))
            .ToList();
        var characters = ends.Count == 0 ? [] : text.ToCharArray();
        foreach (var end in ends)
        {
            characters.AsSpan(end.Offset, end.Length).Fill(' ');
            characters[end.Offset] = ';';
        }

        return ends.Count == 0 ? text : new string(characters);
    }

    public override FileParts Divide(SqlSource source, SqlSplit split, FormatFile file)
    {
        var header = FileOutline.Of(source, split, RulesFor(file)).Header;
        var reading = new AnnotationReading(source, split);
        reading.Run();
        return new FileParts(reading.Up)
        {
            Down = reading.Down,
            UpTransaction = reading.Transaction ?? header.Transaction,
            DownTransaction = reading.Transaction ?? header.Transaction,
            AllowsOutOfOrder = header.AllowsOutOfOrder,
            Problems = [.. header.Problems, .. reading.Problems],
        };
    }

    /// <summary>Follows the annotations as goose does: line by line, in their order.</summary>
    private sealed class AnnotationReading(SqlSource source, SqlSplit split)
    {
        private readonly Dictionary<int, SqlComment> _comments =
            split.Comments.ToDictionary(comment => comment.Offset);
        private int? _upStart;
        private int? _upEnd;
        private int? _downStart;
        private int? _earlyDown;
        private int? _openBlock;

        public List<MigrationProblem> Problems { get; } = [];

        public ScriptTransaction? Transaction { get; private set; }

        public SqlRange Up => _upStart is { } start ? new SqlRange(start, _upEnd ?? source.Text.Length) : default;

        public SqlRange? Down => _downStart is { } start ? new SqlRange(start, source.Text.Length) : null;

        public void Run()
        {
            foreach (var match in Annotation().Matches(source.Text).Cast<Match>())
            {
                var dashes = match.Groups["dashes"].Index;
                if (match.Groups["indent"].Length > 0)
                {
                    Add("AnnotationIndented", "goose does not see an annotation behind blanks. Delete the blanks.", dashes);
                }
                else if (!_comments.ContainsKey(dashes) && split.Text[dashes] != ';')
                {
                    Add("AnnotationInsideStatement", "goose would take this line of a text or a function for an "
                        + "annotation. Word it differently.", dashes);
                }
                else
                {
                    Take(match.Groups["what"].Value, dashes, match.Index + match.Length);
                }
            }

            Finish();
        }

        private void Take(string what, int start, int end)
        {
            switch (what.ToUpperInvariant())
            {
                case "UP":
                    TakeUp(start, end);
                    break;
                case "DOWN":
                    TakeDown(start, end);
                    break;
                case "STATEMENTBEGIN" when _openBlock is null:
                    _openBlock = start;
                    break;
                case "STATEMENTEND" when _openBlock is not null:
                    _openBlock = null;
                    break;
                case "STATEMENTBEGIN" or "STATEMENTEND":
                    Add("AnnotationMisplaced", "StatementBegin and StatementEnd take turns. Delete this line, or write "
                        + "its other half.", start);
                    break;
                case "NO TRANSACTION":
                    Transaction = ScriptTransaction.None;
                    break;
                case "ENVSUB OFF":
                    break;
                case "ENVSUB ON":
                    Add("EnvironmentNotSupported", "Variables of the environment are not put into the text. Write "
                        + "{{vars.name}} instead of ${NAME}, give the value with -Variable, and delete this line.", start);
                    break;
                default:
                    Add("DirectiveUnknown", $"'+goose {what}' is not an annotation that is understood.", start);
                    break;
            }
        }

        private void TakeUp(int start, int end)
        {
            if (_upStart is not null)
            {
                Add("SectionDuplicate", "A second '+goose Up'. A file has one at most.", start);
            }
            else if (_earlyDown is null && split.PiecesIn(new SqlRange(0, start)).Any(piece =>
                piece.Kind is SqlPieceKind.Statement or SqlPieceKind.PsqlCommand))
            {
                Add("TextBeforeUp", "A statement stands before '+goose Up' and would never run. Move it below.", start);
            }

            _upStart ??= end;
        }

        private void TakeDown(int start, int end)
        {
            if (_upStart is null)
            {
                _earlyDown ??= start;
                return;
            }

            var (code, message) = (_downStart, _openBlock) switch
            {
                (not null, _) => ("SectionDuplicate", "A second '+goose Down'. A file has one at most."),
                (_, not null) => ("AnnotationMisplaced", "'+goose Down' stands between StatementBegin and StatementEnd."),
                _ when _comments.TryGetValue(start, out var comment) && comment.InsideStatement =>
                    ("SectionInsideStatement", "The statement before this line has no end. Write its ';'."),
                _ => ("", ""),
            };
            if (code.Length > 0)
            {
                Add(code, message, start);
            }

            _upEnd ??= start;
            _downStart ??= end;
        }

        private void Finish()
        {
            if (_upStart is null)
            {
                Add("SectionMissing", "The file has no line '-- +goose Up', so nothing of it would run. Write one above "
                    + "what is to be applied.", 0);
            }
            else if (_earlyDown is { } down)
            {
                Add("SectionMissing", "'+goose Down' stands before '+goose Up'. Write Up first.", down);
            }

            if (_openBlock is { } open)
            {
                Add("AnnotationMisplaced", "This StatementBegin has no StatementEnd. Write it.", open);
            }
        }

        private void Add(string code, string message, int offset) => Problems.Add(source.Problem(code, message, offset));
    }

    // A line starts and ends at a lone CR, too.
    [GeneratedRegex(@"(?<![^\n\r])(?<indent>[ \t]*)(?<dashes>--)[ \t]*\+goose[ \t]+(?<what>[^\n\r]*?)[ \t]*(?![^\n\r])")]
    private static partial Regex Annotation();

    [GeneratedRegex(@"^--[ \t]*\+goose[ \t]+StatementEnd[ \t\r]*$", RegexOptions.IgnoreCase)]
    private static partial Regex StatementEnd();

    [GeneratedRegex(@"^\d+_.*\.go$")]
    private static partial Regex GoFile();
}
