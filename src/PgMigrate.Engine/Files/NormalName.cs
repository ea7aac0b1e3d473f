using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using PgMigrate.Sql;

namespace PgMigrate.Files;

/// <summary>
/// Names that differ only in how accents are composed are one name: macOS and some archives write é as e followed by an
/// accent, and git keeps what it was given. The framework composes nothing without ICU, as in small containers, and a
/// name has to mean the same everywhere.
/// </summary>
internal static class NormalName
{
    private const int Syllables = 0xAC00;
    private const int Leads = 0x1100;
    private const int Vowels = 0x1161;
    private const int Tails = 0x11A7;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int SyllableCount = 11172;

    private static readonly Lazy<Tables> Known = new(Tables.Read);

    /// <summary>The composed form of a name (NFC).</summary>
    public static string Of(string name) => Ascii.IsValid(name) ? name : Compose(Decompose(name));

    /// <summary>True when two names are one.</summary>
    public static bool AreSame(string? left, string? right) =>
        string.Equals(left, right, StringComparison.Ordinal)
        || (left is not null && right is not null && !Ascii.IsValid(left) && !Ascii.IsValid(right)
            && Of(left) == Of(right));

    /// <summary>
    /// The existing path below a folder with this name in either form; null when there is none.
    /// </summary>
    public static string? FindOnDisk(string root, string path)
    {
        var found = root;
        foreach (var part in Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar))
        {
            var next = Path.Combine(found, part);
            if (!Path.Exists(next) && (Ascii.IsValid(part) || !Directory.Exists(found)))
            {
                return null;
            }

            found = Path.Exists(next)
                ? next
                : Directory.EnumerateFileSystemEntries(found)
                    .FirstOrDefault(entry => AreSame(Path.GetFileName(entry), part));
            if (found is null)
            {
                return null;
            }
        }

        return found;
    }

    private static StringBuilder Decompose(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            Add(c);
        }

        return text;

        void Add(char c)
        {
            var syllable = c - Syllables;
            if (syllable is >= 0 and < SyllableCount)
            {
                text.Append((char)(Leads + (syllable / (VowelCount * TailCount))));
                text.Append((char)(Vowels + (syllable % (VowelCount * TailCount) / TailCount)));
                text.Append(syllable % TailCount == 0 ? "" : ((char)(Tails + (syllable % TailCount))).ToString());
            }
            else if (Known.Value.Parts.TryGetValue(c, out var parts))
            {
                foreach (var part in parts)
                {
                    Add(part);
                }
            }
            else
            {
                Insert(c);
            }
        }

        // Marks of different positions have a fixed order, those of one position keep theirs.
        void Insert(char c)
        {
            var at = text.Length;
            while (at > 0 && ClassOf(c) > 0 && ClassOf(text[at - 1]) > ClassOf(c))
            {
                at--;
            }

            text.Insert(at, c);
        }
    }

    // A mark combines with the last letter before it, skipping marks of other positions.
    private static string Compose(StringBuilder text)
    {
        var composed = new StringBuilder(text.Length);
        var letter = -1;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var isFree = letter >= 0 && (letter == composed.Length - 1 || ClassOf(composed[^1]) < ClassOf(c));
            if (isFree && Join(composed[letter], c, isAdjacent: letter == composed.Length - 1) is { } joined)
            {
                composed[letter] = joined;
                continue;
            }

            letter = IsMark(c) ? letter : composed.Length;
            composed.Append(c);
        }

        return composed.ToString();
    }

    private static char? Join(char letter, char next, bool isAdjacent)
    {
        if (isAdjacent && letter - Leads is >= 0 and < 19 and var lead
            && next - Vowels is >= 0 and < VowelCount and var vowel)
        {
            return (char)(Syllables + (((lead * VowelCount) + vowel) * TailCount));
        }

        if (isAdjacent && letter - Syllables is >= 0 and < SyllableCount and var syllable && syllable % TailCount == 0
            && next - Tails is > 0 and < TailCount and var tail)
        {
            return (char)(letter + tail);
        }

        return (isAdjacent || IsMark(next)) && Known.Value.Pairs.TryGetValue((letter, next), out var joined) ? joined
            : null;
    }

    private static bool IsMark(char c) => ClassOf(c) > 0;

    private static int ClassOf(char c) => Known.Value.Classes.GetValueOrDefault(c);

    /// <summary>
    /// Unicode data: composed letters that are composed again (=) and that are not (&gt;), and the combining classes of
    /// marks (~).
    /// </summary>
    private sealed record Tables(
        FrozenDictionary<char, string> Parts,
        FrozenDictionary<(char Letter, char Mark), char> Pairs,
        FrozenDictionary<char, int> Classes)
    {
        public static Tables Read()
        {
            var lines = EmbeddedSql.Read("Compositions.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .ToLookup(line => line[Kind], Letters);
            return new Tables(
                lines['='].Concat(lines['>']).ToFrozenDictionary(line => line[0], line => line[1..]),
                lines['='].ToFrozenDictionary(line => (line[1], line[2]), line => line[0]),
                lines['~'].ToFrozenDictionary(line => line[0], line => (int)line[1]));
        }

        // 00C0 = 0041 0300
        private const int Kind = 5;

        private static string Letters(string line) => string.Concat(line.Remove(Kind, 1)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(code => (char)int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
    }
}
