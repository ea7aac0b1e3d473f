using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>PgMigrate's own format: numbered files, sections UP and DOWN, header lines.</summary>
internal class NativeFormat : MigrationFormat
{
    public static NativeFormat Instance { get; } = new();

    public override string Name => "native";

    public override FormatReading Read(FolderListing folder, bool allowUnversioned)
    {
        var files = new List<FormatFile>(folder.SqlFiles.Count);
        var problems = new List<MigrationProblem>();
        foreach (var fileName in folder.SqlFiles)
        {
            if (MigrationFileName.TryParse(fileName, allowUnversioned, out var name, out var problem))
            {
                files.Add(new FormatFile(name, folder.PathOf(fileName)));
            }
            else
            {
                problems.Add(problem with { FilePath = folder.PathOf(fileName) });
            }
        }

        return new FormatReading(this, files, problems);
    }

    public override FormatRules RulesFor(FormatFile file) => FormatRules.Native;
}
