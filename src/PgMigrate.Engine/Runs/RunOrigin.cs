

namespace PgMigrate.Runs;

/// <summary>Which history a run works on; part of every result and summary.</summary>
/// <param name="Module">The module.</param>
/// <param name="Schema">Schema of the tracking table.</param>
/// <param name="HistoryTable">Name of the tracking table.</param>
/// <param name="Connection">The database; null when it is not known.</param>
public sealed record RunOrigin(string Module, string Schema, string HistoryTable, Connection? Connection)
{
    /// <summary>The origin for these options, with the defaults filled in.</summary>
    public static RunOrigin Of(MigratorOptions options, Connection? connection)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new RunOrigin(
            options.Module ?? options.Schema ?? "default",
            options.Schema ?? "public",
            options.HistoryTable,
            connection);
    }
}
