namespace PgMigrate.Migrations;

/// <summary>What a set of migrations folders holds, in version order, and what is wrong with it.</summary>
/// <param name="Folders">Full paths of the folders; most sets have one.</param>
/// <param name="Migrations">The files that could be read, sorted by version.</param>
/// <param name="Problems">Files that could not, versions that appear twice, warnings.</param>
public sealed record MigrationFolderContent(
    IReadOnlyList<string> Folders,
    IReadOnlyList<Migration> Migrations,
    IReadOnlyList<MigrationProblem> Problems)
{
    /// <summary>Number of migrations, those with problems included.</summary>
    public required int FileCount { get; init; }

    /// <summary>Name of the format; of several, all names.</summary>
    public string Format { get; init; } = "native";

    /// <summary>The paths, for messages.</summary>
    public string FolderPath => string.Join(", ", Folders);

    /// <summary>The folder that a migration comes from; null when its file is gone and there are several.</summary>
    public string? FolderOf(Migration? migration) => migration?.Folder ?? (Folders.Count == 1 ? Folders[0] : null);

    /// <summary>
    /// True when a DOWN script is in a file of its own, so that only the history knows whether it changed.
    /// </summary>
    public bool HasDownFiles { get; } = Migrations.Any(migration => migration.DownChecksum is not null);

    // Only a plan gives names a place; the history knows the names alone.
    private readonly Dictionary<string, MigrationVersion> _planned = Migrations
        .Where(migration => migration.Version.Position > 0)
        .DistinctBy(migration => migration.Version.Text)
        .ToDictionary(migration => migration.Version.Text, migration => migration.Version, StringComparer.Ordinal);

    /// <summary>A version that the history holds, with its place among those of the folder.</summary>
    public MigrationVersion VersionOf(string stored) =>
        _planned.TryGetValue(stored, out var planned) ? planned : MigrationVersion.FromStored(stored);

    /// <summary>Modules that the files depend on, from <c>-- Depends: module:name</c>.</summary>
    public IReadOnlyList<string> OtherModules { get; } = Migrations
        .SelectMany(migration => migration.DependsOn)
        .Where(reference => reference.Contains(':', StringComparison.Ordinal))
        .Select(reference => reference[..reference.IndexOf(':', StringComparison.Ordinal)])
        .Distinct(StringComparer.Ordinal)
        .ToList();
}
