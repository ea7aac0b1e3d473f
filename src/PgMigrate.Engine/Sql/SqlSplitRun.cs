namespace PgMigrate.Sql;

/// <summary>The state of one pass over a script.</summary>
internal ref struct SqlSplitRun
{
    private const int None = -1;

    private readonly string _text;
    private readonly bool _sessionStandardStrings;
    private readonly List<SqlPiece> _pieces = [];
    private readonly List<SqlLineComment> _lineComments = [];
    private readonly List<int> _escapes = [];
    private readonly List<int> _copyColumns = [];
    private SqlSplitError? _error;

    private SqlTokenizer _tokens;
    private SqlNesting _nesting;
    private LineCounter _lines;

    private int _start = None;
    private int _startLine;
    private int _end;

    // psql can join several commands into one query; each may read rows or change a setting.
    private int _commandStart = None;

    // psql reads a line at a time: rows of COPY and a changed setting begin behind the line of their statement.
    private int _lineEnd = None;
    private bool _nextStandardStrings;

    public SqlSplitRun(string text, bool standardStrings)
    {
        _text = text;
        _sessionStandardStrings = standardStrings;
        _nextStandardStrings = standardStrings;
        _tokens = new SqlTokenizer(text, standardStrings);
        _lines = new LineCounter(text);
    }

    private readonly bool IsInStatement => _start != None;

    public SqlSplit Run()
    {
        while (_tokens.Read(out SqlToken token))
        {
            Take(token);
            if (_lineEnd != None && _tokens.Position > _lineEnd)
            {
                StartLine();
            }
        }

        EndWithoutSemicolon(_text.Length);
        return new SqlSplit(_text, _pieces, _lineComments, _escapes, _error);
    }

    private void Take(SqlToken token)
    {
        if (!token.IsClosed)
        {
            FailUnclosed(token);
        }

        switch (token.Kind)
        {
            case SqlTokenKind.Blank:
                TakeTrivia(SqlPieceKind.Blank, token);
                break;
            case SqlTokenKind.LineComment:
                int length = token.End - token.Start;
                int line = _lines.At(token.Start);
                _lineComments.Add(new(token.Start, length, line, IsInStatement, _nesting.Depth));
                TakeTrivia(SqlPieceKind.LineComment, token);
                break;
            case SqlTokenKind.BlockComment:
                TakeTrivia(SqlPieceKind.BlockComment, token);
                break;
            case SqlTokenKind.Semicolon when !IsInStatement:
                Add(SqlPieceKind.Blank, token.Start, token.End);
                break;
            case SqlTokenKind.Semicolon when _nesting.Depth == 0:
                End(token.End);
                AwaitLineEnd(token.End);
                break;
            case SqlTokenKind.Backslash:
                TakeCommand(token.Start);
                break;
            default:
                TakeText(token);
                break;
        }
    }

    private void TakeTrivia(SqlPieceKind kind, SqlToken token)
    {
        if (!IsInStatement)
        {
            Add(kind, token.Start, token.End);
        }
        else if (kind != SqlPieceKind.Blank)
        {
            _end = token.End;
        }
    }

    private void TakeText(SqlToken token)
    {
        if (!IsInStatement)
        {
            _start = token.Start;
            _startLine = _lines.At(token.Start);
        }

        _commandStart = _commandStart == None ? token.Start : _commandStart;
        _end = token.End;
        switch (token.Kind)
        {
            case SqlTokenKind.Word:
                _nesting.Word(_text.AsSpan(token.Start, token.End - token.Start));
                break;
            case SqlTokenKind.OpenParenthesis:
                _nesting.Open();
                break;
            case SqlTokenKind.CloseParenthesis:
                _nesting.Close();
                break;
            case SqlTokenKind.Escape:
                _escapes.Add(token.Start);
                if (_text[token.Start + 1] == ';')
                {
                    EndCommand(token.Start);
                }

                break;
            default:
                break;
        }
    }

    private void TakeCommand(int start)
    {
        int end = start + PsqlCommand.Length(_text.AsSpan(start));
        ReadOnlySpan<char> command = _text.AsSpan(start, end - start);
        if (IsInStatement && !PsqlCommand.Sends(command))
        {
            Fail(SqlSplitError.InterruptedStatement, "This psql command stands in the middle of a statement.", start);
        }

        EndWithoutSemicolon(start);
        if (CopyRows.AreReadBy(command[1..], standardStrings: true, out int columns))
        {
            _copyColumns.Add(columns);
        }

        Add(SqlPieceKind.PsqlCommand, start, end);
        _tokens.Position = end;
        AwaitLineEnd(end);
    }

    private void End(int end)
    {
        EndCommand(end);
        Add(SqlPieceKind.Statement, _start, end, _startLine);
        _start = None;
        _nesting = default;
    }

    // Comments behind the last token are sent, too; only blanks are not.
    private void EndWithoutSemicolon(int position)
    {
        if (IsInStatement)
        {
            int end = _end;
            End(end);
            if (end < position)
            {
                Add(SqlPieceKind.Blank, end, position);
            }
        }
    }

    private void EndCommand(int end)
    {
        if (_commandStart != None)
        {
            ReadOnlySpan<char> command = _text.AsSpan(_commandStart, end - _commandStart);
            bool standard = _tokens.StandardStrings;
            if (_nesting.Lead == SqlLead.Copy && CopyRows.AreReadBy(command, standard, out int columns))
            {
                _copyColumns.Add(columns);
            }
            else if (_nesting.Lead == SqlLead.Setting)
            {
                _nextStandardStrings = StandardStringsSetting.After(command, _nextStandardStrings, _sessionStandardStrings);
            }
        }

        _commandStart = None;
        _nesting.StartCommand();
    }

    private void AwaitLineEnd(int position)
    {
        bool isAwaited = _copyColumns.Count > 0 || _nextStandardStrings != _tokens.StandardStrings;
        if (isAwaited && _lineEnd < position)
        {
            int length = _text.AsSpan(position).IndexOf('\n');
            _lineEnd = length < 0 ? _text.Length : position + length;
        }
    }

    private void StartLine()
    {
        int lineStart = _lineEnd + 1;
        _lineEnd = None;
        _tokens.StandardStrings = _nextStandardStrings;
        if (_copyColumns.Count == 0)
        {
            return;
        }

        if (IsInStatement || _tokens.Position > lineStart)
        {
            const string Message = "The rows of a COPY … FROM STDIN start here, in the middle of something else.";
            Fail(SqlSplitError.InterruptedStatement, Message, lineStart);
            EndWithoutSemicolon(_tokens.Position);
        }

        TakeRows();
        _copyColumns.Clear();
    }

    private void TakeRows()
    {
        foreach (int columns in _copyColumns)
        {
            int start = _tokens.Position;
            ReadOnlySpan<char> rest = _text.AsSpan(start);
            if (rest.IsEmpty || CopyRows.AreMissing(rest, columns, _tokens.StandardStrings))
            {
                break;
            }

            int end = start + CopyRows.Length(rest);
            Add(SqlPieceKind.CopyData, start, end);
            int length = _text.AsSpan(end).IndexOf('\n') + 1;
            if (length > 0)
            {
                Add(SqlPieceKind.Blank, end, end + length);
            }

            _tokens.Position = end + length;
        }
    }

    private void Add(SqlPieceKind kind, int start, int end) => Add(kind, start, end, _lines.At(start));

    private void Add(SqlPieceKind kind, int start, int end, int line)
    {
        if (kind == SqlPieceKind.Blank && _pieces.Count > 0 && _pieces[^1].Kind == SqlPieceKind.Blank)
        {
            _pieces[^1] = _pieces[^1] with { Length = end - _pieces[^1].Offset };
        }
        else
        {
            _pieces.Add(new SqlPiece(kind, start, end - start, line));
        }
    }

    private void FailUnclosed(SqlToken token)
    {
        (string code, string what) = token.Kind switch
        {
            SqlTokenKind.BlockComment => (SqlSplitError.UnterminatedComment, "block comment"),
            SqlTokenKind.QuotedIdentifier => (SqlSplitError.UnterminatedIdentifier, "quoted identifier"),
            SqlTokenKind.DollarQuote => (SqlSplitError.UnterminatedDollarQuote, DollarQuoteName(token.Start)),
            _ => (SqlSplitError.UnterminatedString, "string"),
        };
        Fail(code, $"The {what} that starts here is never closed.", token.Start);
    }

    private readonly string DollarQuoteName(int start)
    {
        int tagEnd = _text.IndexOf('$', start + 1) + 1;
        return $"dollar-quoted string {_text[start..tagEnd]}";
    }

    private void Fail(string code, string message, int offset)
    {
        if (_error is null)
        {
            (int line, int column) = SqlPosition.At(_text, offset);
            _error = new SqlSplitError(code, message, offset, line, column);
        }
    }
}
