using System.Text.RegularExpressions;
using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>Follows the annotations of a file as goose does: line by line, in their order.</summary>
internal sealed partial class GooseSections : LineSections
{
    private long? _upStart;
    private long? _upEnd;
    private long? _downStart;
    private MigrationProblem? _earlyDown;
    private MigrationProblem? _openBlock;
    private ScriptTransaction? _transaction;
    private int _downLine = 1;

    public override ScriptPartKind? Current => _downStart is not null ? ScriptPartKind.Down
        : _upStart is not null ? ScriptPartKind.Up
        : null;

    public override long CurrentStart => _downStart ?? _upStart ?? 0;

    public override bool HasSections => _upStart is not null;

    public override FileSection? SectionOf(ScriptPartKind kind) => (kind, _upStart, _downStart) switch
    {
        (ScriptPartKind.Up, { } start, _) => new(new TextRange(start, _upEnd ?? long.MaxValue), 1, _transaction),
        (ScriptPartKind.Down, _, { } start) => new(new TextRange(start, long.MaxValue), _downLine, _transaction),
        _ => null,
    };

    protected override string Word => "+goose";

    public override void Finish()
    {
        if (_upStart is null)
        {
            Add(
                ErrorCodes.SectionMissing,
                "The file has no line '-- +goose Up', so nothing of it would run. Add one above the statements to "
                    + "apply.",
                FileStart);
        }
        else if (_earlyDown is { } down)
        {
            Add(ErrorCodes.SectionMissing, "'+goose Down' comes before '+goose Up'. Write Up first.", down);
        }

        if (_openBlock is { } open)
        {
            Add(ErrorCodes.AnnotationMisplaced, "This StatementBegin has no StatementEnd. Add it.", open);
        }
    }

    protected override void TakeEnd(ScriptElement.End end) =>
        TakeAnnotation("StatementEnd", end.Source.Problem("", "", end.Offset), (end.Start, end.Start), isInside: false);

    protected override void TakeLine(CommentLine line)
    {
        if (Annotation().Match(line.Text) is not { Success: true } match)
        {
            return;
        }

        if (!line.IsAlone)
        {
            // To goose the line is SQL.
            return;
        }

        if (line.IsIndented)
        {
            Add(ErrorCodes.AnnotationIndented, "goose ignores an annotation after blanks. Delete the "
                + "blanks.", line.Place);
            return;
        }

        TakeAnnotation(match.Groups["what"].Value, line.Place, (line.Start, line.Start + line.Text.Length),
            line.IsInside);
    }

    protected override void TakeHidden(string line, bool isIndented, MigrationProblem place)
    {
        if (!Annotation().IsMatch(line))
        {
            return;
        }

        var (code, message) = isIndented
            ? (ErrorCodes.AnnotationIndented, "goose ignores an annotation after blanks. Delete the blanks.")
            : (ErrorCodes.AnnotationInsideStatement,
                "goose would read this line of a text or a function as an annotation. Reword it.");
        Add(code, message, place);
    }

    private void TakeAnnotation(string what, MigrationProblem place, (long Start, long End) line, bool isInside)
    {
        switch (what.ToUpperInvariant())
        {
            case "UP":
                TakeUp(place, line.End, isInside);
                break;
            case "DOWN":
                TakeDown(place, line, isInside);
                break;
            case "STATEMENTBEGIN" when _openBlock is null:
                _openBlock = place;
                break;
            case "STATEMENTEND" when _openBlock is not null:
                _openBlock = null;
                break;
            case "STATEMENTBEGIN" or "STATEMENTEND":
                Add(
                    ErrorCodes.AnnotationMisplaced,
                    "StatementBegin and StatementEnd must alternate. Delete this line, or add its counterpart.",
                    place);
                break;
            case "NO TRANSACTION":
                _transaction = ScriptTransaction.None;
                break;
            case "ENVSUB OFF":
                break;
            case "ENVSUB ON":
                Add(
                    ErrorCodes.EnvironmentNotSupported,
                    "Environment variables are not substituted. Write {{vars.name}} instead of ${NAME}, pass the "
                        + "value with -Variable, and delete this line.",
                    place);
                break;
            default:
                Add(ErrorCodes.DirectiveUnknown, $"'+goose {what}' is not a known annotation.", place);
                break;
        }
    }

    private void TakeUp(MigrationProblem place, long end, bool isInside)
    {
        if (_upStart is not null)
        {
            Add(ErrorCodes.SectionDuplicate, "A second '+goose Up'. A file has at most one.", place);
        }
        else if (_earlyDown is null && (HasSql || isInside))
        {
            Add(
                ErrorCodes.TextBeforeUp,
                "A statement comes before '+goose Up' and would never run. Move it below.",
                place);
        }

        _upStart ??= end;
    }

    private void TakeDown(MigrationProblem place, (long Start, long End) line, bool isInside)
    {
        if (_upStart is null)
        {
            _earlyDown ??= place;
            return;
        }

        if (_downStart is not null)
        {
            Add(ErrorCodes.SectionDuplicate, "A second '+goose Down'. A file has at most one.", place);
        }
        else if (_openBlock is not null)
        {
            Add(ErrorCodes.AnnotationMisplaced, "'+goose Down' is between StatementBegin and StatementEnd.", place);
        }
        else if (isInside)
        {
            Add(ErrorCodes.SectionInsideStatement, "The statement before this line is not ended. Add its ';'.", place);
        }

        _downLine = _downStart is null ? place.Line ?? 1 : _downLine;
        _upEnd ??= line.Start;
        _downStart ??= line.End;
    }

    [GeneratedRegex(@"^--[ \t]*\+goose[ \t]+(?<what>[^\n\r]*?)[ \t]*$")]
    private static partial Regex Annotation();
}
