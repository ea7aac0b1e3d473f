using PgMigrate.Errors;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>
/// The versions between two bounds, both included. Files without a number have no place among numbers: they are in a range
/// only when one of its bounds has none either.
/// </summary>
public sealed record VersionRange
{
    private const int TimestampLength = 15;
    private readonly MigrationVersion? _from;
    private readonly MigrationVersion? _to;

    private VersionRange(MigrationVersion? from, MigrationVersion? to)
    {
        _from = from;
        _to = to;
    }

    /// <summary>Reads the bounds. They need not exist, unless they are names that tell no version by themselves.</summary>
    /// <exception cref="InitializationException">One is neither a version nor a name, or they are the wrong way round.</exception>
    public static VersionRange Of(VersionBounds bounds, IReadOnlyList<MigrationRow> rows)
    {
        var range = new VersionRange(Read(bounds.From, "From", rows), Read(bounds.To, "To", rows));
        return range._from > range._to
            ? throw Invalid($"-From {bounds.From} sorts after -To {bounds.To}, so nothing can be between them. Swap them.")
            : range;
    }

    /// <summary>The same for objects that were read before: what they are called is in them.</summary>
    public static VersionRange Of(VersionBounds bounds, MigrationFolderContent folder) =>
        Of(bounds, MigrationComparison.Of(folder.Migrations, FolderCheck.Nothing).Rows);

    /// <summary>True when the version is in it.</summary>
    public bool Holds(MigrationVersion version) =>
        (version.IsNumeric || _from is { IsNumeric: false } || _to is { IsNumeric: false })
        && (_from is not { } from || version >= from)
        && (_to is not { } to || version <= to);

    private static MigrationVersion? Read(string? bound, string parameter, IReadOnlyList<MigrationRow> rows) =>
        bound is null ? null
        : rows.FirstOrDefault(row => row.IsNamed(bound)) is { } row ? row.Version
        // 20251025_143022 is one version of 14 digits; any other number with an underscore is one of two parts.
        : bound.Length == TimestampLength && MigrationFileName.TryParse($"{bound}_x", false, out var file, out _)
            && file.Style == NumberingStyle.Timestamp ? file.Version
        : MigrationVersion.TryParse(bound, out var version) ? version
        : MigrationFileName.TryParse(bound, false, out file, out _) ? file.Version
        : throw Invalid(
            $"-{parameter} '{bound}' is neither a version, such as 150 or 1.10, nor the name of a migration. "
                + "Get-PgMigration lists them.");

    private static InitializationException Invalid(string message) => new("RangeInvalid", message);
}
