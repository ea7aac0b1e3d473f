namespace PgMigrate.Migrations;

/// <summary>The migrations of a set of folders, in version order, and their problems.</summary>
/// <param name="Folders">Full paths of the folders; most sets have one.</param>
/// <param name="Migrations">The readable files, sorted by version.</param>
/// <param name="Problems">Unreadable files, duplicate versions, warnings.</param>
public sealed record MigrationFolderContent(
    IReadOnlyList<string> Folders,
    IReadOnlyList<Migration> Migrations,
    IReadOnlyList<MigrationProblem> Problems)
{
    /// <summary>Number of migrations, including those with problems.</summary>
    public required int FileCount { get; init; }

    /// <summary>Name of the format; of several, all names.</summary>
    public string Format { get; init; } = "native";

    /// <summary>The paths, for messages.</summary>
    public string FolderPath => string.Join(", ", Folders);

    /// <summary>The folder that a migration comes from; null when its file is gone and there are several.</summary>
    internal string? FolderOf(Migration? migration) => migration?.Folder ?? (Folders.Count == 1 ? Folders[0] : null);

    /// <summary>
    /// True when DOWN scripts are separate files, so that only the history shows whether one has changed.
    /// </summary>
    internal bool HasDownFiles { get; } = Migrations.Any(migration => migration.DownChecksum is not null);

    // Only a plan orders names; the history has the names alone.
    private readonly Dictionary<string, MigrationVersion> _planned = Migrations
        .Where(migration => migration.Version.Position > 0)
        .DistinctBy(migration => migration.Version.Text)
        .ToDictionary(migration => migration.Version.Text, migration => migration.Version, StringComparer.Ordinal);

    /// <summary>A version of the history, with its position among those of the folder.</summary>
    internal MigrationVersion VersionOf(string stored) =>
        _planned.TryGetValue(stored, out var planned) ? planned : MigrationVersion.FromStored(stored);

    /// <summary>Modules that the files depend on, from <c>-- Depends: module:name</c>.</summary>
    internal IReadOnlyList<string> OtherModules { get; } = Migrations
        .SelectMany(migration => migration.DependsOn)
        .Where(reference => reference.Contains(':', StringComparison.Ordinal))
        .Select(reference => reference[..reference.IndexOf(':', StringComparison.Ordinal)])
        .Distinct(StringComparer.Ordinal)
        .ToList();
}
