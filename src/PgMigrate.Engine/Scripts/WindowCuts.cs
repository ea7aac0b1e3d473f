using System.Runtime.InteropServices;
using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>Where statements and comments are in a window of a large file.</summary>
/// <param name="End">Where the next window starts.</param>
/// <param name="Statements">Its statements.</param>
/// <param name="Comments">Its comments.</param>
internal sealed record WindowCut(int End, IReadOnlyList<SqlPiece> Statements, IReadOnlyList<SqlComment> Comments);

/// <summary>
/// What the first reading of a large file remembers for the next, which the server waits for: windows with few, long
/// statements need not be cut again. A window that is not the same any more is cut; the checksum tells at the end.
/// </summary>
internal sealed class WindowCuts
{
    private const int MostPieces = 64;
    private readonly List<(ulong Fingerprint, WindowCut? Cut)> _cuts = [];

    /// <summary>True when the file was gone through to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What was remembered of a window, counted from 0; null when it has to be cut.</summary>
    public WindowCut? Find(int index, string window) =>
        IsComplete && index < _cuts.Count && _cuts[index] is (var fingerprint, { } cut)
            && fingerprint == FingerprintOf(window)
            ? cut
            : null;

    /// <summary>Remembers the next window, if it is worth it; null says that it is not.</summary>
    public void Add(string window, WindowCut? cut)
    {
        if (!IsComplete)
        {
            var isWorthIt = cut?.Statements.Count + cut?.Comments.Count <= MostPieces;
            _cuts.Add(isWorthIt ? (FingerprintOf(window), cut) : default);
        }
    }

    /// <summary>Says that there are no more windows.</summary>
    public void Complete() => IsComplete = true;

    // A number that another text hardly has; four sums side by side, since all of a large file goes through it.
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
