using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>The two parts a file can have.</summary>
internal enum SectionKind
{
    Up,
    Down,
}

/// <summary>Where the UP and DOWN sections of a file lie.</summary>
internal sealed class MigrationSections
{
    /// <summary>What a comment is told that is almost the marker of a DOWN section, with statements behind it.</summary>
    public const string UnclearMarker = "This line looks like the start of a DOWN section and is none, so that what follows "
        + "would be applied. Write '-- DOWN' alone on its line, or word the comment differently.";

    private static readonly string[] DownWords = ["DOWN", "DOWNGRADE", "ROLLBACK", "REVERT", "UNDO"];

    private static readonly string[] FillWords =
        ["MIGRATE", "MIGRATION", "MIGRATIONS", "PART", "SCRIPT", "SCRIPTS", "SECTION", "SQL", "STATEMENTS", "STEPS"];

    private readonly List<(SectionKind Kind, int Start, int End)> _ranges = [];
    private readonly List<MigrationProblem> _problems = [];
    private IReadOnlyList<SqlPiece> _pieces = [];

    public IReadOnlyList<MigrationProblem> Problems => _problems;

    /// <summary>Finds the marker lines; a file without any is UP as a whole.</summary>
    public static MigrationSections Find(SqlSource source, SqlSplit split)
    {
        var sections = new MigrationSections { _pieces = split.Pieces };
        var markers = new List<(SectionKind Kind, int Start, int End)>();
        foreach (var comment in split.LineComments)
        {
            if (comment.Depth == 0 && ReadMarker(source.Text, comment) is { } kind)
            {
                if (comment.InsideStatement)
                {
                    sections._problems.Add(source.Problem(
                        "SectionInsideStatement",
                        "This section marker stands inside a statement. End the statement before it with a ';', or "
                            + "word the comment differently.",
                        comment.Offset));
                }

                markers.Add((kind, comment.Offset, comment.Offset + comment.Length));
            }
        }

        sections.Arrange(source, markers);
        sections.RefuseUnclear(source, split.LineComments, markers);
        return sections;
    }

    /// <summary>Where a section lies; null when the file has no such section.</summary>
    public SqlRange? RangeOf(SectionKind kind)
    {
        var index = _ranges.FindIndex(range => range.Kind == kind);
        return index < 0 ? null : new SqlRange(_ranges[index].Start, _ranges[index].End);
    }

    private void Arrange(SqlSource source, List<(SectionKind Kind, int Start, int End)> markers)
    {
        var hasUp = markers.Exists(marker => marker.Kind == SectionKind.Up);
        var preambleEnd = markers.Count == 0 ? source.Text.Length : markers[0].Start;
        if (!hasUp)
        {
            _ranges.Add((SectionKind.Up, 0, preambleEnd));
        }
        else if (FirstStatementBefore(preambleEnd) is { } stray)
        {
            _problems.Add(source.Problem(
                "TextBeforeUp",
                "This statement stands before the first section marker and would never run. Move it below '-- UP'.",
                stray.Offset));
        }

        for (var i = 0; i < markers.Count; i++)
        {
            var (kind, start, end) = markers[i];
            if (_ranges.Exists(range => range.Kind == kind))
            {
                _problems.Add(source.Problem(
                    "SectionDuplicate",
                    $"A second {(kind == SectionKind.Up ? "UP" : "DOWN")} section. A file has one of each at most.",
                    start));
                continue;
            }

            _ranges.Add((kind, end, i + 1 < markers.Count ? markers[i + 1].Start : source.Text.Length));
        }
    }

    // In the DOWN section it does no harm, and before a real marker it is a heading.
    private void RefuseUnclear(
        SqlSource source, IReadOnlyList<SqlLineComment> comments, List<(SectionKind Kind, int Start, int End)> markers)
    {
        foreach (var comment in comments)
        {
            if (comment.InsideStatement || !IsUnclear(source.Text, comment)
                || markers.FindLast(marker => marker.Start < comment.Offset) is { Kind: SectionKind.Down, End: > 0 })
            {
                continue;
            }

            var next = markers.FindIndex(marker => marker.Start > comment.Offset);
            var end = next < 0 ? source.Text.Length : markers[next].Start;
            if (_pieces.Any(piece => piece.Offset > comment.Offset && piece.Offset < end
                && piece.Kind is SqlPieceKind.Statement or SqlPieceKind.PsqlCommand))
            {
                _problems.Add(source.Problem("SectionMarkerUnclear", UnclearMarker, comment.Offset));
            }
        }
    }

    private SqlPiece? FirstStatementBefore(int offset)
    {
        foreach (var piece in _pieces)
        {
            if (piece.Offset >= offset)
            {
                return null;
            }

            if (piece.Kind is SqlPieceKind.Statement or SqlPieceKind.PsqlCommand)
            {
                return piece;
            }
        }

        return null;
    }

    /// <summary>The section that a comment opens; null for an ordinary comment.</summary>
    public static SectionKind? ReadMarker(string text, SqlLineComment comment)
    {
        var line = text.AsSpan(comment.Offset, comment.Length);
        var words = line.TrimStart('-').Trim();
        if (words.Length < 2 || words[0] is not ('u' or 'U' or 'd' or 'D' or 'r' or 'R')
            || !StandsAlone(text, comment.Offset))
        {
            return null;
        }

        return IsMarker(words, "UP") ? SectionKind.Up
            : IsMarker(words, "DOWN") || IsMarker(words, "ROLLBACK") ? SectionKind.Down
            : null;
    }

    /// <summary>True for a comment that says DOWN and nothing else, but not as a marker does: <c>-- === DOWN ===</c>.</summary>
    /// <remarks>The mark of another tool is refused as such.</remarks>
    public static bool IsUnclear(string text, SqlLineComment comment)
    {
        var line = text.AsSpan(comment.Offset, comment.Length);
        if (line.Length > 80 || ReadMarker(text, comment) is not null || !StandsAlone(text, comment.Offset)
            || MigrationHeader.ToolOf(line) is not null)
        {
            return false;
        }

        var words = new string([.. line.ToString().Select(c => char.IsLetter(c) ? char.ToUpperInvariant(c) : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length is 1 or 2 or 3
            && words.Count(DownWords.Contains) == 1
            && words.All(word => DownWords.Contains(word) || FillWords.Contains(word));
    }

    private static bool IsMarker(ReadOnlySpan<char> words, string marker)
    {
        if (!words.StartsWith(marker, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = words[marker.Length..].TrimStart();
        return rest.IsEmpty || rest[0] == ':' || (rest[0] == '(' && rest[^1] == ')');
    }

    private static bool StandsAlone(string text, int offset)
    {
        var start = offset - 1;
        while (start >= 0 && text[start] is ' ' or '\t')
        {
            start--;
        }

        return start < 0 || text[start] is '\n' or '\r';
    }
}
