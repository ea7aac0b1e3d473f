namespace PgMigrate.Sql;

/// <summary>Cuts text into tokens by the rules psql and the server share.</summary>
internal ref struct SqlTokenizer(ReadOnlySpan<char> text, bool standardStrings)
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly ReadOnlySpan<char> _text = text;

    // A string constant goes on in the next line under the escape rules of its first part.
    private bool _hasOpenConstant;
    private bool _openConstantEscapes;
    private bool _openConstantSawLineEnd;

    public int Position { get; set; }

    /// <summary>Whether a backslash in a plain string constant is an ordinary character.</summary>
    public bool StandardStrings { get; set; } = standardStrings;

    public bool Read(out SqlToken token)
    {
        if (Position >= _text.Length)
        {
            token = default;
            return false;
        }

        token = ReadAt(Position);
        Position = token.End;
        if (_hasOpenConstant)
        {
            FollowOpenConstant(token);
        }

        return true;
    }

    private SqlToken ReadAt(int start)
    {
        char first = _text[start];
        if (SqlCharacters.IsBlank(first) || (first == ByteOrderMark && start == 0))
        {
            return new SqlToken(SqlTokenKind.Blank, start, EndOfBlank(start + 1));
        }

        if (SqlCharacters.StartsIdentifier(first))
        {
            return ReadWord(start);
        }

        char second = At(start + 1);
        return first switch
        {
            '\'' => ReadConstant(start, start, PlainConstantEscapes()),
            '"' => ReadQuoted(SqlTokenKind.QuotedIdentifier, start, start, escapes: false),
            '$' => ReadDollar(start),
            '-' when second == '-' => ReadLineComment(start),
            '/' when second == '*' => ReadBlockComment(start),
            '\\' when second is ';' or ':' => new SqlToken(SqlTokenKind.Escape, start, start + 2),
            '\\' => new SqlToken(SqlTokenKind.Backslash, start, start + 1),
            ':' => ReadColon(start),
            ';' => new SqlToken(SqlTokenKind.Semicolon, start, start + 1),
            '(' => new SqlToken(SqlTokenKind.OpenParenthesis, start, start + 1),
            ')' => new SqlToken(SqlTokenKind.CloseParenthesis, start, start + 1),
            '.' when char.IsAsciiDigit(second) => ReadNumber(start),
            >= '0' and <= '9' => ReadNumber(start),
            _ => new SqlToken(SqlTokenKind.Symbol, start, start + 1),
        };
    }

    private readonly char At(int index) => index < _text.Length ? _text[index] : '\0';

    // A blank ends with its line, because some statements act on the lines that follow theirs.
    private readonly int EndOfBlank(int index)
    {
        if (_text[index - 1] == '\n')
        {
            return index;
        }

        while (index < _text.Length && SqlCharacters.IsBlank(_text[index]))
        {
            if (_text[index++] == '\n')
            {
                break;
            }
        }

        return index;
    }

    private SqlToken ReadWord(int start)
    {
        int end = start + 1;
        while (end < _text.Length && SqlCharacters.ContinuesIdentifier(_text[end]))
        {
            end++;
        }

        if (end - start == 1 && At(end) is '\'' or '&')
        {
            return ReadPrefixed(start);
        }

        return new SqlToken(SqlTokenKind.Word, start, end);
    }

    private SqlToken ReadPrefixed(int start)
    {
        char quote = At(start + 1);
        char afterAmpersand = quote == '&' ? At(start + 2) : '\0';
        return (_text[start] | ' ', quote, afterAmpersand) switch
        {
            ('e', '\'', _) => ReadConstant(start, start + 1, escapes: true),
            ('b' or 'x', '\'', _) => ReadConstant(start, start + 1, escapes: false),
            ('n', '\'', _) => ReadConstant(start, start + 1, !StandardStrings),
            ('u', '&', '\'') => ReadConstant(start, start + 2, escapes: false),
            ('u', '&', '"') => ReadQuoted(SqlTokenKind.QuotedIdentifier, start, start + 2, escapes: false),
            _ => new SqlToken(SqlTokenKind.Word, start, start + 1),
        };
    }

    private readonly bool PlainConstantEscapes() =>
        _hasOpenConstant && _openConstantSawLineEnd ? _openConstantEscapes : !StandardStrings;

    private SqlToken ReadConstant(int start, int quote, bool escapes)
    {
        _hasOpenConstant = true;
        _openConstantEscapes = escapes;
        _openConstantSawLineEnd = false;
        return ReadQuoted(SqlTokenKind.StringConstant, start, quote, escapes);
    }

    private void FollowOpenConstant(SqlToken token)
    {
        if (token.Kind == SqlTokenKind.Blank)
        {
            _openConstantSawLineEnd |= _text[token.Start..token.End].ContainsAny('\n', '\r');
        }
        else
        {
            _hasOpenConstant = token.Kind is SqlTokenKind.StringConstant or SqlTokenKind.LineComment;
        }
    }

    private readonly SqlToken ReadQuoted(SqlTokenKind kind, int start, int quote, bool escapes)
    {
        char mark = _text[quote];
        int index = quote + 1;
        while (index < _text.Length)
        {
            ReadOnlySpan<char> rest = _text[index..];
            int skip = escapes ? rest.IndexOfAny(mark, '\\') : rest.IndexOf(mark);
            if (skip < 0)
            {
                break;
            }

            index += skip;
            if (_text[index] == mark && At(index + 1) != mark)
            {
                return new SqlToken(kind, start, index + 1);
            }

            index += 2;
        }

        return new SqlToken(kind, start, _text.Length, IsClosed: false);
    }

    private readonly SqlToken ReadDollar(int start)
    {
        int end = start + 1;
        if (char.IsAsciiDigit(At(end)))
        {
            return new SqlToken(SqlTokenKind.Parameter, start, SkipDigits(end));
        }

        if (SqlCharacters.StartsIdentifier(At(end)))
        {
            while (end < _text.Length && SqlCharacters.ContinuesVariable(_text[end]))
            {
                end++;
            }
        }

        if (At(end) != '$')
        {
            return new SqlToken(SqlTokenKind.Symbol, start, start + 1);
        }

        ReadOnlySpan<char> delimiter = _text[start..(end + 1)];
        int length = _text[(end + 1)..].IndexOf(delimiter);
        return length < 0
            ? new SqlToken(SqlTokenKind.DollarQuote, start, _text.Length, IsClosed: false)
            : new SqlToken(SqlTokenKind.DollarQuote, start, end + 1 + length + delimiter.Length);
    }

    private readonly SqlToken ReadLineComment(int start)
    {
        int length = _text[start..].IndexOfAny('\n', '\r');
        return new SqlToken(SqlTokenKind.LineComment, start, length < 0 ? _text.Length : start + length);
    }

    private readonly SqlToken ReadBlockComment(int start)
    {
        int index = start + 2;
        for (int depth = 1; depth > 0;)
        {
            int skip = index < _text.Length ? _text[index..].IndexOfAny('*', '/') : -1;
            if (skip < 0)
            {
                return new SqlToken(SqlTokenKind.BlockComment, start, _text.Length, IsClosed: false);
            }

            index += skip;
            int step = (_text[index], At(index + 1)) switch
            {
                ('/', '*') => 1,
                ('*', '/') => -1,
                _ => 0,
            };
            depth += step;
            index += step == 0 ? 1 : 2;
        }

        return new SqlToken(SqlTokenKind.BlockComment, start, index);
    }

    // psql takes a colon and the letters after it as one of its variables: no keyword, and no dollar in it.
    private readonly SqlToken ReadColon(int start)
    {
        int end = start + 1;
        if (At(end) is ':' or '=')
        {
            return new SqlToken(SqlTokenKind.Symbol, start, end + 1);
        }

        while (end < _text.Length && SqlCharacters.ContinuesVariable(_text[end]))
        {
            end++;
        }

        return new SqlToken(end == start + 1 ? SqlTokenKind.Symbol : SqlTokenKind.Variable, start, end);
    }

    private readonly SqlToken ReadNumber(int start)
    {
        int end = SkipDigits(start);
        if (At(end) == '.' && (end == start || At(end + 1) != '.'))
        {
            end = SkipDigits(end + 1);
        }

        if (At(end) is 'e' or 'E')
        {
            int exponent = At(end + 1) is '+' or '-' ? end + 2 : end + 1;
            end = char.IsAsciiDigit(At(exponent)) ? SkipDigits(exponent) : end;
        }

        return new SqlToken(SqlTokenKind.Number, start, end);
    }

    private readonly int SkipDigits(int index)
    {
        while (index < _text.Length && char.IsAsciiDigit(_text[index]))
        {
            index++;
        }

        return index;
    }
}
