using System.Data;
using System.Globalization;
using Npgsql;

namespace PgMigrate.Schema.Catalog;

/// <summary>Reads the catalogs into a <see cref="Snapshot"/>: one transaction, one batch.</summary>
internal static class SnapshotReader
{
    /// <summary>The files with the queries of objects.</summary>
    public static IReadOnlyList<string> Families { get; } =
    [
        "Schemas.sql", "Types.sql", "Functions.sql", "Tables.sql", "Columns.sql", "Views.sql", "Sequences.sql",
        "Constraints.sql", "Indexes.sql", "TableObjects.sql", "Others.sql", "PublicationMembers.sql",
    ];

    // The settings that decide how the server writes expressions and names.
    private const string Settings =
        "SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; "
        + "SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; "
        + "SET LOCAL quote_all_identifiers = off";

    private const int LeadingColumns = 14;

    /// <summary>
    /// Reads the whole schema, but for what belongs to the system, to an extension, or to <paramref name="ownTables"/>
    /// (names as SQL writes them).
    /// </summary>
    public static async Task<Snapshot> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> ownTables, CancellationToken cancellationToken)
    {
        var version = connection.PostgreSqlVersion.Major;
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken)
            .ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        var build = new SnapshotBuilder(ownTables);
        var batch = new NpgsqlBatch(connection, transaction);
        await using var __ = batch.ConfigureAwait(false);
        foreach (var setting in Settings.Split("; "))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(setting));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "SELECT pg_catalog.current_setting('server_version_num')::int, pg_catalog.quote_ident(current_user)"));
        foreach (var query in Families.SelectMany(f => CatalogQuery.Read(f, version)))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(query));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(CatalogQuery.Read("Aliases.sql", version).Single()));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(CatalogQuery.Read("Dependencies.sql", version).Single()));
        var reader = await batch.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var number = reader.GetInt32(0);
        var role = reader.GetString(1);
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.FieldCount == LinkColumns)
            {
                await ReadLinksAsync(reader, build, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ReadObjectsAsync(reader, build, cancellationToken).ConfigureAwait(false);
            }
        }

        return new Snapshot(number, role, build.Finish());
    }

    private const int LinkColumns = 6;

    private static async Task ReadObjectsAsync(
        NpgsqlDataReader reader, SnapshotBuilder build, CancellationToken cancellationToken)
    {
        var names = Enumerable.Range(LeadingColumns, reader.FieldCount - LeadingColumns).Select(reader.GetName)
            .ToArray();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            ReadObject(reader, names, build);
        }
    }

    private static void ReadObject(NpgsqlDataReader reader, string[] names, SnapshotBuilder build)
    {
        var values = new string?[names.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Text(reader, LeadingColumns + i);
        }

        var entry = new CatalogObject(
            new ObjectKey(string.Intern(reader.GetString(0)), reader.GetString(10)),
            reader.GetString(8),
            reader.GetString(9),
            Text(reader, 7),
            names,
            values)
        {
            Row = Row(reader, 1),
            Owner = Text(reader, 11),
            Privileges = Text(reader, 12),
            Comment = Text(reader, 13),
        };
        CatalogRow? parent = reader.IsDBNull(4) ? null : Row(reader, 4);
        build.Add(entry.Row.Value, parent, entry);
    }

    private static CatalogRow Row(NpgsqlDataReader reader, int column) => new(
        reader.GetFieldValue<uint>(column), reader.GetFieldValue<uint>(column + 1), Sub(reader, column + 2));

    private static async Task ReadLinksAsync(
        NpgsqlDataReader reader, SnapshotBuilder build, CancellationToken cancellationToken)
    {
        build.NextLinks();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            build.Link(Row(reader, 0), Row(reader, 3));
        }
    }

    private static int Sub(NpgsqlDataReader reader, int column) =>
        Convert.ToInt32(reader.GetValue(column), CultureInfo.InvariantCulture);

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
