using System.Text;
using PgMigrate.Errors;
using PgMigrate.Schema.Catalog;

namespace PgMigrate.Autogenerate;

/// <summary>Schemas in files.</summary>
internal static class SnapshotFile
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string TextOf(PgSchema schema) =>
        Strict.GetString(SnapshotWriter.Write((Snapshot)schema.Content, schema.IsDatabase));

    public static async Task<PgSchema> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(path, cancellationToken).ConfigureAwait(false);
        var (snapshot, isDatabase) = SnapshotParser.Read(path, WithoutMark(path, bytes));
        return SchemaComparer.ToSchema(path, snapshot, isDatabase);
    }

    private static async Task<byte[]> ReadBytesAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new FileAccessException(
                $"'{path}' is a folder. Name the file of a snapshot with -SnapshotPath; a folder of SQL is read with "
                    + "-SchemaPath.");
        }

        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileAccessException(
                $"The snapshot '{path}' cannot be read: {e.Message} Check the path (-SnapshotPath).", e);
        }
    }

    // An editor may have put a byte order mark in front, or another encoding.
    private static byte[] WithoutMark(string path, byte[] bytes)
    {
        var text = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        try
        {
            Strict.GetCharCount(text);
            return text;
        }
        catch (DecoderFallbackException e)
        {
            throw new InitializationException(
                ErrorCodes.SchemaSnapshotInvalid,
                $"{path}: The file is not UTF-8. Save it as UTF-8, or write it again with Export-PgSchema -As "
                    + "Snapshot.",
                e);
        }
    }
}
