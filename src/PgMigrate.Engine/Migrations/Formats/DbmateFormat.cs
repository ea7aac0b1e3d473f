using PgMigrate.Scripts;

namespace PgMigrate.Migrations.Formats;

/// <summary>dbmate: numbered files with <c>-- migrate:up</c> and <c>-- migrate:down</c>.</summary>
internal sealed class DbmateFormat : MigrationFormat
{
    public static DbmateFormat Instance { get; } = new();

    public override string Name => "dbmate";

    public override bool RunsEmptyDown => true;

    public override FormatReading Read(FolderListing folder, bool allowUnversioned) =>
        NativeFormat.Instance.Read(folder, allowUnversioned);

    public override FormatRules RulesFor(FormatFile file) => new()
    {
        Sections = () => new DbmateSections(),
        OwnMark = "migrate:",
    };
}
