namespace PgMigrate.Sql;

/// <summary>Collects pieces, one for each run of blanks, and counts lines in one pass over the text.</summary>
internal sealed class SqlPieceList(string text)
{
    private readonly List<SqlPiece> _pieces = [];

    // Checked once: most texts have none, and a text has many pieces.
    private readonly bool _hasCarriageReturn = text.Contains('\r');
    private int _offset;
    private int _line = 1;

    public IReadOnlyList<SqlPiece> Pieces => _pieces;

    public void Add(SqlPieceKind kind, int start, int end) => Add(kind, start, end, LineAt(start));

    public void Add(SqlPieceKind kind, int start, int end, int line)
    {
        if (kind == SqlPieceKind.Blank && _pieces is [.., { Kind: SqlPieceKind.Blank } last])
        {
            _pieces[^1] = last with { Length = end - last.Offset };
        }
        else if (start < end)
        {
            _pieces.Add(new SqlPiece(kind, start, end - start, line));
        }
    }

    /// <summary>The line of an offset, counted from the last requested offset.</summary>
    public int LineAt(int offset)
    {
        _line += _hasCarriageReturn
            ? SqlPosition.LineEnds(text, _offset, offset)
            : text.AsSpan(_offset, offset - _offset).Count('\n');
        _offset = offset;
        return _line;
    }
}
