using System.Text;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Autogenerate;

/// <summary>Which statement goes into which file of an exported folder; pure.</summary>
internal static class SchemaFolderLayout
{
    /// <summary>The first line of each file: who wrote it may replace it.</summary>
    public const string Mark =
        "-- Exported by PgMigrate. Export-PgSchema -Force replaces this file, and removes it with its object.";

    private const string DefaultPrivileges = "default privileges";

    private static readonly Dictionary<string, string> Folders = new(StringComparer.Ordinal)
    {
        ["enum"] = "types",
        ["domain"] = "types",
        ["composite type"] = "types",
        ["range type"] = "types",
        ["operator family"] = "operator_families",
        ["operator class"] = "operator_classes",
        ["text search parser"] = "text_search",
        ["text search template"] = "text_search",
        ["text search dictionary"] = "text_search",
        ["text search configuration"] = "text_search",
        [DefaultPrivileges] = "default_privileges",
    };

    /// <summary>The statements. Default privileges count for what is made behind them, and the loader of several files
    /// runs them first: so what they grant is expected of the other objects.</summary>
    public static IReadOnlyList<PlannedChange> Plan(Snapshot snapshot, CompareOptions options)
    {
        var empty = SchemaComparer.EmptyLike(snapshot);
        var all = SchemaChanges.Make(empty, snapshot, options);
        var defaults = all.Where(change => change.Node.Pair.Any.Kind == DefaultPrivileges).ToList();
        if (defaults.Count == 0)
        {
            return all;
        }

        var behind = new Snapshot(
            snapshot.ServerVersion,
            snapshot.CurrentRole,
            [
                .. empty.Objects,
                .. snapshot.Objects.Where(o => o.Kind == DefaultPrivileges).Select(o => o.Copy()),
            ]);
        return [.. defaults, .. SchemaChanges.Make(behind, snapshot, options)];
    }

    /// <summary>The files, ordered by their paths.</summary>
    public static IReadOnlyList<ExportedFile> Arrange(Snapshot snapshot, IReadOnlyList<PlannedChange> changes)
    {
        var texts = new Dictionary<(string Folder, string Name), StringBuilder>();
        foreach (var change in changes)
        {
            var root = FileOf(change.Node.Pair.Any, snapshot);
            var place = (FolderOf(root.Kind), NameOf(root));
            if (!texts.TryGetValue(place, out var text))
            {
                texts[place] = text = new StringBuilder(Mark).Append("\n\n");
            }

            foreach (var statement in change.Statements)
            {
                text.Append(SchemaComparer.InFile(statement));
            }
        }

        return
        [
            .. texts.GroupBy(t => t.Key.Folder, StringComparer.Ordinal)
                .SelectMany(folder => FileNames.Of([.. folder.Select(t => t.Key.Name)])
                    .Select(named => new ExportedFile(
                        $"{folder.Key}/{named.Value}.sql",
                        texts[(folder.Key, named.Key)].ToString().TrimEnd('\n') + "\n")))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];
    }

    // What belongs to an object is in its file; a sequence that a column owns in that of the table.
    private static CatalogObject FileOf(CatalogObject entry, Snapshot snapshot)
    {
        var root = SnapshotOrder.RootOf(entry);
        return root.Kind == "sequence"
            && snapshot.Find(new ObjectKey("sequence owner", root.Identity)) is { } owner
            && owner.DependsOn.FirstOrDefault(d => d.Kind == "column") is { } column
                ? SnapshotOrder.RootOf(column)
                : root;
    }

    private static string FolderOf(string kind) =>
        Folders.GetValueOrDefault(kind) ?? kind.Replace(' ', '_') + "s";

    // Overloads are in one file; so is what one role grants by default.
    private static string NameOf(CatalogObject root) =>
        root.Kind == DefaultPrivileges ? FileNames.Join(null, SchemaObjects.Unquoted(root["role"])!)
        : FileNames.Join(root.Parent is { Kind: "schema" } schema ? schema.Name : null, root.Name);
}
