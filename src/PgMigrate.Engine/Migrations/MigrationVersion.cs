using System.Diagnostics.CodeAnalysis;
using PgMigrate.Files;

namespace PgMigrate.Migrations;

/// <summary>
/// A version in canonical form: numbers joined by dots, without leading zeros and without trailing zero parts, so that
/// <c>1</c>, <c>001</c> and <c>1.0</c> are one version. A file without a version uses its name and sorts last.
/// </summary>
public readonly record struct MigrationVersion : IComparable<MigrationVersion>
{
    private MigrationVersion(string text, bool isNumeric)
    {
        Text = text;
        IsNumeric = isNumeric;
    }

    /// <summary>The canonical text.</summary>
    public string Text { get; }

    /// <summary>Position in a plan, from 1, for a name that a plan orders; zero for all others.</summary>
    internal int Position { get; private init; }

    /// <summary>False for a file that has no position among the others.</summary>
    public bool IsOrdered => IsNumeric || Position > 0 || IsName;

    /// <summary>True for a name that is the version, and sorts as text.</summary>
    public bool IsName { get; private init; }

    /// <summary>False for a file without a version.</summary>
    public bool IsNumeric { get; }

    /// <summary>
    /// Text that sorts as the version does in every text comparison, of any culture and case sensitivity: digits of
    /// one width, separated by dots; without a number it starts with a letter, which sorts after digits.
    /// </summary>
    internal string Key => VersionKey.Of(this);

    /// <summary>Parses digits separated by dots or underscores; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MigrationVersion version) =>
        TryParse(text.AsSpan(), out version);

    /// <summary>The same for a part of a text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MigrationVersion version)
    {
        version = default;
        if (text.IsEmpty)
        {
            return false;
        }

        if (!text.ContainsAnyExceptInRange('0', '9'))
        {
            // A plain number, as almost every version is.
            version = new MigrationVersion(WithoutLeadingZeros(text), true);
            return true;
        }

        var parts = text.ToString().Split('.', '_');
        if (parts.Any(part => part.Length == 0 || !part.All(char.IsAsciiDigit)))
        {
            return false;
        }

        var significant = parts.Length;
        while (significant > 1 && IsZero(parts[significant - 1]))
        {
            significant--;
        }

        var numbers = parts.Take(significant).Select(part => WithoutLeadingZeros(part));
        version = new MigrationVersion(string.Join('.', numbers), true);
        return true;
    }

    /// <summary>The version of a file whose name has none.</summary>
    internal static MigrationVersion Unversioned(string name) => new(NormalName.Of(name), false);

    /// <summary>The version of a migration that a plan names and orders.</summary>
    internal static MigrationVersion Planned(string name, int position) =>
        new(NormalName.Of(name), false) { Position = position };

    /// <summary>The version of a migration whose tool sorts names as text.</summary>
    internal static MigrationVersion Named(string name) => new(NormalName.Of(name), false) { IsName = true };

    /// <summary>The version in a history row: numeric if it can be parsed as a number, else a file name.</summary>
    internal static MigrationVersion FromStored(string text) =>
        text is [>= '1' and <= '9', ..] && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? new(text, true)
        : TryParse(text, out var version) && version.Text == text ? version
        : Unversioned(text);

    /// <summary>Numbers part by part, never as text; versions before names, names in ordinal order.</summary>
    public int CompareTo(MigrationVersion other)
    {
        if (IsNumeric != other.IsNumeric)
        {
            return IsNumeric ? -1 : 1;
        }

        if (!IsNumeric)
        {
            return Position != other.Position
                ? Position.CompareTo(other.Position)
                : string.CompareOrdinal(Text, other.Text);
        }

        var left = Text.AsSpan();
        var right = other.Text.AsSpan();
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var order = CompareNumbers(TakePart(ref left), TakePart(ref right));
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>The same text of the same kind; the position in a plan does not count.</summary>
    public bool Equals(MigrationVersion other) => Text == other.Text && IsNumeric == other.IsNumeric;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, IsNumeric);

    /// <summary>The canonical text.</summary>
    public override string ToString() => Text;

    /// <summary>True when the left one sorts first.</summary>
    public static bool operator <(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) < 0;

    /// <summary>True when the left one sorts last.</summary>
    public static bool operator >(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) > 0;

    /// <summary>True unless the left one sorts last.</summary>
    public static bool operator <=(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) <= 0;

    /// <summary>True unless the left one sorts first.</summary>
    public static bool operator >=(MigrationVersion left, MigrationVersion right) => left.CompareTo(right) >= 0;

    private static ReadOnlySpan<char> TakePart(ref ReadOnlySpan<char> rest)
    {
        var dot = rest.IndexOf('.');
        var part = dot < 0 ? rest : rest[..dot];
        rest = dot < 0 ? [] : rest[(dot + 1)..];
        return part;
    }

    // Without leading zeros the longer number is the larger one, whatever its size.
    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private static bool IsZero(string digits) => digits.All(digit => digit == '0');

    private static string WithoutLeadingZeros(ReadOnlySpan<char> digits) =>
        digits.TrimStart('0') is { IsEmpty: false } trimmed ? trimmed.ToString() : "0";
}
