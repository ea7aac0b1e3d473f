namespace PgMigrate.Files;

/// <summary>The text of a file, read from its start in parts of any size.</summary>
internal abstract class TextSource : IDisposable
{
    /// <summary>True when everything was read.</summary>
    public bool IsAtEnd { get; protected set; }

    /// <summary>True when COPY rows can be sent as the bytes that they are.</summary>
    public virtual bool HasBytes => false;

    /// <summary>True when the rows that <see cref="ReadRows"/> read last had a closing backslash-dot.</summary>
    public bool WereRowsClosed { get; protected set; }

    /// <summary>
    /// Returns <paramref name="text"/> followed by about so many of the next characters, line ends as LF.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are not text.</exception>
    public abstract string Continue(ReadOnlyMemory<char> text, int count);

    /// <summary>The next characters; empty at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are not text.</exception>
    public string Read(int count) => Continue(default, count);

    /// <summary>
    /// The lines up to the closing backslash-dot, which is skipped, or to the end. <paramref name="unused"/> was read
    /// already and is part of them. Each part is valid until the next one is requested.
    /// </summary>
    public virtual IEnumerable<ReadOnlyMemory<byte>> ReadRows(ReadOnlyMemory<char> unused) =>
        throw new NotSupportedException("This text has no bytes of its own.");

    /// <summary>Reads the rest and returns the checksum of the whole.</summary>
    public abstract string Finish();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
