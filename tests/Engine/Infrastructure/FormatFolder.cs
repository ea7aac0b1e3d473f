using PgMigrate.Folders;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using Xunit;

namespace PgMigrate.Tests.Infrastructure;

/// <summary>Reads a folder that is written in one text: <c>name|text</c> lines, or files one by one.</summary>
internal static class FormatFolder
{
    /// <summary>What a folder of these files is read as.</summary>
    public static async Task<MigrationFolderContent> ReadAsync(params (string Name, string Text)[] files)
    {
        var content = await ReadAsync(LargeMigration.Threshold, files);
        if (content.Format is "goose" or "dbmate")
        {
            Assert.Equal(
                content.Migrations.SelectMany(Describe).Concat(Problems(content)),
                await DescribeLargeAsync(files));
        }

        return content;
    }

    /// <summary>The same; files with more bytes than this are not held.</summary>
    public static async Task<MigrationFolderContent> ReadAsync(long mostHeld, params (string Name, string Text)[] files)
    {
        using var folder = Make(files);
        var content = await MigrationFolder.ReadAsync([folder.FullPath], false, mostHeld, CancellationToken.None);
        // Asked while the files are there.
        _ = content.Migrations.Select(migration => migration.Problems.Count).Sum();
        return content;
    }

    // The same files, none of which is held.
    private static async Task<IReadOnlyList<string>> DescribeLargeAsync((string Name, string Text)[] files)
    {
        using var folder = Make(files);
        var content = await MigrationFolder.ReadAsync([folder.FullPath], false, mostHeld: 0, CancellationToken.None);
        return [.. content.Migrations.SelectMany(Describe), .. Problems(content)];
    }

    private static IEnumerable<string> Describe(Migration migration)
    {
        yield return $"{migration.FileName} {migration.Checksum} {migration.UpChecksum} {migration.AllowsOutOfOrder}";
        if (migration.Problems.Concat(migration.Up.Problems).Any())
        {
            yield break;
        }

        yield return $"{migration.Up.Transaction} {migration.Down?.Transaction} {migration.DownText}";
        foreach (var script in new[] { migration.Up, migration.Down })
        {
            foreach (var statement in script?.Read() ?? [])
            {
                var (line, column) = (statement.Source ?? script!.Source).PositionOf(statement.Offset);
                yield return $"{line}:{column} {statement.Text} {CopyText.Of(statement.Rows)}";
            }
        }
    }

    private static IEnumerable<string> Problems(MigrationFolderContent content) =>
        FolderCheck.Check(content, new PlaceholderValues())
            .Select(problem => $"{problem.FileName} {problem.Line}:{problem.Column} {problem.Code} {problem.Message}")
            .Order(StringComparer.Ordinal);

    /// <summary>A folder of these files, with the subfolders that their names ask for.</summary>
    public static TestFolder Make(params (string Name, string Text)[] files)
    {
        var folder = new TestFolder();
        foreach (var (name, text) in files)
        {
            folder.WriteBelow(name, text);
        }

        return folder;
    }

    /// <summary>Every problem that a check of the folder reports, as <c>code file:line</c>.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(params (string Name, string Text)[] files) =>
        FolderCheck.Check(await ReadAsync(files), new PlaceholderValues())
            .Where(problem => problem.Code is not "NoStatement")
            .Select(problem => $"{problem.Code} {problem.FileName}:{problem.Line}".Trim(' ', ':'))
            .ToList();

    /// <summary>UP and DOWN statements of the only migration of a folder.</summary>
    public static async Task<(IReadOnlyList<string> Up, IReadOnlyList<string>? Down, Migration Migration)> ScriptsAsync(
        params (string Name, string Text)[] files)
    {
        var migration = (await ReadAsync(files)).Migrations.Single();
        return (
            migration.Up.Held!.Select(statement => statement.Text).ToList(),
            migration.Down?.Held!.Select(statement => statement.Text).ToList(),
            migration);
    }
}
