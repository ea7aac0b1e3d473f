using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>Builds folders and histories in memory for the planner.</summary>
internal static class InMemory
{
    /// <summary>The files of a folder; a text is <c>SELECT version;</c> unless it is given after a bar.</summary>
    public static MigrationFolderContent Folder(params string[] files)
    {
        var migrations = new List<Migration>();
        foreach (var file in files)
        {
            var parts = file.Split('|', 2);
            var parsed = Parsed.From(parts.Length == 2 ? parts[1] : $"SELECT '{parts[0]}';", parts[0]);
            migrations.Add(parsed.Migration);
        }

        return new MigrationFolderContent(
            ["/folder"], migrations.OrderBy(migration => migration.Version).ToList(), [])
        {
            FileCount = files.Length,
        };
    }

    public static HistorySnapshot None { get; } = OfRows();

    /// <summary>The same files as rows, applied in the given order.</summary>
    public static HistorySnapshot Of(params string[] files) => OfRows(files.Select(
        (file, index) => EntryOf(index + 1, Folder(file).Migrations[0])).ToArray());

    public static HistorySnapshot OfRows(params HistoryEntry[] entries) => new()
    {
        Entries = entries,
        TableExists = entries.Length > 0,
        SchemaExists = true,
        IsEmpty = entries.Length == 0,
    };

    public static HistoryEntry EntryOf(long id, Migration migration) => new()
    {
        Id = id,
        Module = "default",
        Version = migration.Version,
        Name = migration.Name,
        FileName = migration.FileName,
        Checksum = migration.Checksum,
        UpChecksum = migration.UpChecksum,
        DependsOn = migration.DependsOn,
        AppliedAt = DateTimeOffset.UnixEpoch.AddDays(id),
        AppliedBy = "tester",
        DurationMs = 1,
        State = "applied",
        HasUndo = migration.DownText is not null,
        UndoSql = migration.DownText,
    };

    public static string Names(this MigrationPlan plan) => string.Join(' ', plan.Steps.Select(step => step.FileName));

    public static string ProblemCodes(this MigrationPlan plan) =>
        string.Join(' ', plan.Problems.Select(problem => $"{problem.Severity}:{problem.Code}"));
}
