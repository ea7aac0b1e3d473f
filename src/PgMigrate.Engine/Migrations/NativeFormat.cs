using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>Our own: numbered files, sections UP and DOWN, header lines.</summary>
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

    public override FileParts Divide(SqlSource source, SqlSplit split, FormatFile file)
    {
        return PartsOf(FileOutline.Of(source, split, RulesFor(file)), source, file);
    }

    /// <summary>The parts that an outline says a file has.</summary>
    protected static FileParts PartsOf(FileOutline outline, SqlSource source, FormatFile file)
    {
        var header = outline.Header;
        return new FileParts(RangeOf(SectionKind.Up) ?? default)
        {
            Down = RangeOf(SectionKind.Down),
            UpTransaction = file.UpTransaction ?? header.Transaction,
            DownTransaction = file.UpTransaction ?? header.Transaction,
            Description = header.Description,
            DependsOn = header.DependsOn,
            AllowsOutOfOrder = header.AllowsOutOfOrder,
            Problems = [.. header.Problems, .. outline.Problems],
        };

        SqlRange? RangeOf(SectionKind kind) => outline.RangeOf(kind) is { } range
            ? new SqlRange((int)range.Start, (int)Math.Min(range.End, source.Text.Length))
            : null;
    }
}
