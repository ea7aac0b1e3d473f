namespace PgMigrate.Sql;

/// <summary>A script cut into pieces.</summary>
/// <param name="Text">The script.</param>
/// <param name="Pieces">The pieces in order, without gaps.</param>
/// <param name="LineComments">Every comment that starts with two dashes, in order.</param>
/// <param name="Escapes">Offsets of the backslashes in front of ; and : that psql leaves out of what it sends.</param>
/// <param name="Error">The first thing that makes the cut uncertain, if any.</param>
public sealed record SqlSplit(
    string Text,
    IReadOnlyList<SqlPiece> Pieces,
    IReadOnlyList<SqlLineComment> LineComments,
    IReadOnlyList<int> Escapes,
    SqlSplitError? Error)
{
    /// <summary>Offset of a last statement that no semicolon ends; null when there is none.</summary>
    public int? Unfinished { get; init; }

    /// <summary>The pieces that start within a range of the text, in order.</summary>
    public IEnumerable<SqlPiece> PiecesIn(SqlRange range) =>
        Pieces.Where(piece => piece.Offset >= range.Start && piece.Offset < range.End);

    /// <summary>The queries psql would send of a range, in order; comments alone are no query.</summary>
    public IEnumerable<SqlStatement> Statements(SqlRange? range = null)
    {
        int lead = -1;
        int escape = 0;
        foreach (SqlPiece piece in range is null ? Pieces : PiecesIn(range.Value))
        {
            switch (piece.Kind)
            {
                // Hints for the planner live in block comments, so these travel with their statement, as in psql.
                case SqlPieceKind.BlockComment:
                    lead = lead < 0 ? piece.Offset : lead;
                    break;
                case SqlPieceKind.Statement:
                    int offset = lead < 0 ? piece.Offset : lead;
                    string text = TextToSend(offset, piece.Offset + piece.Length, ref escape);
                    yield return new SqlStatement(text, offset, piece.Line);
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

    private string TextToSend(int start, int end, ref int escape)
    {
        while (escape < Escapes.Count && Escapes[escape] < start)
        {
            escape++;
        }

        if (escape == Escapes.Count || Escapes[escape] >= end)
        {
            return Text[start..end];
        }

        char[] text = Text.AsSpan(start, end - start).ToArray();
        for (; escape < Escapes.Count && Escapes[escape] < end; escape++)
        {
            text[Escapes[escape] - start] = ' ';
        }

        return new string(text);
    }
}
