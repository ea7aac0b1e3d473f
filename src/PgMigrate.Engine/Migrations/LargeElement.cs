using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Something of a large file, in its order.</summary>
internal abstract record LargeElement
{
    /// <summary>Where it starts, in UTF-16 units from the start of the file; 0 for a fault.</summary>
    public long Start { get; init; }

    /// <summary>A statement; it is copied out of its window when somebody wants more than a look at its text.</summary>
    public sealed record Statement : LargeElement
    {
        private readonly SqlSplit? _split;
        private readonly SqlSource? _source;
        private readonly SqlPiece _piece;
        private readonly bool _standardStrings;
        private SqlStatement? _value;

        public Statement(SqlStatement value) => _value = value;

        public Statement(SqlSplit? split, SqlSource source, SqlPiece piece, bool standardStrings) =>
            (_split, _source, _piece, _standardStrings) = (split, source, piece, standardStrings);

        /// <summary>Where it stands in its window; asking does not copy it.</summary>
        public (SqlSource Source, int Offset, int Length) Place => _value is null
            ? (_source!, _piece.Offset, _piece.Length)
            : (_value.Source!, _value.Offset, _value.Text.Length);

        public ReadOnlySpan<char> Text =>
            _value is null ? (_split?.Text ?? _source!.Text).AsSpan(_piece.Offset, _piece.Length) : _value.Text;

        public SqlStatement Value => _value ??= new SqlStatement(
            _split?.TextToSend(_piece) ?? Text.ToString(), _piece.Offset, _piece.Line)
        {
            Source = _source,
            StandardStrings = _standardStrings,
        };
    }

    public sealed record Command(PsqlLine Value) : LargeElement;

    public sealed record Comment(SqlSource Source, SqlLineComment Value) : LargeElement;

    /// <summary>A line that ends a statement without a semicolon.</summary>
    public sealed record End : LargeElement;

    public sealed record Fault(MigrationProblem Problem) : LargeElement;
}
