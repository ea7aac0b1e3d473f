using PgMigrate.Sql.Reading;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql;

/// <summary>The state of one pass over a script.</summary>
internal ref struct SqlSplitRun
{
    private const int None = -1;

    private readonly string _text;
    private readonly bool _sessionStandardStrings;
    private readonly SqlPieceList _pieces;
    private readonly List<SqlComment> _comments = [];
    private readonly List<int> _escapes = [];
    private readonly List<int> _copyColumns = [];
    private SqlSplitError? _error;

    private SqlTokenizer _tokens;
    private SqlNesting _nesting;

    private int _start = None;
    private int _startLine;
    private int _end;

    // psql can join several commands into one query; each may read rows or change a setting.
    private int _commandStart = None;

    // psql reads line by line: COPY rows and a changed setting start after the line of their statement.
    private int _lineEnd = None;
    private bool _nextStandardStrings;

    public SqlSplitRun(string text, bool standardStrings)
    {
        _text = text;
        _sessionStandardStrings = standardStrings;
        _nextStandardStrings = standardStrings;
        _tokens = new SqlTokenizer(text, standardStrings);
        _pieces = new SqlPieceList(text);
    }

    /// <summary>False to read every token, which has the same result and takes longer.</summary>
    public bool PassesPlain { get; init; } = true;

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
            else if (PassesPlain && _lineEnd == None && IsInStatement && _nesting.Lead == SqlLead.Other)
            {
                _end = Math.Max(_end, _tokens.PassPlain(ref _nesting));
            }
        }

        int? unfinished = IsInStatement ? _start : null;
        EndWithoutSemicolon(_text.Length);
        return new SqlSplit(_text, _pieces.Pieces, _comments, _escapes, _error) { Unfinished = unfinished };
    }

    private void Take(SqlToken token)
    {
        if (!token.IsClosed)
        {
            _error ??= SqlSplitFailure.Unclosed(_text, token);
        }

        switch (token.Kind)
        {
            case SqlTokenKind.Blank:
                TakeTrivia(SqlPieceKind.Blank, token);
                break;
            case SqlTokenKind.LineComment:
                AddComment(token, isBlock: false);
                TakeTrivia(SqlPieceKind.LineComment, token);
                break;
            case SqlTokenKind.BlockComment:
                AddComment(token, isBlock: true);
                TakeTrivia(SqlPieceKind.BlockComment, token);
                break;
            case SqlTokenKind.Semicolon when !IsInStatement:
                _pieces.Add(SqlPieceKind.Blank, token.Start, token.End);
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

    private void AddComment(SqlToken token, bool isBlock) => _comments.Add(new(
        token.Start, token.End - token.Start, _pieces.LineAt(token.Start), IsInStatement, _nesting.Depth, isBlock));

    private void TakeTrivia(SqlPieceKind kind, SqlToken token)
    {
        if (!IsInStatement)
        {
            _pieces.Add(kind, token.Start, token.End);
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
            _startLine = _pieces.LineAt(token.Start);
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
        int end = start + PsqlCommandText.Length(_text.AsSpan(start));
        ReadOnlySpan<char> command = _text.AsSpan(start, end - start);
        if (IsInStatement && !PsqlCommandText.Sends(command))
        {
            _error ??= SqlSplitFailure.InterruptedByCommand(_text, start);
        }

        EndWithoutSemicolon(start);
        if (CopyRows.AreReadBy(command[1..], standardStrings: true, out int columns))
        {
            _copyColumns.Add(columns);
        }

        _pieces.Add(SqlPieceKind.PsqlCommand, start, end);
        _tokens.Position = end;
        AwaitLineEnd(end);
    }

    private void End(int end)
    {
        EndCommand(end);
        _pieces.Add(SqlPieceKind.Statement, _start, end, _startLine);
        _start = None;
        _nesting = default;
    }

    // Comments after the last token are sent, too; trailing blanks are not.
    private void EndWithoutSemicolon(int position)
    {
        if (IsInStatement)
        {
            End(_end);
            _pieces.Add(SqlPieceKind.Blank, _end, position);
        }
    }

    private void EndCommand(int end)
    {
        int start = _commandStart == None ? end : _commandStart;
        ReadOnlySpan<char> command = _text.AsSpan(start, end - start);
        bool standard = _tokens.StandardStrings;
        if (_nesting.Lead == SqlLead.Copy && CopyRows.AreReadBy(command, standard, out int columns))
        {
            _copyColumns.Add(columns);
        }
        else if (_nesting.Lead == SqlLead.Setting)
        {
            bool current = _nextStandardStrings;
            _nextStandardStrings = StandardStringsSetting.After(command, current, _sessionStandardStrings);
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
            _error ??= SqlSplitFailure.InterruptedByRows(_text, lineStart);
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
            _pieces.Add(SqlPieceKind.CopyData, start, end);
            _tokens.Position = end + _text.AsSpan(end).IndexOf('\n') + 1;
            _pieces.Add(SqlPieceKind.Blank, end, _tokens.Position);
        }
    }
}
