namespace PgMigrate.Migrations;

/// <summary>What a migrations folder holds, in version order, and what is wrong with it.</summary>
/// <param name="FolderPath">Full path of the folder.</param>
/// <param name="Migrations">The files that could be read, sorted by version.</param>
/// <param name="Problems">Files that could not, versions that stand twice, warnings.</param>
public sealed record MigrationFolderContent(
    string FolderPath,
    IReadOnlyList<Migration> Migrations,
    IReadOnlyList<MigrationProblem> Problems)
{
    /// <summary>Number of *.sql files, those with problems included.</summary>
    public required int FileCount { get; init; }

    /// <summary>Modules that the files depend on, from <c>-- Depends: module:name</c>.</summary>
    public IReadOnlyList<string> OtherModules { get; } = Migrations
        .SelectMany(migration => migration.DependsOn)
        .Where(reference => reference.Contains(':', StringComparison.Ordinal))
        .Select(reference => reference[..reference.IndexOf(':', StringComparison.Ordinal)])
        .Distinct(StringComparer.Ordinal)
        .ToList();
}
