using System.Globalization;
using System.Text;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql;

/// <summary>
/// Finds invisible or look-alike characters where PostgreSQL reads them as letters of a name: an editor, a chat or a
/// web page puts them into SQL unnoticed; pure.
/// </summary>
/// <param name="Offset">Its offset in the text.</param>
/// <param name="Rune">The character.</param>
/// <param name="Name">Its name.</param>
/// <param name="Meant">The replacement; empty to delete it.</param>
internal readonly record struct CharacterWarning(int Offset, Rune Rune, string Name, string Meant)
{
    /// <summary>Its code point, as <c>U+00A0</c>.</summary>
    public string CodePoint => string.Create(CultureInfo.InvariantCulture, $"U+{Rune.Value:X4}");

    /// <summary>Code point and name, as <c>U+00A0 (no-break space)</c>.</summary>
    public string Description => $"{CodePoint} ({Name})";

    /// <summary>The fix, as a sentence.</summary>
    public string Remedy => Meant switch
    {
        "" => "Delete it",
        " " => "Replace it with a blank",
        _ => $"Replace it with {Meant}",
    };

    /// <summary>What it is and how to fix it, at a column of its line.</summary>
    public string Sentence(int line, int column) => string.Create(
        CultureInfo.InvariantCulture, $"line {line}, column {column} is {Description}. {Remedy}.");

    /// <summary>
    /// The character that explains an error at an offset: in the word there; for a syntax error, also in the word
    /// before or after. A string may contain any character, unless the server parses its content.
    /// </summary>
    public static CharacterWarning? Near(string text, int offset, bool isSyntax, bool standardStrings = true)
    {
        var words = new List<SqlToken>();
        var at = -1;
        var tokens = new SqlTokenizer(text, standardStrings);
        while ((at < 0 || words.Count <= at + 1) && tokens.Read(out var token))
        {
            if (BodyAround(text, token, offset) is { } body)
            {
                return Near(text[body.Start..body.End], offset - body.Start, isSyntax) is { } inside
                    ? inside with { Offset = inside.Offset + body.Start }
                    : null;
            }

            if (!IsComment(token) && (!token.IsTrivia || FirstIn(text, token) is not null))
            {
                at = at < 0 && token.End > offset ? words.Count : at;
                words.Add(token);
            }
        }

        at = at < 0 ? words.Count : at;
        int[] places = isSyntax ? [at, at - 1, at + 1] : [at];
        return places.Where(index => index >= 0 && index < words.Count && !IsQuoted(words[index]))
            .Select(index => FirstIn(text, words[index]))
            .FirstOrDefault(found => found is not null);
    }

    /// <summary>The character in the first word of a statement: no SQL command has one.</summary>
    public static CharacterWarning? InCommand(ReadOnlySpan<char> statement)
    {
        var tokens = new SqlTokenizer(statement, standardStrings: true);
        while (tokens.Read(out var token))
        {
            if (!IsComment(token) && (FirstIn(statement, token) is not null || !token.IsTrivia))
            {
                return IsQuoted(token) ? null : FirstIn(statement, token);
            }
        }

        return null;
    }

    /// <summary>The warning for one character; null for a character that is what it looks like.</summary>
    public static CharacterWarning? Of(Rune rune, int offset)
    {
        if (rune.IsAscii)
        {
            return rune.Value is >= ' ' and < 0x7F or '\t' or '\n' or '\r' or '\f'
                ? null
                : new CharacterWarning(offset, rune, "a control character", "");
        }

        return LookAlikes.Find(rune) is var (name, meant) ? new CharacterWarning(offset, rune, name, meant) : null;
    }

    private static bool IsComment(SqlToken token) =>
        token.Kind is SqlTokenKind.LineComment or SqlTokenKind.BlockComment;

    private static bool IsQuoted(SqlToken token) =>
        token.Kind is SqlTokenKind.StringConstant or SqlTokenKind.QuotedIdentifier or SqlTokenKind.DollarQuote;

    // The body of a function or a DO that an error points into.
    private static SqlRange? BodyAround(string text, SqlToken token, int offset)
    {
        if (token.Kind is not (SqlTokenKind.DollarQuote or SqlTokenKind.StringConstant)
            || offset <= token.Start || offset >= token.End)
        {
            return null;
        }

        var mark = token.Kind == SqlTokenKind.DollarQuote ? '$' : '\'';
        var start = text.IndexOf(mark, token.Start) + 1;
        start = mark == '$' ? text.IndexOf('$', start) + 1 : start;
        return offset >= start ? new SqlRange(start, token.End) : null;
    }

    private static CharacterWarning? FirstIn(ReadOnlySpan<char> text, SqlToken token)
    {
        var part = text[token.Start..token.End];
        if (!part.ContainsAnyExceptInRange(' ', '~'))
        {
            return null;
        }

        var hasLatin = part.IndexOfAnyInRange('A', 'z') >= 0;
        var offset = token.Start;
        foreach (var rune in part.EnumerateRunes())
        {
            if (Of(rune, offset) is { } found && (hasLatin || !LookAlikes.IsLetter(rune)))
            {
                return found;
            }

            offset += rune.Utf16SequenceLength;
        }

        return null;
    }
}
