using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate;

/// <summary>The schema that SQL files describe.</summary>
internal static class DesiredSchema
{
    private static readonly MigratorOptions NoTables = new();

    /// <summary>Loads the files into a scratch database and reads what they made.</summary>
    /// <exception cref="PgMigrateException">They do not load, or mean another schema in another order.</exception>
    public static Task<(Snapshot Snapshot, SchemaLoad Load)> ReadAsync(
        ScratchServer server, string path, CancellationToken cancellationToken) =>
        ReadAsync(server, SchemaLoader.ReadFiles(path), cancellationToken);

    public static async Task<(Snapshot Snapshot, SchemaLoad Load)> ReadAsync(
        ScratchServer server, IReadOnlyList<SqlSource> texts, CancellationToken cancellationToken)
    {
        var (first, load) = await LoadAsync(server, texts, null, cancellationToken).ConfigureAwait(false);
        if (!load.Retried)
        {
            return (first, load);
        }

        // A statement had to wait for others: what it made may depend on when it ran.
        var (second, _) = await LoadAsync(server, texts, load.Order, cancellationToken).ConfigureAwait(false);
        var options = new CompareOptions { IncludePrivileges = true, IncludeOwner = true };
        var difference = SnapshotDiff.Differences(first, second, new RuleBook(first, second), options).FirstOrDefault();
        return difference is null
            ? (first, load)
            : throw new InitializationException(
                ErrorCodes.SchemaOrderAmbiguous,
                $"The {difference.Any} is not the same in each order in which the desired SQL can run. Write the "
                    + "statements "
                    + "that it depends on in front of it.");
    }

    private static async Task<(Snapshot Snapshot, SchemaLoad Load)> LoadAsync(
        ScratchServer server,
        IReadOnlyList<SqlSource> texts,
        IReadOnlyList<StatementPlace>? order,
        CancellationToken cancellationToken)
    {
        var database = await ScratchDatabase.CreateAsync(server, cancellationToken).ConfigureAwait(false);
        await using var _ = database.ConfigureAwait(false);
        var load = await SchemaLoader.LoadAsync(database, texts, cancellationToken, order).ConfigureAwait(false);
        return (await SchemaReplay.ReadAsync(database, NoTables, cancellationToken).ConfigureAwait(false), load);
    }
}
