namespace PgMigrate.Sql;

/// <summary>A script split into pieces.</summary>
/// <param name="Text">The script.</param>
/// <param name="Pieces">The pieces in order, without gaps.</param>
/// <param name="Comments">Every comment, in order.</param>
/// <param name="Escapes">Offsets of the backslashes before ; and : that psql removes.</param>
/// <param name="Error">The first thing that makes the split uncertain, if any.</param>
internal sealed record SqlSplit(
    string Text,
    IReadOnlyList<SqlPiece> Pieces,
    IReadOnlyList<SqlComment> Comments,
    IReadOnlyList<int> Escapes,
    SqlSplitError? Error)
{
    /// <summary>Offset of a last statement without a semicolon; null when there is none.</summary>
    public int? Unfinished { get; init; }

    /// <summary>The pieces that start within a range of the text, in order.</summary>
    public IEnumerable<SqlPiece> PiecesIn(SqlRange range) =>
        Pieces.Where(piece => piece.Offset >= range.Start && piece.Offset < range.End);

    /// <summary>The queries that psql would send for a range, in order; comments alone are not a query.</summary>
    public IEnumerable<SqlStatement> Statements(SqlRange? range = null) =>
        StatementPieces(range ?? new SqlRange(0, Text.Length))
            .Select(piece => new SqlStatement(TextToSend(piece), piece.Offset, piece.Line));

    /// <summary>Their positions, with the comments that are sent with them; the line is the statement's own.</summary>
    internal IEnumerable<SqlPiece> StatementPieces(SqlRange range)
    {
        int lead = -1;
        foreach (SqlPiece piece in PiecesIn(range))
        {
            switch (piece.Kind)
            {
                // Planner hints are block comments, so these are sent with their statement, as in psql.
                case SqlPieceKind.BlockComment:
                    lead = lead < 0 ? piece.Offset : lead;
                    break;
                case SqlPieceKind.Statement:
                    int offset = lead < 0 ? piece.Offset : lead;
                    yield return piece with { Offset = offset, Length = piece.Offset + piece.Length - offset };
                    lead = -1;
                    break;
                case SqlPieceKind.LineComment:
                case SqlPieceKind.Blank when !Text.AsSpan(piece.Offset, piece.Length).Contains(';'):
                    break;
                default:
                    lead = -1;
                    break;
            }
        }
    }

    /// <summary>The text of a piece as psql sends it.</summary>
    internal string TextToSend(SqlPiece piece)
    {
        int first = FirstEscapeFrom(piece.Offset);
        int end = piece.Offset + piece.Length;
        if (first == Escapes.Count || Escapes[first] >= end)
        {
            return Text[piece.Offset..end];
        }

        char[] text = Text.AsSpan(piece.Offset, piece.Length).ToArray();
        for (int i = first; i < Escapes.Count && Escapes[i] < end; i++)
        {
            text[Escapes[i] - piece.Offset] = ' ';
        }

        return new string(text);
    }

    private int FirstEscapeFrom(int offset)
    {
        int low = 0;
        int high = Escapes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Escapes[middle] < offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
