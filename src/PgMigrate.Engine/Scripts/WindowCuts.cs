using System.Runtime.InteropServices;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>The positions of statements and comments in a window of a large file.</summary>
/// <param name="End">Where the next window starts.</param>
/// <param name="Statements">Its statements.</param>
/// <param name="Comments">Its comments.</param>
internal sealed record WindowCut(int End, IReadOnlyList<SqlPiece> Statements, IReadOnlyList<SqlComment> Comments);

/// <summary>
/// What the first reading of a large file records for the next one, during which the server waits: windows with few,
/// long statements need not be split again. A window that has changed is split; the checksum shows it at the end.
/// </summary>
internal sealed class WindowCuts
{
    private const int MostPieces = 64;
    private readonly List<(ulong Fingerprint, WindowCut? Cut)> _cuts = [];

    /// <summary>True when the file was read to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The record of a window, counted from 0; null when it has to be split.</summary>
    public WindowCut? Find(int index, string window) =>
        IsComplete && index < _cuts.Count && _cuts[index] is (var fingerprint, { } cut)
            && fingerprint == FingerprintOf(window)
            ? cut
            : null;

    /// <summary>Records the next window, if it is worth it; null when it is not.</summary>
    public void Add(string window, WindowCut? cut)
    {
        if (!IsComplete)
        {
            var isWorthIt = cut?.Statements.Count + cut?.Comments.Count <= MostPieces;
            _cuts.Add(isWorthIt ? (FingerprintOf(window), cut) : default);
        }
    }

    /// <summary>Marks the end: there are no more windows.</summary>
    public void Complete() => IsComplete = true;

    // A hash that another text is unlikely to have; four sums side by side, since all of a large file is hashed.
    private static ulong FingerprintOf(ReadOnlySpan<char> text)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        const int Lanes = 4;
        var words = MemoryMarshal.Cast<char, ulong>(text);
        var (first, second, third, fourth) = (1UL, 2UL, 3UL, (ulong)text.Length);
        for (var i = 0; i + Lanes <= words.Length; i += Lanes)
        {
            first = (first * Factor) + words[i];
            second = (second * Factor) + words[i + 1];
            third = (third * Factor) + words[i + 2];
            fourth = (fourth * Factor) + words[i + 3];
        }

        foreach (var unit in text[^(text.Length % (Lanes * sizeof(ulong) / sizeof(char)))..])
        {
            first = (first * Factor) + unit;
        }

        return (((((first * Factor) + second) * Factor) + third) * Factor) + fourth;
    }
}
