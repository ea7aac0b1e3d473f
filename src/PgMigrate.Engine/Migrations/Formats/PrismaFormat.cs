using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>
/// Prisma Migrate: a folder for each migration with <c>migration.sql</c>, and <c>migration_lock.toml</c>.
/// </summary>
internal sealed class PrismaFormat : MigrationFormat
{
    private const string Script = MigrationFileName.FolderScript;
    private const string Down = "/down.sql";
    private const string Lock = "migration_lock.toml";

    public override string Name => "prisma";

    public override bool AllowsEmpty(FormatFile file) => true;

    public override bool RunsEmptyDown => true;

    public override string? FindEvidence(FolderListing folder) => folder.Files.Contains(Lock)
        ? Lock
        : folder.Folders.Where(name => char.IsAsciiDigit(name[0]))
            .Select(name => name + Script)
            .FirstOrDefault(folder.Holds);

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var files = new List<FormatFile>();
        var problems = new List<MigrationProblem>();
        ReadLock(folder, problems);
        problems.AddRange(folder.SqlFiles.Select(name => Ignored(folder, name,
            "Prisma runs only files in a folder of their own, so this file is ignored.")));
        foreach (var name in folder.Folders)
        {
            if (!folder.Holds(name + Script))
            {
                problems.Add(Problem(folder, name, ErrorCodes.UpMissing, "The folder has no migration.sql. Write it, "
                    + "or delete the folder, as Prisma also demands."));
                continue;
            }

            problems.AddRange(folder.FilesBelow(name)
                .Where(file => FolderListing.IsSql(file) && file != name + Script && file != name + Down)
                .Select(file => Ignored(folder, file, "Prisma runs only migration.sql, so this file is not run on "
                    + "its own.")));
            // The folder's name is Prisma's key, and it sorts names as text: two can share a timestamp.
            files.Add(new FormatFile(
                new MigrationFileName(name + Script, MigrationVersion.Named(name), NumberingStyle.Unversioned),
                folder.PathOf(name + Script))
            {
                Beside = folder.Holds(name + Down) ? [new(ScriptPartKind.Down, folder.PathOf(name + Down))] : [],
            });
        }

        return new FormatReading(this, files, problems);
    }

    private static void ReadLock(FolderListing folder, List<MigrationProblem> problems)
    {
        if (!folder.Files.Contains(Lock))
        {
            return;
        }

        if (folder.ReadText(Lock, out var problem) is not { } source)
        {
            problems.Add(problem!);
            return;
        }

        problems.AddRange(SettingLines.Read(source)
            .Where(setting => setting.Key == "provider" && setting.Value is not "postgresql")
            .Select(setting => source.Problem(ErrorCodes.ProviderForeign,
                $"The migrations are written for {setting.Value}, not for PostgreSQL. Name another folder with -Path.",
                setting.Offset)));
    }
}
