using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>One parsed migration file; nothing in it depends on a database.</summary>
public sealed record Migration
{
    /// <summary>What the file name says.</summary>
    public required MigrationFileName File { get; init; }

    /// <summary>Canonical version.</summary>
    public MigrationVersion Version => File.Version;

    /// <summary>File name without its ending.</summary>
    public string Name => File.Name;

    /// <summary>File name.</summary>
    public string FileName => File.FileName;

    /// <summary>Full path of the file.</summary>
    public required string FilePath { get; init; }

    /// <summary>SHA-256 of the whole text: UTF-8 without BOM, LF, outer whitespace trimmed.</summary>
    public required string Checksum { get; init; }

    /// <summary>SHA-256 of the UP text alone, by the same rule.</summary>
    public required string UpChecksum { get; init; }

    /// <summary>What an apply runs.</summary>
    public required SqlScript Up { get; init; }

    /// <summary>What an undo runs; null when the file has no DOWN section.</summary>
    public SqlScript? Down { get; init; }

    /// <summary>Text of the DOWN section, trimmed; kept in the history.</summary>
    public string? DownText { get; init; }

    /// <summary>From the <c>-- Description:</c> line.</summary>
    public string? Description { get; init; }

    /// <summary>From the <c>-- Depends:</c> line.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when the file itself allows to be applied late.</summary>
    public bool AllowsOutOfOrder { get; init; }

    /// <summary>True when this version or name means this migration.</summary>
    public bool IsNamed(string versionOrName) => MigrationReference.Matches(versionOrName, Version, Name, FileName);
}

/// <summary>How a user names a migration: by version or by name, never by a part of either.</summary>
public static class MigrationReference
{
    /// <summary>True when the text is this version (leading zeros do not count), name or file name.</summary>
    public static bool Matches(string text, MigrationVersion version, string name, string fileName) =>
        (MigrationVersion.TryParse(text, out var asked) && (asked == version || IsTimestamp(text, version)))
        || string.Equals(text, name, StringComparison.Ordinal)
        || string.Equals(text, fileName, StringComparison.Ordinal);

    // 20251025_143022_name.sql has one version of 14 digits.
    private static bool IsTimestamp(string text, MigrationVersion version) =>
        text.Length == 15 && text[8] == '_' && text.Remove(8, 1) == version.Text;
}
