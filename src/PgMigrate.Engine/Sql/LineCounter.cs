namespace PgMigrate.Sql;

/// <summary>Counts lines from the last offset asked for, so that a pass over a text stays linear.</summary>
internal struct LineCounter(string text)
{
    private int _offset;
    private int _line = 1;

    public int At(int offset)
    {
        _line += offset >= _offset
            ? text.AsSpan(_offset, offset - _offset).Count('\n')
            : -text.AsSpan(offset, _offset - offset).Count('\n');
        _offset = offset;
        return _line;
    }
}
