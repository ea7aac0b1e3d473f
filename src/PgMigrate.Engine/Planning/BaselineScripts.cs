using PgMigrate.History;
using PgMigrate.Migrations;

namespace PgMigrate.Planning;

/// <summary>
/// Which files of a folder count, where a baseline script can replace the oldest ones. It runs only where nothing is
/// applied yet; everywhere else it is ignored.
/// </summary>
/// <param name="Migrations">The files that count, in version order.</param>
/// <param name="Floor">The version up to which a baseline script replaces the files; null without one.</param>
internal sealed record BaselineScripts(IReadOnlyList<Migration> Migrations, MigrationVersion? Floor)
{
    /// <summary>Chooses; pure.</summary>
    public static BaselineScripts Choose(IReadOnlyList<Migration> migrations, IReadOnlyList<HistoryEntry> entries)
    {
        var applied = entries.LastOrDefault(entry => entry.Kind == HistoryKind.BaselineScript);
        if (applied is null && !migrations.Any(IsScript))
        {
            return new BaselineScripts(migrations, null);
        }

        var chosen = applied is null && entries.Count == 0
            ? migrations.Last(IsScript)
            : migrations.FirstOrDefault(file => IsScript(file) && file.Version == applied?.Version);
        var scripts = new BaselineScripts([], applied?.Version ?? chosen?.Version);
        return scripts with
        {
            // The files that it replaces count as applied once it has run, and are not part of the folder before.
            Migrations = migrations.Where(file => IsScript(file)
                ? file == chosen
                : file.Version != scripts.Floor && (applied is not null || !scripts.Covers(file))).ToList(),
        };
    }

    /// <summary>True when the script replaces this file.</summary>
    public bool Covers(Migration? migration) => Floor is { } floor
        && migration is { Kind: MigrationKind.Versioned } && migration.Version < floor;

    private static bool IsScript(Migration migration) => migration.Kind == MigrationKind.BaselineScript;
}
