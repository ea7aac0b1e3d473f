using Npgsql;

namespace PgMigrate.Execution.Steps;

/// <summary>What the command that writes or deletes a record returns.</summary>
/// <param name="At">When the record was written, by the clock of the server.</param>
/// <param name="DurationMs">How long the step took, measured by the server.</param>
internal readonly record struct RecordReceipt(DateTimeOffset At, double DurationMs)
{
    /// <summary>
    /// Reads it from the last result set. Earlier ones belong to the script's own SELECTs and are skipped unread. Null
    /// when the record was not written.
    /// </summary>
    public static async Task<RecordReceipt?> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        RecordReceipt? receipt;
        do
        {
            // Recognised by its types, since a script may select columns of any name.
            var isReceipt = reader.FieldCount == 2
                && reader.GetDataTypeName(0) == "timestamp with time zone"
                && reader.GetDataTypeName(1) == "double precision"
                && await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                && !await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false)
                && !await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false);
            receipt = isReceipt
                ? new RecordReceipt(
                    new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc)),
                    reader.GetDouble(1))
                : null;
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
        return receipt;
    }
}
