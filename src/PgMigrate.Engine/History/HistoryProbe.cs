using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Sql;

namespace PgMigrate.History;

/// <summary>
/// The first check of a tracking table: whether it exists, whose it is, and which rights this login has on it.
/// </summary>
internal sealed class HistoryProbe(HistoryTable table)
{
    /// <summary>Checks in one round trip; reads no row of the table.</summary>
    /// <exception cref="InitializationException">The table belongs to another tool or to a newer PgMigrate.</exception>
    public async Task<HistoryProbeResult> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EmbeddedSql.Read("HistoryProbe.sql"), connection);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.AddText(table.Schema);
        command.Parameters.AddText(table.Name);
        command.Parameters.AddText(table.LogName);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var schemaExists = reader.GetBoolean(0);
        var access = new HistoryAccess
        {
            Missing = reader.GetString(5).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Role = reader.GetString(6),
            Database = reader.GetString(7),
            Publications = TextOrNull(reader, 8),
            IsSubscribed = reader.GetBoolean(9),
            HidesRows = reader.GetBoolean(10),
            HidesLog = reader.GetBoolean(11),
        };
        // The run searches a named schema first; without one the login's own path decides.
        var createsBeside = table.Schema != "public" || TextOrNull(reader, 12) == table.Schema;
        if (reader.IsDBNull(1))
        {
            return new HistoryProbeResult(false, schemaExists, access, createsBeside);
        }

        // A table can have no column at all.
        var columns = TextOrNull(reader, 2)?.Split('\n') ?? [];
        CheckFormat(columns, TextOrNull(reader, 3), hasLog: reader.GetBoolean(4));
        return new HistoryProbeResult(true, schemaExists, access, createsBeside);
    }

    private void CheckFormat(string[] columns, string? comment, bool hasLog)
    {
        if (!ForeignHistory.IsOurs(columns))
        {
            var tool = ForeignHistory.Recognise(columns);
            throw new InitializationException(
                ErrorCodes.HistoryTableForeign,
                $"The table {table.QualifiedName} belongs to "
                    + (tool is null ? "something else: its columns are not PgMigrate's" : $"another tool ({tool})")
                    + ", and is left unchanged. Name another tracking table with -HistoryTable; on the first run "
                    + "also add -Baseline and the last version that the database already has. With -AllowNonEmpty "
                    + "instead, every file would run.");
        }

        if (comment is not null && comment.StartsWith(HistoryCreation.CommentStart, StringComparison.Ordinal)
            && int.TryParse(comment.AsSpan(HistoryCreation.CommentStart.Length), CultureInfo.InvariantCulture,
                out var format)
            && format > HistoryCreation.FormatVersion)
        {
            throw new InitializationException(
                ErrorCodes.HistoryFormatNewer,
                $"The tracking table {table.QualifiedName} has format {format}; this PgMigrate supports up to "
                    + $"{HistoryCreation.FormatVersion}. Update the module: Update-PSResource PgMigrate.");
        }

        if (!hasLog)
        {
            throw new InitializationException(
                ErrorCodes.HistoryLogMissing,
                $"The tracking table {table.QualifiedName} exists, but its log {table.QualifiedLog} does not. Restore "
                    + "the log from a backup, or create an empty one, as the role that owns the tracking table: "
                    + new HistoryCreation(table).LogScript());
        }
    }

    private static string? TextOrNull(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>The result of the first check of a tracking table.</summary>
/// <param name="TableExists">False before the first write.</param>
/// <param name="SchemaExists">False when its schema does not exist.</param>
/// <param name="Access">The rights of this login on it.</param>
/// <param name="CreatesBeside">True when CREATE TABLE without a schema creates in the same schema.</param>
internal sealed record HistoryProbeResult(bool TableExists, bool SchemaExists, HistoryAccess Access,
    bool CreatesBeside);
