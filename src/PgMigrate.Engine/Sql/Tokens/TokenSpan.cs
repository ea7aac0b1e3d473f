namespace PgMigrate.Sql.Tokens;

/// <summary>The first tokens of a statement, without blanks and comments, in the caller's memory.</summary>
internal readonly ref struct TokenSpan
{
    /// <summary>How many tokens are enough to decide every kind of statement.</summary>
    public const int Enough = 24;

    private readonly ReadOnlySpan<char> _text;
    private readonly ReadOnlySpan<SqlToken> _tokens;

    private TokenSpan(ReadOnlySpan<char> text, ReadOnlySpan<SqlToken> tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    public int Count => _tokens.Length;

    /// <summary>The text of a token as written; empty after the last.</summary>
    public ReadOnlySpan<char> this[int index] =>
        index < _tokens.Length ? _text[_tokens[index].Start.._tokens[index].End] : default;

    /// <summary>Reads as many tokens as the buffer has room for.</summary>
    public static TokenSpan Read(ReadOnlySpan<char> text, bool standardStrings, Span<SqlToken> buffer)
    {
        var count = 0;
        var tokens = new SqlTokenizer(text, standardStrings);
        while (count < buffer.Length && tokens.Read(out var token))
        {
            if (!token.IsTrivia)
            {
                buffer[count++] = token;
            }
        }

        return new TokenSpan(text, buffer[..count]);
    }

    /// <summary>True for an unquoted word in any case, or a sign.</summary>
    public bool Is(int index, string expected) =>
        index < _tokens.Length && Matches(_text, _tokens[index], expected);

    /// <summary>True for one of several words or signs.</summary>
    public bool IsAny(int index, params ReadOnlySpan<string> expected)
    {
        foreach (var one in expected)
        {
            if (Is(index, one))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the statement starts with these words.</summary>
    public bool StartsWith(params ReadOnlySpan<string> expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (!Is(i, expected[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when a word is among the tokens.</summary>
    public bool Contains(string expected)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, expected))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True after the last token, and at a semicolon.</summary>
    public bool IsEnd(int index) => index >= _tokens.Length || _tokens[index].Kind == SqlTokenKind.Semicolon;

    /// <summary>True when a token is this unquoted word in any case, or this sign.</summary>
    public static bool Matches(ReadOnlySpan<char> text, SqlToken token, string expected) =>
        token.End - token.Start == expected.Length
        && token.Kind is not (SqlTokenKind.QuotedIdentifier or SqlTokenKind.StringConstant or SqlTokenKind.DollarQuote)
        && System.Text.Ascii.EqualsIgnoreCase(text[token.Start..token.End], expected);
}
