using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>
/// Finds <c>-- migrate:up</c> and <c>-- migrate:down</c> as dbmate does, and lines that only look like them.
/// </summary>
internal sealed partial class DbmateSections : LineSections
{
    private readonly List<MigrationProblem> _unseen = [];
    private TextRange? _up;
    private TextRange? _down;
    private MigrationProblem? _earlyDown;
    private MigrationProblem? _upPlace;
    private ScriptTransaction? _upTransaction;
    private ScriptTransaction? _downTransaction;
    private int _downLine = 1;
    private bool _hasTextBefore;

    public override ScriptPartKind? Current =>
        _down is not null ? ScriptPartKind.Down : _up is not null ? ScriptPartKind.Up : null;

    public override long CurrentStart => (_down ?? _up)?.End ?? 0;

    public override bool HasSections => _up is not null;

    public override FileSection? SectionOf(ScriptPartKind kind) => (kind, _up, _down) switch
    {
        (ScriptPartKind.Up, { } up, _) when _earlyDown is null =>
            new(new TextRange(up.End, _down?.Start ?? long.MaxValue), 1, _upTransaction),
        (ScriptPartKind.Down, _, { } down) => new(new TextRange(down.End, long.MaxValue), _downLine, _downTransaction),
        _ => null,
    };

    protected override string Word => "migrate";

    public override bool Owns(ScriptElement.Comment comment) =>
        !comment.Value.IsBlock && AlmostMark().IsMatch(comment.Text);

    public override void Finish()
    {
        Problems.AddRange(_unseen);
        if (_up is null && _unseen.Count > 0)
        {
            // The missing marker is most likely one of them.
            return;
        }

        if (_up is null || _earlyDown is not null)
        {
            Add(
                ErrorCodes.SectionMissing,
                "'-- migrate:up' has to be the first marker. Write it above the statements to apply.",
                _earlyDown ?? FileStart);
        }
        else if (_hasTextBefore)
        {
            Add(
                ErrorCodes.TextBeforeUp,
                "A statement comes before '-- migrate:up' and would never run. Move it below.",
                _upPlace!);
        }
    }

    protected override void TakeLine(CommentLine line)
    {
        var match = Mark().Match(line.Text);
        if (match.Success && line is { IsAlone: true, IsIndented: false })
        {
            TakeMark(match, line);
            if (line.IsInside)
            {
                Add(ErrorCodes.SectionInsideStatement, "The statement before this line is not ended. Add its "
                    + "';'.", line.Place);
            }
        }
        else if (!line.IsInside && AlmostMark().IsMatch(line.Text))
        {
            // dbmate reads past a misspelled marker, and what was meant for DOWN would be applied.
            _unseen.Add(match.Success
                ? line.Place with
                {
                    Code = ErrorCodes.AnnotationIndented,
                    Message = "dbmate recognises a marker only at the very start of its line. Move it there.",
                }
                : line.Place with
                {
                    Code = ErrorCodes.DirectiveUnknown,
                    Message = $"'{line.Text.Trim()}' is not a marker of dbmate. Its markers are '-- migrate:up' and "
                        + "'-- migrate:down', alone or followed by transaction:false. Write one of them, or reword "
                        + "the comment.",
                });
        }
    }

    protected override void TakeHidden(string line, bool isIndented, MigrationProblem place)
    {
        if (!isIndented && Mark().IsMatch(line))
        {
            Add(
                ErrorCodes.AnnotationInsideStatement,
                "dbmate would read this line of a text or a function as the start of a section. Reword it.",
                place);
        }
    }

    private void TakeMark(Match mark, CommentLine comment)
    {
        var place = comment.Place;
        var line = new TextRange(comment.Start, comment.Start + comment.Text.Length);
        var isUp = mark.Groups["direction"].Value == "up";
        if ((isUp ? _up : _down ?? (_earlyDown is null ? null : line)) is not null)
        {
            Add(
                ErrorCodes.SectionDuplicate,
                $"A second 'migrate:{(isUp ? "up" : "down")}', which dbmate reads as a comment. A file has at most "
                    + "one.",
                place);
            return;
        }

        var transaction = TransactionOf(mark, place);
        if (isUp)
        {
            (_up, _upPlace, _upTransaction, _hasTextBefore) = (line, place, transaction, HasSql || comment.IsInside);
        }
        else if (_up is null)
        {
            _earlyDown = place;
        }
        else
        {
            (_down, _downTransaction, _downLine) = (line, transaction, place.Line ?? 1);
        }
    }

    private ScriptTransaction? TransactionOf(Match mark, MigrationProblem place)
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
                    Add(
                        ErrorCodes.DirectiveUnknown,
                        $"'{option}' is not a known option. Known options are transaction:false and transaction:true.",
                        place);
                    break;
            }
        }

        return transaction;
    }

    [GeneratedRegex(@"^-+\s*migrate[ \t]?:", RegexOptions.IgnoreCase)]
    private static partial Regex AlmostMark();

    [GeneratedRegex(@"^--[ \t]*migrate:(?<direction>up|down)(?:[ \t]+(?<options>[^\n\r]*?))?[ \t]*$")]
    private static partial Regex Mark();
}
