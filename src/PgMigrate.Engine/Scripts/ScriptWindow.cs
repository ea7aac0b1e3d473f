using System.Text;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scripts;

/// <summary>Makes elements from a split text.</summary>
/// <param name="source">The text.</param>
/// <param name="split">Its pieces.</param>
/// <param name="start">Offset of the text in its file.</param>
internal sealed class ScriptWindow(SqlSource source, SqlSplit split, long start)
{
    private const string Setting = "standard_conforming_strings";

    /// <summary>
    /// The elements up to an offset; the last argument receives how they change the reading of strings.
    /// </summary>
    public List<ScriptElement> Elements(int end, bool standardStrings, out bool standardStringsAfter)
    {
        var range = new SqlRange(0, end);
        var strings = standardStrings;
        var followsSetting = !standardStrings || split.Text.Contains(Setting, StringComparison.OrdinalIgnoreCase);
        var elements = InOrder(
            source,
            start,
            new WindowCut(end, [.. split.StatementPieces(range)], [.. split.Comments.Where(one => one.Offset < end)]),
            OthersIn(range),
            Statements);
        if (split.Error is { } error && error.Offset < end)
        {
            elements.Add(new ScriptElement.Fault(source.Problem(error.Code, error.Message, error.Offset),
                IsOfText: true));
        }

        standardStringsAfter = strings;
        return elements;

        // Immediately: each statement can change how the strings of the next are read.
        IEnumerable<ScriptElement> Statements(SqlPiece piece)
        {
            var element = new ScriptElement.Statement(split, source, piece, strings) { Start = start + piece.Offset };
            if (followsSetting)
            {
                strings = StandardStringsSetting.After(element.Value.Text, strings, sessionDefault: true);
            }

            return split.Escapes.Count == 0
                ? [element]
                : StatementText.Unjoin(element.Value, split, source)
                    .Select(one => new ScriptElement.Statement(one) { Start = start + one.Offset });
        }
    }

    /// <summary>The elements of a window that was split before.</summary>
    public static List<ScriptElement> Elements(WindowCut cut, SqlSource source, long start, bool standardStrings) =>
        InOrder(
        source,
        start,
        cut,
        [],
        piece => [new ScriptElement.Statement(null, source, piece, standardStrings) { Start = start + piece.Offset }]);

    /// <summary>What to record of it: null unless its statements alone are enough.</summary>
    public WindowCut? ToRemember(int end, bool standardStrings)
    {
        var isPlain = standardStrings && split.Escapes.Count == 0 && split.Error is null
            && ReferenceEquals(split.Text, source.Text)
            && !split.Text.Contains(Setting, StringComparison.OrdinalIgnoreCase)
            && !split.PiecesIn(new SqlRange(0, end)).Any(piece => piece.Kind == SqlPieceKind.PsqlCommand);
        return isPlain
            ? new WindowCut(
                end,
                [.. split.StatementPieces(new SqlRange(0, end))],
                [.. split.Comments.Where(comment => comment.Offset < end)])
            : null;
    }

    /// <summary>
    /// Gives the COPY commands of a held text their rows: the rows after a line belong to the commands that end on it,
    /// one block each.
    /// </summary>
    public void AddRows(List<ScriptElement> elements)
    {
        var readers = new Queue<int>();
        var behind = new SortedDictionary<int, List<ScriptElement>>();
        SqlPiece? before = null;
        foreach (var piece in split.Pieces)
        {
            if (piece.Kind == SqlPieceKind.CopyData)
            {
                if (before?.Kind != SqlPieceKind.CopyData)
                {
                    readers = new Queue<int>(ReadersAt(elements, piece.Offset));
                }

                if (readers.TryDequeue(out var index))
                {
                    behind[index] = AddRows(elements, index, piece);
                }
            }

            before = piece.Kind is SqlPieceKind.CopyData or SqlPieceKind.Statement ? piece : before;
        }

        foreach (var (index, found) in behind.Reverse())
        {
            elements.InsertRange(index + 1, found);
        }
    }

    private static IEnumerable<int> ReadersAt(List<ScriptElement> elements, int offset) =>
        Enumerable.Range(0, elements.Count)
        .Where(index => elements[index] is ScriptElement.Statement statement
            && CopyRows.AreNamedBy(statement.Text)
            && StatementText.ReadsRowsAt(statement.Value, offset));

    // Returns the lines that a line-based reader sees in the rows, and the problems of the rows.
    private List<ScriptElement> AddRows(List<ScriptElement> elements, int index, SqlPiece piece)
    {
        var text = source.Text.AsSpan(piece.Offset, piece.Length);
        var isClosed = text.EndsWith("\\.") && (text.Length == 2 || text[^3] == '\n');
        var range = new SqlRange(piece.Offset, piece.Offset + (isClosed ? text.Length - 2 : text.Length));
        var copy = ((ScriptElement.Statement)elements[index]).Value;
        elements[index] = new ScriptElement.Statement(copy with { Rows = SqlRows.Of(source, range) })
        {
            Start = elements[index].Start,
        };
        var place = source.Problem("", "", piece.Offset);
        var rows = source.Text.AsSpan(range.Start, range.End - range.Start);
        var dashed = !rows.Contains("--", StringComparison.Ordinal) ? [] : DashedLines
            .In(Encoding.UTF8.GetBytes(rows.ToString()), startsLine: true)
            .ConvertAll(line => new ScriptElement.Row(line.Text, place with { Line = place.Line + line.LineEnds }));
        var hasMarker = dashed.Exists(line => CommentHeading.IsMarkerLine(line.Text));
        return isClosed
            ? [.. dashed]
            : [.. dashed, new ScriptElement.Fault(DashedLines.Unended(place, hasMarker), IsOfText: false)];
    }

    // psql commands, and lines that the format has replaced by a semicolon.
    private List<ScriptElement> OthersIn(SqlRange range)
    {
        var others = split.PiecesIn(range)
            .Where(piece => piece.Kind == SqlPieceKind.PsqlCommand)
            .Select(piece => (ScriptElement)new ScriptElement.Command(PsqlLine.Read(source, piece, 0))
            {
                Start = start + piece.Offset,
            })
            .ToList();
        if (ReferenceEquals(split.Text, source.Text))
        {
            return others;
        }

        for (var i = 0; i < range.End; i++)
        {
            if (split.Text[i] == ';' && source.Text[i] != ';')
            {
                others.Add(new ScriptElement.End(source, i) { Start = start + i });
            }
        }

        others.Sort((left, right) => left.Start.CompareTo(right.Start));
        return others;
    }

    // A comment within a statement is returned before it.
    private static List<ScriptElement> InOrder(
        SqlSource source,
        long start,
        WindowCut cut,
        List<ScriptElement> others,
        Func<SqlPiece, IEnumerable<ScriptElement>> ofStatement)
    {
        var (comment, other) = (0, 0);
        var elements = new List<ScriptElement>(cut.Statements.Count + cut.Comments.Count + others.Count);
        foreach (var piece in cut.Statements)
        {
            AddUpTo(piece.Offset + piece.Length);
            elements.AddRange(ofStatement(piece));
        }

        AddUpTo(cut.End);
        return elements;

        void AddUpTo(int end)
        {
            while (true)
            {
                var nextComment = comment < cut.Comments.Count ? cut.Comments[comment].Offset : int.MaxValue;
                var nextOther = other < others.Count ? (int)(others[other].Start - start) : int.MaxValue;
                if (Math.Min(nextComment, nextOther) >= end)
                {
                    return;
                }

                elements.Add(nextComment < nextOther
                    ? new ScriptElement.Comment(source, cut.Comments[comment++]) { Start = start + nextComment }
                    : others[other++]);
            }
        }
    }
}
