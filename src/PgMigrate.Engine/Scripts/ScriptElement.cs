using PgMigrate.Sql;
using PgMigrate.Sql.Psql;
using PgMigrate.Sql.Reading;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Scripts;

/// <summary>A meaningful part of a script, in the order of the text.</summary>
internal abstract record ScriptElement
{
    /// <summary>Its offset, in UTF-16 units from the start of the file; 0 for a fault.</summary>
    public long Start { get; init; }

    /// <summary>A statement. Its text is copied from its window only when needed.</summary>
    public sealed record Statement : ScriptElement
    {
        private readonly SqlSplit? _split;
        private readonly SqlSource? _source;
        private readonly SqlPiece _piece;
        private readonly bool _standardStrings;
        private SqlStatement? _value;
        private StatementReading? _reading;

        public Statement(SqlStatement value) => _value = value;

        public Statement(SqlSplit? split, SqlSource source, SqlPiece piece, bool standardStrings) =>
            (_split, _source, _piece, _standardStrings) = (split, source, piece, standardStrings);

        /// <summary>Its position in its window; copies nothing.</summary>
        public (SqlSource Source, int Offset, int Length) Place => _value is null
            ? (_source!, _piece.Offset, _piece.Length)
            : (_value.Source!, _value.Offset, _value.Text.Length);

        public ReadOnlySpan<char> Text =>
            _value is null ? (_split?.Text ?? _source!.Text).AsSpan(_piece.Offset, _piece.Length) : _value.Text;

        /// <summary>Offset of its first word in its window, after the comments that are sent with it.</summary>
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

        /// <summary>
        /// The statement without the comments that are sent with it and start before an offset of the file.
        /// </summary>
        public Statement From(long start)
        {
            if (Start >= start)
            {
                return this;
            }

            var skipped = (int)(start - Start);
            var tokens = new SqlTokenizer(Text, standardStrings: true);
            while (tokens.Read(out var token))
            {
                if (token.Start >= skipped && (!token.IsTrivia || token.Kind == SqlTokenKind.BlockComment))
                {
                    var value = Value with
                    {
                        Text = Value.Text[token.Start..],
                        Offset = Value.Offset + token.Start,
                    };
                    return new Statement(value)
                    {
                        Start = Start + token.Start,
                    };
                }
            }

            return this;
        }

        /// <summary>What it is and does; does not copy a statement of a window.</summary>
        public StatementReading Reading => _value?.Reading ?? (_reading ??= new StatementReading(
            (_split?.Text ?? _source!.Text).AsMemory(_piece.Offset, _piece.Length), _standardStrings));

        public SqlStatement Value => _value ??= StatementText.WithoutMadeEnd(
            new SqlStatement(_split?.TextToSend(_piece) ?? Text.ToString(), _piece.Offset, _piece.Line), _source!) with
        {
            Source = _source,
            StandardStrings = _standardStrings,
        };
    }

    /// <summary>A psql command.</summary>
    public sealed record Command(PsqlLine Value) : ScriptElement;

    /// <summary>A comment, inside or outside a statement.</summary>
    public sealed record Comment(SqlSource Source, SqlComment Value) : ScriptElement
    {
        /// <summary>Its first line in the file, from 1.</summary>
        public int Line => Source.FirstLine + Value.Line - 1;

        public ReadOnlySpan<char> Text => Source.Text.AsSpan(Value.Offset, Value.Length);
    }

    /// <summary>A line of the format that ends a statement without a semicolon.</summary>
    public sealed record End(SqlSource Source, int Offset) : ScriptElement;

    /// <summary>A COPY row that starts with two dashes, which a line-based reader would take for a comment.</summary>
    public sealed record Row(string Text, MigrationProblem Place) : ScriptElement;

    /// <summary>A problem of the text as a whole, or of the script that contains it.</summary>
    public sealed record Fault(MigrationProblem Problem, bool IsOfText) : ScriptElement;
}
