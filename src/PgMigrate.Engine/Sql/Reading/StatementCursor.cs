using System.Text;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Reads the tokens of a statement, or of a part of it, from left to right.</summary>
internal sealed class StatementCursor
{
    private readonly ReadOnlyMemory<char> _text;
    private readonly List<SqlToken> _tokens;
    private readonly int _end;
    private int _next;

    private StatementCursor(ReadOnlyMemory<char> text, List<SqlToken> tokens, int start, int end)
    {
        (_text, _tokens, _next, _end) = (text, tokens, start, end);
    }

    /// <summary>True after the last token.</summary>
    public bool IsAtEnd => _next >= _end;

    /// <summary>
    /// Offset of the next token in the text of the statement; after the last one, the end of that.
    /// </summary>
    public int Offset => _next < _tokens.Count ? _tokens[_next].Start : _text.Length;

    /// <summary>Number of remaining tokens.</summary>
    public int Left => Math.Max(0, _end - _next);

    /// <summary>Kind of the next token; a symbol after the last.</summary>
    public SqlTokenKind Kind => IsAtEnd ? SqlTokenKind.Symbol : _tokens[_next].Kind;

    /// <summary>The tokens of a statement without blanks, comments and the final semicolon.</summary>
    public static StatementCursor Read(ReadOnlyMemory<char> text, bool standardStrings)
    {
        var tokens = new List<SqlToken>();
        var tokenizer = new SqlTokenizer(text.Span, standardStrings);
        while (tokenizer.Read(out var token))
        {
            if (!token.IsTrivia)
            {
                tokens.Add(token);
            }
        }

        while (tokens is [.., { Kind: SqlTokenKind.Semicolon }])
        {
            tokens.RemoveAt(tokens.Count - 1);
        }

        return new StatementCursor(text, tokens, 0, tokens.Count);
    }

    /// <summary>True when the token at that distance is this word or sign.</summary>
    public bool Is(string expected, int ahead = 0) =>
        _next + ahead < _end && TokenSpan.Matches(_text.Span, _tokens[_next + ahead], expected);

    /// <summary>True when the next token is one of these.</summary>
    public bool IsAny(params ReadOnlySpan<string> expected)
    {
        foreach (var one in expected)
        {
            if (Is(one))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Skips these words when all of them are next.</summary>
    public bool Accept(params ReadOnlySpan<string> expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (!Is(expected[i], i))
            {
                return false;
            }
        }

        _next += expected.Length;
        return true;
    }

    /// <summary>Skips any of these words as often as they occur; true when there was one.</summary>
    public bool AcceptAny(params ReadOnlySpan<string> expected)
    {
        var start = _next;
        while (IsAny(expected))
        {
            _next++;
        }

        return _next > start;
    }

    /// <summary>Skips one token.</summary>
    public void Skip() => _next++;

    /// <summary>Another cursor at the same position.</summary>
    public StatementCursor Copy() => new(_text, _tokens, _next, _end);

    /// <summary>
    /// The next token in upper case when it is an unquoted word; otherwise empty. The token is skipped in both cases.
    /// </summary>
    public string TakeWord()
    {
        var word = Kind == SqlTokenKind.Word ? Raw(_next).ToString().ToUpperInvariant() : "";
        _next++;
        return word;
    }

    /// <summary>The next token as written; null after the last.</summary>
    public string? TakeText() => IsAtEnd ? null : Raw(_next++).ToString();

    /// <summary>A single identifier, unquoted; null when none is next.</summary>
    public string? TakeIdentifier()
    {
        if (Kind is not (SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier))
        {
            return null;
        }

        var at = _next++;
        var escape = Is("UESCAPE") && Left > 1 && Raw(_next + 1) is ['\'', var custom, '\''] ? custom : '\\';
        _next += escape == '\\' ? 0 : 2;
        return SqlName.Unquote(Raw(at), _tokens[at].Kind, escape);
    }

    /// <summary>A qualified name, of which the last two parts count; null when none is next.</summary>
    public RelationName? TakeName()
    {
        if (TakeIdentifier() is not { } name)
        {
            return null;
        }

        string? schema = null;
        while (Is(".") && Left > 1)
        {
            var dot = _next++;
            if (TakeIdentifier() is not { } part)
            {
                _next = dot;
                break;
            }

            (schema, name) = (name, part);
        }

        return new RelationName(schema, name);
    }

    /// <summary>Comma-separated names; ONLY and the star of inheritance are skipped.</summary>
    public IReadOnlyList<RelationName> TakeNames()
    {
        var names = new List<RelationName>();
        do
        {
            Accept("ONLY");
            if (TakeName() is not { } name)
            {
                break;
            }

            names.Add(name);
            Accept("*");
        }
        while (Accept(","));
        return names;
    }

    /// <summary>A qualified name as written; null when none is next.</summary>
    public string? TakeWrittenName()
    {
        if (TakeText() is not { } name)
        {
            return null;
        }

        while (Is(".") && Left > 1)
        {
            name += "." + Raw(_next + 1).ToString();
            _next += 2;
        }

        return name;
    }

    /// <summary>The content of the next parentheses, which are skipped; null when none are next.</summary>
    public StatementCursor? TakeGroup()
    {
        if (Kind != SqlTokenKind.OpenParenthesis)
        {
            return null;
        }

        var start = _next + 1;
        SkipOne();
        return new StatementCursor(_text, _tokens, start, Math.Max(start, _next - 1));
    }

    /// <summary>The parts between the commas outside of parentheses, up to the end; skips all of them.</summary>
    public IEnumerable<StatementCursor> TakeParts()
    {
        while (!IsAtEnd)
        {
            var start = _next;
            while (!IsAtEnd && !Is(","))
            {
                SkipOne();
            }

            yield return new StatementCursor(_text, _tokens, start, Math.Min(_next, _end));
            _next++;
        }
    }

    /// <summary>Skips one token, or a whole group in parentheses or brackets.</summary>
    public void SkipOne()
    {
        var depth = 0;
        do
        {
            depth += Kind == SqlTokenKind.OpenParenthesis || Is("[") ? 1
                : Kind == SqlTokenKind.CloseParenthesis || Is("]") ? -1 : 0;
            _next++;
        }
        while (depth > 0 && !IsAtEnd);
    }

    /// <summary>Skips everything before one of these words outside of parentheses; true when there is one.</summary>
    public bool SkipTo(params ReadOnlySpan<string> expected)
    {
        while (!IsAtEnd && !IsAny(expected))
        {
            SkipOne();
        }

        return !IsAtEnd;
    }

    /// <summary>True when one of these words follows anywhere outside of parentheses.</summary>
    public bool HasAhead(params ReadOnlySpan<string> expected) => Copy().SkipTo(expected);

    /// <summary>
    /// The text from an offset to the last skipped token, without comments, each blank run as one blank.
    /// </summary>
    public string TextFrom(int offset)
    {
        var text = new StringBuilder();
        var first = _tokens.FindIndex(token => token.Start >= offset);
        for (var i = Math.Max(0, first); i < Math.Min(_next, _end); i++)
        {
            if (text.Length > 0 && _tokens[i].Start > _tokens[i - 1].End)
            {
                text.Append(' ');
            }

            text.Append(Raw(i));
        }

        return text.ToString();
    }

    private ReadOnlySpan<char> Raw(int index) => _text.Span[_tokens[index].Start.._tokens[index].End];
}
