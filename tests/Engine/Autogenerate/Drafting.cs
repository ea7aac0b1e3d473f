using PgMigrate.Autogenerate;
using PgMigrate.Autogenerate.Renames;
using PgMigrate.Runs;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;
using PgMigrate.Sql;
using PgMigrate.Tests.Scratch;

namespace PgMigrate.Tests.Autogenerate;

/// <summary>Files that were drafted and proved, with the warnings.</summary>
internal sealed record Drafted(IReadOnlyList<DraftedFile> Files, IReadOnlyList<MigrationProblem> Warnings)
{
    /// <summary>The statements of all UP parts.</summary>
    public IReadOnlyList<string> Up => [.. Files.SelectMany(f => Drafting.Statements(f.Up))];

    /// <summary>The statements of all DOWN parts, in the order in which they run.</summary>
    public IReadOnlyList<string> Down => [.. Files.Reverse().SelectMany(f => Drafting.Statements(f.Down))];
}

/// <summary>Drafts and proves the way from one SQL text to another.</summary>
internal static class Drafting
{
    public static Task<Drafted> DraftAsync(string current, string desired, params (string From, string To)[] renames) =>
        DraftAsync(current, desired, online: false, renames);

    public static async Task<Drafted> DraftAsync(
        string current, string desired, bool online, params (string From, string To)[] renames)
    {
        var options = new CompareOptions();
        var server = await Loading.ServerAsync();
        await using var database = await ScratchDatabase.CreateAsync(server, CancellationToken.None);
        await SchemaLoader.LoadAsync(database, [Loading.Text(current)], CancellationToken.None);
        var tables = new MigratorOptions { FolderPaths = ["."] };
        var replay = SchemaReplay.Of(database, await SchemaReplay.ReadAsync(database, tables, CancellationToken.None), tables);
        var (wanted, load) = await DesiredSchema.ReadAsync(server, [Loading.Text(desired)], CancellationToken.None);
        await using var renamed = await RenamedSchema.ApplyAsync(
            replay, wanted, renames.ToDictionary(r => r.From, r => r.To), load.Renames, CancellationToken.None);
        List<MigrationProblem> warnings =
        [
            .. renamed.Warnings, .. LikelyRenames.Find(renamed.Replay.Snapshot, wanted, renamed.Paths),
        ];
        var changes = SchemaChanges.Make(renamed.Replay.Snapshot, wanted, options);
        if (changes.Count + renamed.Steps.Count == 0)
        {
            return new Drafted([], warnings);
        }

        var (files, more) = await MigrationDrafter.DraftAsync(
            renamed, wanted, changes, options, online, CancellationToken.None);
        await MigrationProof.ProveAsync(replay, wanted, files, options, CancellationToken.None);
        return new Drafted(files, [.. warnings, .. more]);
    }

    /// <summary>The statements of a text, without comments and semicolons.</summary>
    public static IEnumerable<string> Statements(string sql) => SqlSplitter.Split(sql).Pieces
        .Where(piece => piece.Kind == SqlPieceKind.Statement)
        .Select(piece => sql.Substring(piece.Offset, piece.Length).TrimEnd(';'));
}
