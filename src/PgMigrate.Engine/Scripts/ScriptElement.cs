using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>Something of a file, in its order.</summary>
internal abstract record ScriptElement
{
    /// <summary>Where it starts, in UTF-16 units from the start of the file; 0 for a fault.</summary>
    public long Start { get; init; }

    /// <summary>The elements of a text that is held as a whole.</summary>
    public static IEnumerable<ScriptElement> Of(SqlSource source, SqlSplit split) => InOrder(
        source,
        0,
        new LargeCut(int.MaxValue, [.. PiecesOf(SqlPieceKind.Statement, split)], split.Comments),
        [.. PiecesOf(SqlPieceKind.PsqlCommand, split)],
        piece => [new Statement(split, source, piece, standardStrings: true) { Start = piece.Offset }]);

    /// <summary>
    /// Statements, comments and commands of a text in their order; a comment within a statement comes before it.
    /// </summary>
    public static IEnumerable<ScriptElement> InOrder(
        SqlSource source,
        long start,
        LargeCut cut,
        IReadOnlyList<SqlPiece> commands,
        Func<SqlPiece, IEnumerable<ScriptElement>> ofStatement)
    {
        var (comment, command) = (0, 0);
        foreach (var piece in cut.Statements)
        {
            foreach (var before in UpTo(piece.Offset + piece.Length).Concat(ofStatement(piece)))
            {
                yield return before;
            }
        }

        foreach (var last in UpTo(cut.End))
        {
            yield return last;
        }

        IEnumerable<ScriptElement> UpTo(int end)
        {
            while (true)
            {
                var nextComment = comment < cut.Comments.Count ? cut.Comments[comment].Offset : int.MaxValue;
                var nextCommand = command < commands.Count ? commands[command].Offset : int.MaxValue;
                if (Math.Min(nextComment, nextCommand) >= end)
                {
                    yield break;
                }

                yield return nextComment < nextCommand
                    ? new Comment(source, cut.Comments[comment++]) { Start = start + nextComment }
                    : new Command(PsqlLine.Read(source, commands[command++], 0)) { Start = start + nextCommand };
            }
        }
    }

    private static IEnumerable<SqlPiece> PiecesOf(SqlPieceKind kind, SqlSplit split) =>
        split.Pieces.Where(piece => piece.Kind == kind);

    /// <summary>A statement; it is copied out of its window when somebody wants more than a look at its text.</summary>
    public sealed record Statement : ScriptElement
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

        /// <summary>Offset of its first word in its window, behind the comments that travel with it.</summary>
        public int FirstWord
        {
            get
            {
                var (_, offset, _) = Place;
                var tokens = new SqlTokenizer(Text, standardStrings: true);
                while (tokens.Read(out var token) && token.IsTrivia)
                {
                    offset = Place.Offset + token.End;
                }

                return offset;
            }
        }

        public SqlStatement Value => _value ??= ScriptParser.WithoutMadeEnd(
            new SqlStatement(_split?.TextToSend(_piece) ?? Text.ToString(), _piece.Offset, _piece.Line), _source!) with
        {
            Source = _source,
            StandardStrings = _standardStrings,
        };
    }

    public sealed record Command(PsqlLine Value) : ScriptElement;

    public sealed record Comment(SqlSource Source, SqlComment Value) : ScriptElement
    {
        /// <summary>The line of the file that it starts on, from 1.</summary>
        public int Line => Source.FirstLine + Value.Line - 1;
    }

    /// <summary>A line that ends a statement without a semicolon.</summary>
    public sealed record End : ScriptElement;

    public sealed record Fault(MigrationProblem Problem) : ScriptElement;
}
