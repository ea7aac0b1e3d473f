namespace PgMigrate.Files;

/// <summary>A file that is read in parts, as its first reading found it.</summary>
/// <param name="FileName">Its name for messages.</param>
/// <param name="FilePath">Its full path.</param>
/// <param name="Checksum">SHA-256 by the rule of <see cref="MigrationChecksum"/>.</param>
/// <param name="IsPlain">True when it is UTF-8 with LF, so that its bytes are its text.</param>
internal sealed record TextFile(string FileName, string FilePath, string Checksum, bool IsPlain)
{
    /// <summary>Reads a file for its checksum.</summary>
    /// <exception cref="InvalidDataException">It is not text.</exception>
    public static TextFile Read(string fileName, string filePath)
    {
        if (PlainFileChecksum.TryOf(filePath) is { } plain)
        {
            return new TextFile(fileName, filePath, plain, IsPlain: true);
        }

        using var text = new MigrationTextStream(filePath, withChecksum: true);
        return new TextFile(fileName, filePath, text.Finish(), IsPlain: false);
    }

    /// <summary>Opens the text at its start.</summary>
    public TextSource Open(bool withChecksum) => IsPlain
        ? new PlainTextStream(FilePath, withChecksum)
        : new MigrationTextStream(FilePath, withChecksum);
}
