using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations.Formats;

/// <summary>A comment of two dashes.</summary>
/// <param name="Text">Its text, including the dashes.</param>
/// <param name="Start">Offset of the dashes in the file.</param>
/// <param name="Place">Its place, as a problem without a text.</param>
/// <param name="IsAlone">True when only blanks are before it on its line.</param>
/// <param name="IsIndented">True when blanks are before it.</param>
/// <param name="IsInside">True when it is inside a statement.</param>
internal readonly record struct CommentLine(
    string Text, long Start, MigrationProblem Place, bool IsAlone, bool IsIndented, bool IsInside);

/// <summary>
/// Sections of a tool that reads lines, not SQL: it also takes lines of a string, of a block comment or of COPY rows
/// for its markers. This class finds those lines, and the format rejects them.
/// </summary>
internal abstract class LineSections : SectionReader
{
    private readonly HashSet<long> _comments = [];
    private MigrationProblem? _start;

    /// <summary>A word that every marker of the format contains, in any case.</summary>
    protected abstract string Word { get; }

    /// <summary>True once there was a statement or a psql command.</summary>
    protected bool HasSql { get; private set; }

    /// <summary>The start of the file, as a problem without a text.</summary>
    protected MigrationProblem FileStart => _start ?? new MigrationProblem { Code = "", Message = "" };

    public sealed override void Take(ScriptElement element)
    {
        switch (element)
        {
            case ScriptElement.Comment comment:
                SetStart(comment.Source);
                TakeComment(comment);
                break;
            case ScriptElement.Statement statement:
                SetStart(statement.Place.Source);
                TakeStatement(statement);
                break;
            case ScriptElement.Command command:
                SetStart(command.Value.Source);
                HasSql = true;
                break;
            case ScriptElement.End end:
                TakeEnd(end);
                break;
            case ScriptElement.Row row when Holds(row.Text):
                TakeHidden(row.Text.TrimEnd('\r'), isIndented: false, row.Place);
                break;
        }
    }

    /// <summary>Handles a comment of two dashes that contains the word.</summary>
    protected abstract void TakeLine(CommentLine line);

    /// <summary>
    /// Handles a line that contains the word and is not a comment: of a string, a block comment or COPY rows.
    /// </summary>
    protected abstract void TakeHidden(string line, bool isIndented, MigrationProblem place);

    /// <summary>Handles a line that ends a statement.</summary>
    protected virtual void TakeEnd(ScriptElement.End end)
    {
    }

    /// <summary>Adds a problem at a place.</summary>
    protected void Add(string code, string message, MigrationProblem place) =>
        Problems.Add(place with { Code = code, Message = message });

    private void SetStart(SqlSource source) => _start ??= source.Problem("", "", 0);

    private void TakeComment(ScriptElement.Comment comment)
    {
        if (comment.Value.InsideStatement)
        {
            _comments.Add(comment.Start);
        }

        if (!Holds(comment.Text))
        {
            return;
        }

        if (comment.Value.IsBlock)
        {
            TakeLines(comment.Source, comment.Start, comment.Value.Offset, comment.Value.Length);
        }
        else
        {
            var indent = IndentOf(comment);
            TakeLine(new CommentLine(
                comment.Text.ToString(),
                comment.Start,
                comment.Source.Problem("", "", comment.Value.Offset),
                indent is not null,
                indent > 0,
                comment.Value.InsideStatement));
        }
    }

    private void TakeStatement(ScriptElement.Statement statement)
    {
        if (Holds(statement.Text))
        {
            // Comments that are sent with it were handled separately.
            var (source, offset, length) = statement.Place;
            var skipped = statement.FirstWord - offset;
            TakeLines(source, statement.Start + skipped, offset + skipped, length - skipped);
        }

        HasSql = true;
        _comments.Clear();
    }

    // The lines of a piece of text that start with dashes and are not comments.
    private void TakeLines(SqlSource source, long start, int offset, int length)
    {
        var text = source.Text.AsSpan(offset, length);
        for (var line = 0; line < length;)
        {
            var rest = text[line..];
            var end = rest.IndexOfAny('\n', '\r') is var found and >= 0 ? found : rest.Length;
            var content = rest[..end].TrimStart(" \t");
            var dashes = line + end - content.Length;
            // The first line of a piece starts in the middle of its file's line.
            if (line > 0 && content.StartsWith("--") && Holds(content) && !_comments.Contains(start + dashes))
            {
                TakeHidden(
                    content.ToString(), dashes > line, source.Problem("", "", offset + dashes));
            }

            line += end + 1;
        }
    }

    // How many blanks are before a comment on its line; null when anything else is.
    private static int? IndentOf(ScriptElement.Comment comment)
    {
        var before = comment.Source.Text.AsSpan(0, comment.Value.Offset);
        var start = before.LastIndexOfAny('\n', '\r') + 1;
        var isLineStart = start > 0 || comment.Source.FirstColumn == 1;
        return isLineStart && before[start..].Trim(" \t").IsEmpty ? before.Length - start : null;
    }

    private bool Holds(ReadOnlySpan<char> text) => text.Contains(Word, StringComparison.OrdinalIgnoreCase);
}
