using System.Text;
using Npgsql;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>Sends COPY … FROM STDIN with the rows that follow it in the script.</summary>
internal static class CopySender
{
    private const int LargestPart = 64 * 1024;

    /// <summary>Answers the number of rows that were sent.</summary>
    public static async Task<long> SendAsync(
        NpgsqlConnection connection, SqlStatement statement, CancellationToken cancellationToken)
    {
        var counter = new CopyRowCounter(statement.Text);
        var writer = await connection.BeginTextImportAsync(statement.Text, cancellationToken).ConfigureAwait(false);
        try
        {
            // The writer itself cuts the rows into small messages; its stream takes bytes in parts of any size.
            var encoder = Encoding.UTF8.GetEncoder();
            var bytes = new byte[Encoding.UTF8.GetMaxByteCount(LargestPart)];
            foreach (var chunk in statement.Rows!.Chunks)
            {
                counter.Take(chunk.Span);
                for (var start = 0; start < chunk.Length; start += LargestPart)
                {
                    var part = chunk[start..Math.Min(chunk.Length, start + LargestPart)];
                    var length = encoder.GetBytes(part.Span, bytes, flush: false);
                    await writer.BaseStream.WriteAsync(bytes.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                }
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
            // What went wrong first is what counts.
        }
    }
}
