using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;
using PgMigrate.Sql;

namespace PgMigrate.Autogenerate;

/// <summary>A scratch database in which the migrations of a folder ran.</summary>
internal sealed class SchemaReplay : IAsyncDisposable
{
    private const int StatementsPerBatch = 500;

    private SchemaReplay(ScratchDatabase database, Snapshot snapshot, MigratorOptions options)
    {
        Database = database;
        Snapshot = snapshot;
        Options = options;
    }

    public ScratchDatabase Database { get; }

    /// <summary>What they made, but for the tables of PgMigrate.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>The folder and the tracking table.</summary>
    public MigratorOptions Options { get; }

    /// <summary>The scratch server of the options, with what earlier runs left there dropped.</summary>
    public static async Task<ScratchServer> ResolveAsync(ScratchOptions scratch, CancellationToken cancellationToken)
    {
        var server = await ScratchServer
            .ResolveAsync(scratch.Connection, scratch.Scratch, scratch.OnTarget,
            cancellationToken).ConfigureAwait(false);
        await server.RemoveLeftoversAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    /// <summary>
    /// Applies the whole folder to an empty scratch database. One without files, or none at all, is an error unless its
    /// first file is about to be written.
    /// </summary>
    /// <exception cref="PgMigrateException">A migration fails, as it would in an empty database.</exception>
    public static async Task<SchemaReplay> RunAsync(
        ScratchServer server, MigratorOptions options, bool mayBeEmpty, CancellationToken cancellationToken)
    {
        var database = await ScratchDatabase.CreateAsync(server, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!mayBeEmpty || options.FolderPaths.Any(HoldsSql))
            {
                var here = options with { Role = null, CreateSchema = true };
                await ApplyAsync(database.Target, here, MigrationDirection.Apply,
                    cancellationToken).ConfigureAwait(false);
            }

            var snapshot = await ReadAsync(database, options, cancellationToken).ConfigureAwait(false);
            return new SchemaReplay(database, snapshot, options);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A scratch database that holds the current schema already.</summary>
    public static SchemaReplay Of(ScratchDatabase database, Snapshot snapshot, MigratorOptions options) =>
        new(database, snapshot, options);

    /// <summary>Makes a schema that was read from a database in a scratch database.</summary>
    /// <exception cref="PgMigrateException">It cannot be made so that it reads back the same.</exception>
    public static async Task<SchemaReplay> CopyAsync(
        ScratchServer server, Snapshot snapshot, AuthorRequest request, CancellationToken cancellationToken)
    {
        var database = await ScratchDatabase.CreateAsync(server, cancellationToken).ConfigureAwait(false);
        try
        {
            var compared = request.Comparison.ToOptions();
            var changes = SchemaChanges.Make(SchemaComparer.EmptyLike(snapshot), snapshot, compared);
            await ExecuteAsync(database, changes.SelectMany(c => c.Statements),
                cancellationToken).ConfigureAwait(false);
            var copy = await ReadAsync(database, request.Options, cancellationToken).ConfigureAwait(false);
            var different = SnapshotDiff.Differences(copy, snapshot, new RuleBook(copy, snapshot),
                compared).FirstOrDefault();
            return different is null
                ? new SchemaReplay(database, snapshot, request.Options)
                : throw new MigrationCreationException(
                    ErrorCodes.SchemaCopyFailed,
                    $"A copy of the database's schema does not read back the same: {different.Any}. Leave "
                        + "-FromDatabase out "
                        + "to begin with the replayed migrations.");
        }
        catch (Npgsql.PostgresException e)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw new MigrationCreationException(
                ErrorCodes.SchemaCopyFailed,
                $"The database's schema cannot be copied to a scratch database: {ServerText.Of(e)} Leave "
                    + "-FromDatabase out "
                    + "to begin with the replayed migrations.",
                e);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs statements, each committed by itself: one transaction would lock every object at once.</summary>
    public static async Task ExecuteAsync(
        ScratchDatabase database, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        var session = await database.OpenForLoadAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        foreach (var chunk in statements.Chunk(StatementsPerBatch))
        {
            var batch = new Npgsql.NpgsqlBatch(session.Connection) { EnableErrorBarriers = true };
            await using var __ = batch.ConfigureAwait(false);
            foreach (var statement in chunk)
            {
                batch.BatchCommands.Add(new Npgsql.NpgsqlBatchCommand(DdlWriter.ForSession(statement)));
            }

            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool HoldsSql(string folder) => Directory.Exists(folder)
        && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(FolderListing.IsSql);

    /// <summary>Applies or undoes everything in a folder.</summary>
    public static async Task ApplyAsync(
        DatabaseTarget target,
        MigratorOptions options,
        MigrationDirection direction,
        CancellationToken cancellationToken)
    {
        var migrator = await Migrator.OpenAsync(target, options, cancellationToken).ConfigureAwait(false);
        await using var _ = migrator.ConfigureAwait(false);
        var request = new PlanRequest
        {
            Direction = direction,
            All = direction == MigrationDirection.Undo,
            AllowNonEmpty = true,
            CreateSchema = options.CreateSchema,
        };
        var plan = await migrator.PlanAsync(request, cancellationToken).ConfigureAwait(false);
        await foreach (var __ in migrator.RunAsync(plan, new RunOptions(), cancellationToken).ConfigureAwait(false))
        {
            // Its events are those of a database that is dropped soon.
        }
    }

    public static async Task<Snapshot> ReadAsync(
        ScratchDatabase database, MigratorOptions options, CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await SnapshotReader.ReadAsync(session.Connection, OwnTables(options), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The tables of PgMigrate, as the catalogs write their names.</summary>
    public static IReadOnlyCollection<string> OwnTables(MigratorOptions options)
    {
        var table = new HistoryTable(options.Schema ?? "public", options.HistoryTable);
        var schema = SqlIdentifier.QuoteWhereNeeded(table.Schema);
        return
        [
            $"{schema}.{SqlIdentifier.QuoteWhereNeeded(table.Name)}",
            $"{schema}.{SqlIdentifier.QuoteWhereNeeded(table.LogName)}",
        ];
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
