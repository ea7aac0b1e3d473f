using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Runs;
using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;
using PgMigrate.Schema.Diff;
using PgMigrate.Sessions;

namespace PgMigrate.Autogenerate;

/// <summary>Reads schemas and compares them. Nothing outside a scratch database is changed.</summary>
public static class SchemaComparer
{
    /// <summary>The schema of a database, but for the tables of PgMigrate.</summary>
    /// <exception cref="PgMigrateException">There is no connection, or the catalogs cannot be read.</exception>
    public static async Task<PgSchema> ReadDatabaseAsync(
        DatabaseTarget target, MigratorOptions options, CancellationToken cancellationToken)
    {
        var session = await DatabaseSession.OpenAsync(target, null, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var snapshot = await SnapshotReader
            .ReadAsync(session.Connection, SchemaReplay.OwnTables(options), cancellationToken).ConfigureAwait(false);
        return ToSchema(target.ToString(), snapshot, isDatabase: true);
    }

    /// <summary>The schema that SQL files describe, loaded into a scratch database.</summary>
    /// <exception cref="PgMigrateException">The SQL does not load, or no scratch database can be made.</exception>
    public static async Task<PgSchema> ReadSqlAsync(
        string path, ScratchOptions scratch, CancellationToken cancellationToken)
    {
        var server = await SchemaReplay.ResolveAsync(scratch, cancellationToken).ConfigureAwait(false);
        var (snapshot, _) = await DesiredSchema.ReadAsync(server, path, cancellationToken).ConfigureAwait(false);
        return ToSchema(path, snapshot);
    }

    /// <summary>The schema that the migrations of a folder make, applied to a scratch database.</summary>
    /// <exception cref="PgMigrateException">A migration fails, or no scratch database can be made.</exception>
    public static async Task<PgSchema> ReadMigrationsAsync(
        MigratorOptions options, ScratchOptions scratch, CancellationToken cancellationToken)
    {
        var server = await SchemaReplay.ResolveAsync(scratch, cancellationToken).ConfigureAwait(false);
        var replay = await SchemaReplay.RunAsync(server, options, mayBeEmpty: false, cancellationToken)
            .ConfigureAwait(false);
        await using var _ = replay.ConfigureAwait(false);
        return ToSchema(string.Join(", ", options.FolderPaths), replay.Snapshot);
    }

    /// <summary>The schema that <see cref="ExportSnapshot"/> wrote.</summary>
    /// <exception cref="PgMigrateException">The file is no snapshot, or one that this version cannot read.</exception>
    public static Task<PgSchema> ReadSnapshotAsync(string path, CancellationToken cancellationToken) =>
        SnapshotFile.ReadAsync(path, cancellationToken);

    /// <summary>The text of a file that <see cref="ReadSnapshotAsync"/> reads: JSON, the same for the same
    /// schema.</summary>
    public static string ExportSnapshot(PgSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return SnapshotFile.TextOf(schema);
    }

    /// <summary>What must happen to the reference so that it becomes the difference, in the order in which it can
    /// run.</summary>
    /// <exception cref="PgMigrateException">The schemas are of two major versions, or a change cannot be
    /// written.</exception>
    public static IReadOnlyList<SchemaChange> Compare(
        PgSchema reference, PgSchema difference, SchemaComparison options) =>
        FindChanges(reference, difference, options).Changes;

    /// <summary>The same, with what the filters of the options left out.</summary>
    /// <exception cref="PgMigrateException">The schemas are of two major versions, a change cannot be written, or a
    /// filter is not valid.</exception>
    public static SchemaDifference FindChanges(PgSchema reference, PgSchema difference, SchemaComparison options)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(difference);
        ArgumentNullException.ThrowIfNull(options);
        var current = (Snapshot)reference.Content;
        if (current.Major != ((Snapshot)difference.Content).Major)
        {
            throw new InitializationException(
                ErrorCodes.SchemaVersionDiffers,
                $"{reference} and {difference} come from two major versions of PostgreSQL, which write the same object "
                    + "differently. Read both on servers of one major version.");
        }

        var (desired, leftOut) = SchemaScope.Apply(reference, difference, options);
        return new SchemaDifference(
            [.. SchemaChanges.Make(current, desired, options.ToOptions()).Select(ToChange)], leftOut);
    }

    /// <summary>The SQL that creates a schema in an empty database, one statement each.</summary>
    public static IReadOnlyList<string> Export(PgSchema schema, SchemaComparison options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var desired = (Snapshot)schema.Content;
        return [.. SchemaChanges.Make(EmptyLike(desired), desired, options.ToOptions()).SelectMany(c => c.Statements)];
    }

    /// <summary>The same as a text that psql and PgMigrate run.</summary>
    public static string ExportText(PgSchema schema, SchemaComparison options)
    {
        var statements = Export(schema, options);
        return $"-- The schema of {schema.Source.ReplaceLineEndings(" ")}, PostgreSQL {schema.ServerVersion}.\n"
            + "SET check_function_bodies = off;\n\n"
            + string.Concat(statements.Select(InFile));
    }

    /// <summary>The same as files, one for each object with what belongs to it. The loader of desired SQL reads them in
    /// any order.</summary>
    public static IReadOnlyList<ExportedFile> ExportFiles(PgSchema schema, SchemaComparison options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(options);
        var desired = (Snapshot)schema.Content;
        return SchemaFolderLayout.Arrange(desired, SchemaFolderLayout.Plan(desired, options.ToOptions()));
    }

    internal static string InFile(string statement) => DdlWriter.ForSession(statement) + ";\n\n";

    internal static PgSchema ToSchema(string source, Snapshot snapshot, bool isDatabase = false) => new(
        source,
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{snapshot.Major}.{snapshot.ServerVersion % 10000}"),
        snapshot,
        new Lazy<IReadOnlyList<SchemaObject>>(() => SchemaObjects.Of(snapshot, EmptyLike(snapshot))))
    {
        IsDatabase = isDatabase,
    };

    // What every new database has: the schema public.
    internal static Snapshot EmptyLike(Snapshot snapshot) => new(
        snapshot.ServerVersion,
        snapshot.CurrentRole,
        [.. snapshot.Objects.Where(o => o.Kind == "schema" && o.Identity == "public")
            .Select(o => new CatalogObject(o.Key, o.Name, o.QuotedName, null, [], []) { Owner = o.Owner })]);

    internal static SchemaChange ToChange(PlannedChange change)
    {
        var entry = change.Node.Pair.Any;
        return new SchemaChange
        {
            Kind = entry.Kind,
            Action = change.Node.Action switch
            {
                NodeAction.Alter => "Alter",
                NodeAction.Drop => "Drop",
                _ => change.Node.Pair.HasBoth ? "Replace" : "Create",
            },
            Name = entry.Identity,
            Table = entry.Parent is { Kind: not "schema" } parent ? parent.Identity : null,
            Detail = string.Join(", ", change.Node.Pair.Changed.Select(c => c.Replace('_', ' '))),
            Statements = change.Statements,
            Loses = change.Losses,
        };
    }
}
