using PgMigrate.Files;

namespace PgMigrate.Migrations;

/// <summary>A file that is too large to be held, as its first reading found it.</summary>
/// <param name="File">The files of its migration.</param>
/// <param name="Checksum">SHA-256 by the rule of every other file.</param>
/// <param name="IsPlain">True when it is UTF-8 with LF and nothing has to be translated.</param>
internal sealed record LargeFile(FormatFile File, string Checksum, bool IsPlain)
{
    /// <summary>Reads a file for its checksum.</summary>
    /// <exception cref="InvalidDataException">It is not text.</exception>
    public static LargeFile Read(FormatFile file)
    {
        if (PlainFileChecksum.TryOf(file.UpPath) is { } plain)
        {
            return new LargeFile(file, plain, IsPlain: true);
        }

        using var text = new MigrationTextStream(file.UpPath, withChecksum: true);
        return new LargeFile(file, text.Finish(), IsPlain: false);
    }

    /// <summary>The text from its start.</summary>
    public LargeText Open(bool withChecksum) => IsPlain
        ? new PlainTextStream(File.UpPath, withChecksum)
        : new MigrationTextStream(File.UpPath, withChecksum);
}
