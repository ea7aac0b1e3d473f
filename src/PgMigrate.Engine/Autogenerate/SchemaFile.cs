using System.Text;
using PgMigrate.Errors;

namespace PgMigrate.Autogenerate;

/// <summary>Writes an exported schema.</summary>
internal static class SchemaFile
{
    /// <summary>Writes the file as a whole or not at all, and its folder when that is missing.</summary>
    /// <exception cref="MigrationCreationException">It is there already, or cannot be written.</exception>
    public static async Task WriteAsync(string path, string text, bool isReplaced, CancellationToken cancellationToken)
    {
        RequireFree(path, isReplaced);
        var folder = Path.GetDirectoryName(path)!;
        // Beside the file, so that the move is one step. A full disk leaves the old file as it was.
        var part = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(part, text, new UTF8Encoding(false), cancellationToken).ConfigureAwait(false);
            File.Move(part, path, isReplaced);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MigrationCreationException(
                ErrorCodes.FileNotWritten, $"The file '{path}' could not be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Fails when the file is there and shall stay.</summary>
    /// <exception cref="MigrationCreationException">It is.</exception>
    public static void RequireFree(string path, bool isReplaced)
    {
        if (File.Exists(path) && !isReplaced)
        {
            throw new MigrationCreationException(
                ErrorCodes.FileNotWritten,
                $"The file '{path}' is there already. Add -Force to replace it, or name another one with -OutFile.");
        }
    }
}
