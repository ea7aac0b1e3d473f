using System.Buffers;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>How clearly a comment names a section.</summary>
internal enum HeadingForm
{
    /// <summary>A title with a number after it, such as <c>-- undo migration #35</c>.</summary>
    Reference,

    /// <summary>The name of a section and more text, such as <c>-- Rollback: DROP TABLE t;</c>.</summary>
    Label,

    /// <summary>A marker with a note after it, such as <c>-- DOWN (drops t)</c>.</summary>
    MarkerWithNote,

    /// <summary>Only the name of a section, but not written as a marker: <c>-- === DOWN ===</c>.</summary>
    Title,

    /// <summary><c>-- UP</c>, <c>-- DOWN</c> or <c>-- ROLLBACK</c>, alone on its line or with a colon.</summary>
    Marker,
}

/// <summary>A comment that could start a section. Every other comment is prose.</summary>
/// <param name="Form">How clearly it says so.</param>
/// <param name="Kind">The section that it names.</param>
/// <param name="HoldsSql">True when the text after the name is commented-out SQL.</param>
/// <param name="HoldsSqlBelow">The same for the lines of a block comment below the name.</param>
internal readonly record struct CommentHeading(
    HeadingForm Form, ScriptPartKind Kind, bool HoldsSql = false, bool HoldsSqlBelow = false)
{
    private static readonly HashSet<string> UpWords = ["UP", "UPGRADE"];

    private static readonly HashSet<string> DownWords = ["DOWN", "DOWNGRADE", "ROLLBACK", "REVERT", "UNDO"];

    // Filler words: they add nothing to the name of a section.
    private static readonly HashSet<string> FillWords =
    [
        "BEGIN", "BELOW", "CODE", "COMMAND", "COMMANDS", "FOLLOWS", "FOR", "HERE", "HOW", "INSTRUCTIONS", "MANUAL",
        "MANUALLY", "MIGRATE", "MIGRATION", "MIGRATIONS", "ONLY", "OPTIONAL", "PART", "PLAN", "PROCEDURE", "QUERIES",
        "QUERY", "RUN", "SCRIPT", "SCRIPTS", "SECTION", "SQL", "START", "STATEMENT", "STATEMENTS", "STEP",
        "STEPS", "TO",
    ];

    // With these a line is a sentence, unless it introduces what is below it.
    private static readonly HashSet<string> SentenceWords = ["ABOVE", "CHANGE", "CHANGES", "IT", "THE", "THIS"];

    private static readonly HashSet<string> SqlVerbs =
    [
        "ALTER", "BEGIN", "CALL", "COMMENT", "COMMIT", "COPY", "CREATE", "DELETE", "DO", "DROP", "EXECUTE", "GRANT",
        "INSERT", "MERGE", "REFRESH", "REINDEX", "REVOKE", "SELECT", "SET", "TRUNCATE", "UPDATE", "VACUUM", "WITH",
    ];

    /// <summary>
    /// The heading in a comment; null for prose, and for a marker of another tool, which is rejected as such.
    /// </summary>
    public static CommentHeading? Read(SqlSource source, SqlComment comment)
    {
        if (!StandsAlone(source, comment))
        {
            return null;
        }

        var body = BodyOf(source.Text.AsSpan(comment.Offset, comment.Length));
        if (!comment.IsBlock)
        {
            return ReadLine(body) is { } heading && MigrationHeader.ToolOf(body) is null ? heading : null;
        }

        var end = body.IndexOfAny('\n', '\r');
        if (ReadLine(end < 0 ? body : body[..end]) is not { } title)
        {
            return null;
        }

        // Only a comment of two dashes can be a marker.
        return title with
        {
            Form = title.Form == HeadingForm.Marker ? HeadingForm.Title : title.Form,
            HoldsSqlBelow = end >= 0 && AnyLineHoldsSql(body[end..]),
        };
    }

    /// <summary>True for the text of a line that would be a section marker if it were a comment.</summary>
    public static bool IsMarkerLine(string line) =>
        ReadLine(BodyOf(line)) is { Form: HeadingForm.Marker or HeadingForm.MarkerWithNote };

    /// <summary>True when a comment contains commented-out SQL.</summary>
    public static bool IsSql(string text, SqlComment comment) =>
        AnyLineHoldsSql(BodyOf(text.AsSpan(comment.Offset, comment.Length)));

    // The text of a comment without its delimiters.
    private static ReadOnlySpan<char> BodyOf(ReadOnlySpan<char> comment) => comment.StartsWith("/*")
        ? comment[2..].TrimStart("*! \t\r\n").TrimEnd("*/ \t\r\n")
        : comment.TrimStart('-').Trim();

    private static CommentHeading? ReadLine(ReadOnlySpan<char> line)
    {
        var words = new LineWords(line);
        if (!FindName(ref words, out var kind, out var hasPrefix))
        {
            return null;
        }

        var name = words.Current;
        var nameEnd = words.End;
        var isShouted = name.Length > 1 && !name.ContainsAnyInRange('a', 'z');
        var takesSentence = hasPrefix || line[^1] == ':';
        var hasNumber = false;
        while (words.Next())
        {
            var word = Upper(words.Current);
            if (char.IsAsciiDigit(word[0]))
            {
                hasNumber = true;
            }
            else if (!FillWords.Contains(word) && !DownWords.Contains(word) && !UpWords.Contains(word)
                && !(takesSentence && SentenceWords.Contains(word)))
            {
                return WithText(line, (kind, nameEnd), words.Start, isShouted);
            }
        }

        return new CommentHeading(
            IsMarker(line) ? HeadingForm.Marker
                : IsMarkerWithNote(line) ? HeadingForm.MarkerWithNote
                : hasNumber ? HeadingForm.Reference
                : HeadingForm.Title,
            kind);
    }

    // Up to the first word that names a section; filler words may come before it.
    private static bool FindName(ref LineWords words, out ScriptPartKind kind, out bool hasPrefix)
    {
        (kind, hasPrefix) = (ScriptPartKind.Down, false);
        while (words.Next())
        {
            var word = Upper(words.Current);
            if (DownWords.Contains(word) || (word == "ROLL" && words.TakeBack()))
            {
                return !words.IsCompound;
            }

            if (UpWords.Contains(word))
            {
                kind = ScriptPartKind.Up;
                return !words.IsCompound;
            }

            if (!FillWords.Contains(word) && !SentenceWords.Contains(word))
            {
                return false;
            }

            hasPrefix = true;
        }

        return false;
    }

    private static CommentHeading? WithText(
        ReadOnlySpan<char> line, (ScriptPartKind Kind, int End) name, int word, bool isShouted)
    {
        if (IsMarkerWithNote(line))
        {
            return new CommentHeading(HeadingForm.MarkerWithNote, name.Kind);
        }

        var separator = line[name.End..word].IndexOfAny(LineWords.Separators);
        if (separator < 0 && !isShouted)
        {
            return null;
        }

        var text = separator < 0 ? line[word..] : line[(name.End + separator + 1)..].TrimStart(LineWords.Decoration);
        return new CommentHeading(HeadingForm.Label, name.Kind, IsSqlText(text));
    }

    private static bool IsMarker(ReadOnlySpan<char> line) =>
        Behind(line, "UP") is "" or ":" || Behind(line, "DOWN") is "" or ":" || Behind(line, "ROLLBACK") is "" or ":";

    // '-- Rollback (see the wiki)' is more often a remark than a marker.
    private static bool IsMarkerWithNote(ReadOnlySpan<char> line) =>
        Behind(line, "UP") is ['(', .., ')'] || Behind(line, "DOWN") is ['(', .., ')'];

    private static ReadOnlySpan<char> Behind(ReadOnlySpan<char> line, string name) =>
        line.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? line[name.Length..].TrimStart() : "?";

    private static bool AnyLineHoldsSql(ReadOnlySpan<char> text)
    {
        foreach (var line in text.EnumerateLines())
        {
            if (IsSqlText(line.TrimStart("*- \t")))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSqlText(ReadOnlySpan<char> text)
    {
        var words = new LineWords(text);
        return text.TrimEnd() is [.., ';'] || (words.Next() && SqlVerbs.Contains(Upper(words.Current)));
    }

    // A large file is read in parts, and a part can start in the middle of a line.
    private static bool StandsAlone(SqlSource source, SqlComment comment)
    {
        var before = source.Text.AsSpan(0, comment.Offset).TrimEnd(" \t");
        var after = source.Text.AsSpan(comment.Offset + comment.Length).TrimStart(" \t");
        return (before.IsEmpty ? source.FirstColumn == 1 : before[^1] is '\n' or '\r')
            && (after.IsEmpty || after[0] is '\n' or '\r');
    }

    private static string Upper(ReadOnlySpan<char> word) => word.ToString().ToUpperInvariant();

    /// <summary>The words and numbers of a line, one after the other.</summary>
    private ref struct LineWords(ReadOnlySpan<char> line)
    {
        /// <summary>What can be between the name of a section and the text about it.</summary>
        public const string Decoration = SeparatorCharacters + " \t";

        /// <summary>What ends the name of a section and starts the text about it.</summary>
        public static readonly SearchValues<char> Separators = SearchValues.Create(SeparatorCharacters);

        private const string SeparatorCharacters = ":-–—/([{<=|>*~.;,)]}";

        private readonly ReadOnlySpan<char> _line = line;

        public int Start { get; private set; }

        public int End { get; private set; }

        public readonly ReadOnlySpan<char> Current => _line[Start..End];

        /// <summary>True for a part of a longer word: up-to-date, down.sql, rollback's.</summary>
        public readonly bool IsCompound => End + 1 < _line.Length && _line[End] is '-' or '.' or '\'' or '’'
            && char.IsLetter(_line[End + 1]);

        public bool Next()
        {
            Start = End;
            while (Start < _line.Length && !IsPartOfWord(_line[Start]))
            {
                Start++;
            }

            End = Start;
            while (End < _line.Length && IsPartOfWord(_line[End]))
            {
                End++;
            }

            return End > Start;
        }

        /// <summary>Reads BACK as the second half of ROLL BACK; false when another word is next.</summary>
        public bool TakeBack()
        {
            var (start, end) = (Start, End);
            var isBack = Next() && Current.Equals("BACK", StringComparison.OrdinalIgnoreCase);
            (Start, End) = isBack ? (start, End) : (start, end);
            return isBack;
        }

        private static bool IsPartOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';
    }
}
