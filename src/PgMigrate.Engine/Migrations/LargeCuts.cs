using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Where statements and comments stand in a window of a large file.</summary>
/// <param name="Window">Length of the window.</param>
/// <param name="End">Where the next window starts.</param>
/// <param name="Statements">Its statements.</param>
/// <param name="Comments">Its line comments.</param>
internal sealed record LargeCut(
    int Window, int End, IReadOnlyList<SqlPiece> Statements, IReadOnlyList<SqlLineComment> Comments);

/// <summary>
/// What the first reading of a large file remembers for the next, which the server waits for: windows with few, long
/// statements need not be cut again. If the file has changed since, its checksum tells at the end.
/// </summary>
internal sealed class LargeCuts
{
    private const int MostPieces = 64;
    private readonly List<LargeCut?> _cuts = [];

    /// <summary>True when the file was gone through to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What was remembered of a window, counted from 0; null when it has to be cut.</summary>
    public LargeCut? Find(int index, int window) =>
        IsComplete && index < _cuts.Count && _cuts[index] is { } cut && cut.Window == window ? cut : null;

    /// <summary>Remembers the next window, if it is worth it; null says that it is not.</summary>
    public void Add(LargeCut? cut)
    {
        if (!IsComplete)
        {
            _cuts.Add(cut?.Statements.Count + cut?.Comments.Count <= MostPieces ? cut : null);
        }
    }

    /// <summary>Says that there are no more windows.</summary>
    public void Complete() => IsComplete = true;
}
