namespace PgMigrate.Sql.Tokens;

/// <summary>Splits text into tokens by the rules that psql and the server share.</summary>
internal ref struct SqlTokenizer(ReadOnlySpan<char> text, bool standardStrings)
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly ReadOnlySpan<char> _text = text;

    // A string constant continues on the next line under the escape rules of its first part.
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

    /// <summary>
    /// Skips the tokens of a statement whose words no longer matter: values, names, commas, parentheses. Nine of ten
    /// tokens are such, and need not be distinguished. Stops before any other token. Returns the end of the last
    /// non-blank token; 0 when there was none.
    /// </summary>
    public int PassPlain(ref SqlNesting nesting)
    {
        ReadOnlySpan<char> text = _text;
        int end = 0;
        int index = Position;
        while (index < text.Length)
        {
            int start = index;
            switch (text[index])
            {
                case ' ' or '\t' or '\f':
                    index++;
                    continue;
                case '\n' or '\r':
                    _openConstantSawLineEnd = true;
                    index++;
                    continue;
                case ',' or '.' or '=' or '+' or '*' or '<' or '>' or '[' or ']':
                    index++;
                    break;
                case '(':
                    nesting.Open();
                    index++;
                    break;
                case ')':
                    nesting.Close();
                    index++;
                    break;
                case >= '0' and <= '9':
                    index = EndOfNumber(index);
                    break;
                case '\'':
                    index = PassConstant(index);
                    break;
                case var first when SqlCharacters.StartsIdentifier(first):
                    index = PassWord(index);
                    break;
            }

            if (index == start)
            {
                break;
            }

            _hasOpenConstant = text[start] == '\'';
            end = index;
        }

        Position = index;
        return end;
    }

    // A single letter can be the prefix of a constant, which needs a closer check.
    private readonly int PassWord(int start)
    {
        int end = SqlCharacters.SkipIdentifier(_text, start);
        return end - start == 1 && At(end) is '\'' or '&' ? start : end;
    }

    private int PassConstant(int start)
    {
        bool escapes = PlainConstantEscapes();
        SqlToken token = SqlDelimited.Quoted(_text, SqlTokenKind.StringConstant, start, start, escapes);
        if (!token.IsClosed)
        {
            return start;
        }

        _openConstantEscapes = escapes;
        _openConstantSawLineEnd = false;
        return token.End;
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
            '"' => ReadIdentifier(start, start),
            '$' => SqlDelimited.Dollar(_text, start),
            '-' when second == '-' => SqlDelimited.LineComment(_text, start),
            '/' when second == '*' => SqlDelimited.BlockComment(_text, start),
            '\\' when second is ';' or ':' => new SqlToken(SqlTokenKind.Escape, start, start + 2),
            '\\' => new SqlToken(SqlTokenKind.Backslash, start, start + 1),
            ':' => ReadColon(start),
            ';' => new SqlToken(SqlTokenKind.Semicolon, start, start + 1),
            '(' => new SqlToken(SqlTokenKind.OpenParenthesis, start, start + 1),
            ')' => new SqlToken(SqlTokenKind.CloseParenthesis, start, start + 1),
            >= '0' and <= '9' => ReadNumber(start),
            _ => new SqlToken(SqlTokenKind.Symbol, start, start + 1),
        };
    }

    private readonly char At(int index) => SqlCharacters.At(_text, index);

    // A blank ends at its line end, because some statements affect the lines after theirs.
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
        int end = SqlCharacters.SkipIdentifier(_text, start);
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
            ('u', '&', '"') => ReadIdentifier(start, start + 2),
            _ => new SqlToken(SqlTokenKind.Word, start, start + 1),
        };
    }

    private readonly SqlToken ReadIdentifier(int start, int quote) =>
        SqlDelimited.Quoted(_text, SqlTokenKind.QuotedIdentifier, start, quote, escapes: false);

    private readonly bool PlainConstantEscapes() =>
        _hasOpenConstant && _openConstantSawLineEnd ? _openConstantEscapes : !StandardStrings;

    private SqlToken ReadConstant(int start, int quote, bool escapes)
    {
        _hasOpenConstant = true;
        _openConstantEscapes = escapes;
        _openConstantSawLineEnd = false;
        return SqlDelimited.Quoted(_text, SqlTokenKind.StringConstant, start, quote, escapes);
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

    // psql reads a colon and the letters after it as a variable: no keyword, and no dollar in it.
    private readonly SqlToken ReadColon(int start)
    {
        int end = start + 1;
        if (At(end) is ':' or '=')
        {
            return new SqlToken(SqlTokenKind.Symbol, start, end + 1);
        }

        end = SqlCharacters.SkipVariable(_text, end);
        return new SqlToken(end == start + 1 ? SqlTokenKind.Symbol : SqlTokenKind.Variable, start, end);
    }

    // Letters directly after a number belong to it: they are not a keyword.
    private readonly SqlToken ReadNumber(int start) => new(SqlTokenKind.Number, start, EndOfNumber(start));

    private readonly int EndOfNumber(int start)
    {
        int end = SqlCharacters.SkipDigits(_text, start);
        if (At(end) == '.' && At(end + 1) != '.')
        {
            end = SqlCharacters.SkipDigits(_text, end + 1);
        }

        return SqlCharacters.SkipIdentifier(_text, end);
    }
}
