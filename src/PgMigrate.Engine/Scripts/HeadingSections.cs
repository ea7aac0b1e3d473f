using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>A line that starts a section; its offsets count from the start of the file.</summary>
/// <param name="Kind">Which section it starts.</param>
/// <param name="Start">Offset of the line, in UTF-16 units.</param>
/// <param name="End">Offset after it.</param>
/// <param name="Line">Its line, from 1.</param>
internal readonly record struct SectionMarker(ScriptPartKind Kind, long Start, long End, int Line);

/// <summary>
/// Finds the sections of a file, and the comments that may or may not start one. It gets the comments and the SQL of
/// the file in order, and keeps no text.
/// </summary>
/// <remarks>
/// A marker starts a section. Any other heading is a comment as long as the difference does not matter: when SQL below
/// it would change sides if it were a marker, the file is rejected, unless the heading is clearly a note.
/// </remarks>
internal sealed class HeadingSections(FormatRules rules) : SectionReader
{
    private readonly List<SectionMarker> _markers = [];
    private readonly List<OpenHeading> _open = [];
    private MigrationProblem? _textBeforeUp;
    private bool _hasSql;
    private bool _isRefused;

    /// <summary>The markers, in order.</summary>
    public IReadOnlyList<SectionMarker> Markers => _markers;

    // A second marker of a kind is rejected, and what is below it belongs to no section.
    public override ScriptPartKind? Current =>
        _markers.FindIndex(marker => marker.Kind == LastKind) is var first && first >= 0 && first < _markers.Count - 1
            ? null
            : LastKind;

    public override long CurrentStart => _markers is [.., var last] ? last.End : 0;

    public override bool HasSections => _markers.Count > 0;

    public override bool FollowsConditions => true;

    public override void Take(ScriptElement element)
    {
        switch (element)
        {
            case ScriptElement.Comment { Value.Depth: 0 } comment:
                TakeComment(comment);
                break;
            case ScriptElement.Statement statement:
                TakeSql(statement.Place.Source, () => statement.FirstWord);
                break;
            case ScriptElement.Command { Value: { IsGuard: false, IsCondition: false } command }:
                TakeSql(command.Source, () => command.Offset);
                break;
        }
    }

    public override void Finish()
    {
        Problems.AddRange(_open.Where(heading => heading.State == OpenState.Unclear)
            .Select(heading => heading.Problem));
        _open.Clear();
    }

    private ScriptPartKind LastKind => _markers is [.., var last] ? last.Kind : ScriptPartKind.Up;

    public override FileSection? SectionOf(ScriptPartKind kind)
    {
        var index = _markers.FindIndex(marker => marker.Kind == kind);
        if (index >= 0)
        {
            var end = index + 1 < _markers.Count ? _markers[index + 1].Start : long.MaxValue;
            return new FileSection(new TextRange(_markers[index].End, end), _markers[index].Line);
        }

        return kind != ScriptPartKind.Up ? null
            : new FileSection(new TextRange(0, _markers is [var first, ..] ? first.Start : long.MaxValue));
    }

    private void TakeComment(ScriptElement.Comment comment)
    {
        var line = comment.Line;
        if (!comment.Value.InsideStatement)
        {
            foreach (var heading in _open)
            {
                heading.Continue(comment, line);
            }
        }

        if (CommentHeading.Read(comment.Source, comment.Value) is not { } found)
        {
            return;
        }

        if (IsMarker(found))
        {
            TakeMarker(comment, found.Kind);
        }
        else if (!comment.Value.InsideStatement && rules.HasSections)
        {
            TakeHeading(comment, found, line);
        }
    }

    // For UP nothing is at risk. A note after DOWN equals a remark about it, unless the file uses sections.
    private bool IsMarker(CommentHeading heading) => heading.Form == HeadingForm.Marker
        || (heading.Form == HeadingForm.MarkerWithNote
            && (heading.Kind == ScriptPartKind.Up || _markers.Exists(marker => marker.Kind == ScriptPartKind.Up)));

    private void TakeMarker(ScriptElement.Comment comment, ScriptPartKind kind)
    {
        if (!_isRefused && rules.RefuseSection?.Invoke(kind) is var (code, message))
        {
            _isRefused = true;
            Problems.Add(comment.Source.Problem(code, message, comment.Value.Offset));
        }

        if (!rules.HasSections)
        {
            return;
        }

        // A heading directly above a marker is its title.
        _open.RemoveAll(heading => heading.State == OpenState.AboveSql
            || (kind == ScriptPartKind.Down && heading.State == OpenState.Unclear && heading.Heading.Kind == kind));
        if (comment.Value.InsideStatement)
        {
            Problems.Add(comment.Source.Problem(
                ErrorCodes.SectionInsideStatement,
                "This section marker is inside a statement. End the statement before it with a ';', or reword the "
                    + "comment.",
                comment.Value.Offset));
        }
        else if (_markers.Exists(marker => marker.Kind == kind))
        {
            Problems.Add(comment.Source.Problem(
                ErrorCodes.SectionDuplicate,
                $"A second {(kind == ScriptPartKind.Up ? "UP" : "DOWN")} section. A file has at most one of each.",
                comment.Value.Offset));
        }
        else if (kind == ScriptPartKind.Up && _textBeforeUp is { } stray)
        {
            Problems.Add(stray);
        }

        _markers.Add(new SectionMarker(kind, comment.Start, comment.Start + comment.Value.Length, comment.Line));
        _hasSql = false;
    }

    private void TakeHeading(ScriptElement.Comment comment, CommentHeading heading, int line)
    {
        if (heading.Kind == ScriptPartKind.Up)
        {
            foreach (var note in _open.Where(one => one.State == OpenState.Note))
            {
                note.State = OpenState.Unclear;
            }
        }

        if (heading.Kind != LastKind)
        {
            _open.Add(new OpenHeading(heading, Unclear(comment, heading.Kind), LastLineOf(comment, line),
                IsBelowSql: _hasSql));
        }
    }

    // Whether there is SQL matters only below a heading.
    private void TakeSql(SqlSource source, Func<int> offset)
    {
        if (_markers.Count == 0 && _textBeforeUp is null)
        {
            _textBeforeUp = source.Problem(
                ErrorCodes.TextBeforeUp,
                "This statement is before the first section marker and would never run. Move it below '-- UP'.",
                offset());
        }

        _hasSql = true;
        if (!_open.Exists(heading => heading.State == OpenState.AboveSql))
        {
            return;
        }

        var (line, _) = source.PositionOf(offset());
        foreach (var heading in _open.Where(heading => heading.State == OpenState.AboveSql))
        {
            heading.State = Judge(heading, isAttached: line <= heading.LastLine + 1);
            if (heading.State == OpenState.Refused)
            {
                Problems.Add(heading.Problem);
            }
        }

        _open.RemoveAll(heading => heading.State is OpenState.Refused or OpenState.Prose);
    }

    private OpenState Judge(OpenHeading open, bool isAttached)
    {
        var isNote = open.Heading.HoldsSqlBelow || (open.HasCommentedSql && !(open.IsBelowSql && isAttached));
        return open.Heading switch
        {
            // The section that it names is commented out.
            _ when isNote => OpenState.Prose,
            { Kind: ScriptPartKind.Up } => OpenState.Refused,
            // A separate file contains the DOWN script, and nothing is above that this one would undo.
            _ when rules.HasDownFile && !open.IsBelowSql => OpenState.Prose,
            { Form: HeadingForm.Title } => OpenState.Refused,
            { Form: HeadingForm.Reference } =>
                open.IsBelowSql && !rules.HasDownFile ? OpenState.Unclear : OpenState.Prose,
            _ when open.IsBelowSql => OpenState.Unclear,
            { HoldsSql: true } => OpenState.Prose,
            _ => isAttached ? OpenState.Unclear : OpenState.Note,
        };
    }

    private static MigrationProblem Unclear(ScriptElement.Comment comment, ScriptPartKind kind)
    {
        var (section, marker) = kind == ScriptPartKind.Up ? ("the UP", "-- UP") : ("a DOWN", "-- DOWN");
        return comment.Source.Problem(
            ErrorCodes.SectionMarkerUnclear,
            $"This comment may or may not start {section} section, and there is SQL below it. If that SQL is {section} "
                + $"section, write '{marker}' alone on this line. If it is not, start the comment with another word, "
                + "such as '-- Note:'.",
            comment.Value.Offset);
    }

    private static int LastLineOf(ScriptElement.Comment comment, int line) => line
        + SqlPosition.LineEnds(comment.Source.Text, comment.Value.Offset, comment.Value.Offset + comment.Value.Length);

    /// <summary>The state of a heading.</summary>
    private enum OpenState
    {
        /// <summary>No SQL so far.</summary>
        AboveSql,

        /// <summary>A remark at the start of the file, unless an UP heading comes later.</summary>
        Note,

        /// <summary>Rejected, unless a marker comes later that shows where DOWN starts.</summary>
        Unclear,
        Refused,
        Prose,
    }

    /// <summary>
    /// A heading whose meaning depends on what is below it. It keeps its problem, not its text: that would keep the
    /// whole part of a large file in memory.
    /// </summary>
    private sealed record OpenHeading(
        CommentHeading Heading, MigrationProblem Problem, int FirstLastLine, bool IsBelowSql)
    {
        public OpenState State { get; set; }

        /// <summary>The last of the comment lines that follow it without a blank line.</summary>
        public int LastLine { get; private set; } = FirstLastLine;

        public bool HasCommentedSql { get; private set; }

        public void Continue(ScriptElement.Comment comment, int line)
        {
            if (State == OpenState.AboveSql && line == LastLine + 1)
            {
                LastLine = LastLineOf(comment, line);
                HasCommentedSql |= CommentHeading.IsSql(comment.Source.Text, comment.Value);
            }
        }
    }
}
