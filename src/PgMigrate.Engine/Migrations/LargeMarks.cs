using System.Text;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>A part of a large file.</summary>
/// <param name="Start">Offset of its first character, in UTF-16 units.</param>
/// <param name="End">Offset behind its last.</param>
internal readonly record struct LargeRange(long Start, long End);

/// <summary>Where the sections of a large file lie.</summary>
/// <param name="Up">What is applied; null when the whole file is.</param>
/// <param name="Down">What undoes it; null when nothing does.</param>
/// <param name="DownLine">The line that starts it, from 1.</param>
internal sealed record LargeSections(LargeRange? Up, LargeRange? Down, int DownLine);

/// <summary>A line of a large file that may hold a mark.</summary>
/// <param name="Start">Offset of the line, in UTF-16 units.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Text">The line without its end.</param>
internal readonly record struct LargeMarkLine(long Start, int Line, string Text)
{
    /// <summary>Offset behind its last character.</summary>
    public long End => Start + Text.Length;
}

/// <summary>
/// The lines of a large file that the marks of its format stand on. From them, and from what the cutting finds out
/// about them, a small text is made that has the same marks, and the format divides that.
/// </summary>
internal sealed class LargeMarks
{
    private const int Chunk = 256 * 1024;
    private const int MostLines = 1000;
    private const char StandIn = 'x';
    private static readonly char[] LineEnds = ['\n', '\r'];

    private readonly FormatFile _file;
    private readonly IReadOnlyList<LargeMarkLine> _lines;
    private readonly List<(long Start, SqlComment Value)> _comments = [];
    private readonly List<long> _ends = [];
    private long? _firstStatement;
    private bool _hasLooked;

    private LargeMarks(FormatFile file, IReadOnlyList<LargeMarkLine> lines)
    {
        _file = file;
        _lines = lines;
    }

    /// <summary>Goes through a file once; null when so many lines look like marks that it has to be held.</summary>
    /// <exception cref="InvalidDataException">The file is not text.</exception>
    public static LargeMarks? Find(LargeFile file, IReadOnlyList<string> words)
    {
        using var text = file.Open(withChecksum: false);
        var lines = new List<LargeMarkLine>();
        long offset = 0;
        var line = 1;
        for (var rest = ReadOnlyMemory<char>.Empty; lines.Count <= MostLines;)
        {
            var window = text.Continue(rest, Math.Max(Chunk, rest.Length));
            var end = text.IsAtEnd ? window.Length : window.LastIndexOfAny(LineEnds) + 1;
            AddLines(window.AsSpan(0, end), (offset, line), words, lines);
            offset += end;
            line += SqlPosition.LineEnds(window, 0, end);
            rest = window.AsMemory(end);
            if (text.IsAtEnd)
            {
                return new LargeMarks(file.File, lines);
            }
        }

        return null;
    }

    /// <summary>Takes in what was cut; true when it is one of the lines, and nobody else has to look at it.</summary>
    public bool Take(ScriptElement element)
    {
        _hasLooked = true;
        switch (element)
        {
            case ScriptElement.Statement or ScriptElement.Command:
                _firstStatement ??= element.Start;
                return false;
            case ScriptElement.End:
                _ends.Add(element.Start);
                return true;
            case ScriptElement.Comment comment when FindLine(element.Start) >= 0:
                _comments.Add((element.Start, comment.Value));
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// What the format makes of the lines, and where in the file UP and DOWN lie. Before the file is cut each line that
    /// starts with two dashes counts as a comment.
    /// </summary>
    public (FileParts Parts, LargeSections Sections) Divide(MigrationFormat format)
    {
        var text = new StringBuilder("\n");
        var pieces = new List<SqlPiece>();
        var starts = new List<int>();
        var statement = _firstStatement;
        foreach (var line in _lines)
        {
            if (statement < line.Start)
            {
                AddStatement(text.Length);
                text.Append(StandIn).Append('\n');
            }

            starts.Add(text.Length);
            if (statement < line.End)
            {
                AddStatement(text.Length + (int)(statement.Value - line.Start));
            }

            text.Append(line.Text).Append('\n');
        }

        var source = new SqlSource(_file.Name.FileName, _file.UpPath, text.ToString());
        var parts = format.Divide(source, Split(source, pieces, starts), _file);
        var up = parts.Up == default ? default : new LargeRange(
            FileOffset(parts.Up.Start), parts.Up.End == source.Text.Length ? long.MaxValue : FileOffset(parts.Up.End));
        var sections = parts.Down is { } down
            ? new LargeSections(
                up, new LargeRange(FileOffset(down.Start), long.MaxValue), _lines[LineBefore(down.Start)].Line)
            : new LargeSections(up, null, 1);
        return (parts with { Problems = [.. parts.Problems.Select(ToFile)] }, sections);

        void AddStatement(int offset)
        {
            pieces.Add(new SqlPiece(SqlPieceKind.Statement, offset, 1, 1));
            statement = null;
        }

        int LineBefore(int offset) => starts.FindLastIndex(start => start <= offset);

        long FileOffset(int offset)
        {
            var index = LineBefore(offset);
            return _lines[index].Start + offset - starts[index];
        }

        MigrationProblem ToFile(MigrationProblem problem)
        {
            // The text starts with a line of its own, so that the start of the file has a place.
            var offset = LineOffset(source.Text, problem.Line ?? 1);
            var index = starts.IndexOf(offset);
            return problem with { Line = index < 0 ? 1 : _lines[index].Line };
        }
    }

    private static int LineOffset(string text, int line)
    {
        var offset = 0;
        for (; line > 1; line--)
        {
            offset = text.IndexOf('\n', offset) + 1;
        }

        return offset;
    }

    private static void AddLines(
        ReadOnlySpan<char> window,
        (long Offset, int Line) place,
        IReadOnlyList<string> words,
        List<LargeMarkLine> lines)
    {
        var done = 0;
        while (done < window.Length && IndexOfAny(window[done..], words) is var found and >= 0)
        {
            var start = window[..(done + found)].LastIndexOfAny(LineEnds) + 1;
            var length = window[start..].IndexOfAny(LineEnds);
            var end = length < 0 ? window.Length : start + length;
            place.Line += SqlPosition.LineEnds(window, done, start);
            lines.Add(new LargeMarkLine(place.Offset + start, place.Line, window[start..end].ToString()));
            if (lines.Count > MostLines)
            {
                return;
            }

            place.Line += end < window.Length ? 1 : 0;
            done = end + 1;
        }
    }

    private static int IndexOfAny(ReadOnlySpan<char> text, IReadOnlyList<string> words)
    {
        var first = -1;
        foreach (var word in words)
        {
            var index = (first < 0 ? text : text[..first]).IndexOf(word, StringComparison.OrdinalIgnoreCase);
            first = index < 0 ? first : index;
        }

        return first;
    }

    private int FindLine(long offset)
    {
        var (low, high) = (0, _lines.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (offset < _lines[middle].Start)
            {
                high = middle - 1;
            }
            else if (offset > _lines[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return middle;
            }
        }

        return -1;
    }

    private SqlSplit Split(SqlSource source, List<SqlPiece> pieces, List<int> starts)
    {
        var characters = source.Text.ToCharArray();
        foreach (var end in _ends)
        {
            characters[PlaceOf(end)] = ';';
        }

        var comments = _hasLooked
            ? _comments.Select(comment => comment.Value with { Offset = PlaceOf(comment.Start) })
            : _lines.Select((line, index) => (Dashes: line.Text.IndexOf("--", StringComparison.Ordinal), line, index))
                .Where(one => one.Dashes >= 0)
                .Select(one => new SqlComment(
                    starts[one.index] + one.Dashes,
                    one.line.Text.Length - one.Dashes,
                    Line: 1,
                    InsideStatement: false,
                    Depth: 0));
        return new SqlSplit(new string(characters), pieces, [.. comments], [], null);

        int PlaceOf(long offset)
        {
            var index = FindLine(offset);
            return starts[index] + (int)(offset - _lines[index].Start);
        }
    }
}
