using PgMigrate.Errors;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>
/// The versions between two bounds, both included. Files without a number have no place among numbers: they are in a
/// range only when one of its bounds has no number either.
/// </summary>
internal sealed record VersionRange
{
    private const int TimestampLength = 15;
    private readonly MigrationVersion? _from;
    private readonly MigrationVersion? _to;

    // The bounds as names, in a folder whose versions are names that sort as text; null in any other.
    private readonly VersionBounds? _names;

    private VersionRange(MigrationVersion? from, MigrationVersion? to, VersionBounds? names)
    {
        _from = from;
        _to = to;
        _names = names;
    }

    /// <summary>
    /// Parses the bounds. They need not exist, unless they are names that contain no version.
    /// </summary>
    /// <exception cref="InitializationException">
    /// One is neither a version nor a name, or they are in the wrong order.
    /// </exception>
    public static VersionRange Of(VersionBounds bounds, IReadOnlyList<MigrationRow> rows)
    {
        var range = new VersionRange(
            Read(bounds.From, "From", rows),
            Read(bounds.To, "To", rows),
            rows.Any(row => row.Version.IsName) ? NamesOf(bounds, rows) : null);
        var isSwapped = range._names is { From: { } from, To: { } to }
            ? string.CompareOrdinal(from, to) > 0
            : range._names is null && range._from > range._to;
        return isSwapped
            ? throw Invalid($"-From {bounds.From} sorts after -To {bounds.To}, so nothing is between them. Swap "
                + "them.")
            : range;
    }

    /// <summary>The same for objects that were read before, which have their names.</summary>
    public static VersionRange Of(VersionBounds bounds, MigrationFolderContent folder) =>
        Of(bounds, MigrationComparison.Of(folder.Migrations, FolderCheck.Nothing).Rows);

    /// <summary>True when the range contains the version.</summary>
    public bool Holds(MigrationVersion version) => _names is not null && !version.IsNumeric
        ? IsBetweenNames(version.Text)
        : (version.IsNumeric || _from is { IsNumeric: false } || _to is { IsNumeric: false })
        && (_from is not { } from || version >= from)
        && (_to is not { } to || version <= to);

    private bool IsBetweenNames(string name) =>
        (_names!.From is not { } from || string.CompareOrdinal(name, from) >= 0)
        && (_names.To is not { } to || string.CompareOrdinal(name, to) <= 0);

    private static VersionBounds NamesOf(VersionBounds bounds, IReadOnlyList<MigrationRow> rows)
    {
        // The leading digits of names sort before all of them as a lower bound, and after all as an upper one.
        return new VersionBounds(
            NameOf(bounds.From) ?? bounds.From,
            NameOf(bounds.To) ?? (bounds.To is null ? null : bounds.To + "_\uFFFF"));

        string? NameOf(string? bound) =>
            rows.FirstOrDefault(row => row.Name == bound || row.FileName == bound)?.Version.Text;
    }

    private static MigrationVersion? Read(string? bound, string parameter, IReadOnlyList<MigrationRow> rows) =>
        bound is null ? null
        : rows.FirstOrDefault(row => row.IsNamed(bound)) is { } row ? row.Version
        // 20251025_143022 is one version of 14 digits; any other number with an underscore has two parts.
        : bound.Length == TimestampLength && MigrationFileName.TryParse($"{bound}_x", false, out var file, out _)
            && file.Style == NumberingStyle.Timestamp ? file.Version
        : MigrationVersion.TryParse(bound, out var version) ? version
        : MigrationFileName.TryParse(bound, false, out file, out _) ? file.Version
        : throw Invalid(
            $"-{parameter} '{bound}' is neither a version, such as 150 or 1.10, nor the name of a migration. "
                + "Get-PgMigration lists them.");

    private static InitializationException Invalid(string message) => new(ErrorCodes.RangeInvalid, message);
}
