using Npgsql;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Steps;

/// <summary>Sends COPY … FROM STDIN with the rows that follow it in the script.</summary>
internal static class CopySender
{
    /// <summary>Sends the rows and returns their number.</summary>
    public static async Task<long> SendAsync(
        NpgsqlConnection connection, SqlStatement statement, CancellationToken cancellationToken)
    {
        var counter = new CopyRowCounter(statement.Text);
        var writer = await connection.BeginTextImportAsync(statement.Text, cancellationToken).ConfigureAwait(false);
        try
        {
            // The writer cuts the rows into small messages; its stream accepts parts of any size.
            foreach (var part in statement.Rows!.Parts)
            {
                counter.Take(part.Span);
                await writer.BaseStream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            // Closing it would tell the server that the rows are complete.
            await CancelAsync(writer).ConfigureAwait(false);
            throw;
        }

        await writer.DisposeAsync().ConfigureAwait(false);
        return counter.Rows;
    }

    private static async Task CancelAsync(NpgsqlCopyTextWriter writer)
    {
        try
        {
            await writer.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            // The first failure is the one to report.
        }
    }
}
