namespace PgMigrate.Files;

/// <summary>The text of a large file, read part by part.</summary>
internal abstract class LargeText : IDisposable
{
    /// <summary>True when everything was read.</summary>
    public bool IsAtEnd { get; protected set; }

    /// <summary>True when rows of COPY can be taken as the bytes that they are.</summary>
    public virtual bool HasBytes => false;

    /// <summary>A text with about so many of the next characters behind it, line ends as LF.</summary>
    /// <exception cref="InvalidDataException">They are not text.</exception>
    public abstract string Continue(ReadOnlyMemory<char> text, int count);

    /// <summary>The next characters; empty at the end.</summary>
    /// <exception cref="InvalidDataException">They are not text.</exception>
    public string Read(int count) => Continue(default, count);

    /// <summary>
    /// The lines from here on to the closing backslash-dot, which is passed over, or to the end;
    /// <paramref name="unused"/> was read but belongs to them. Each part is gone when the next is asked for.
    /// </summary>
    public virtual IEnumerable<ReadOnlyMemory<byte>> ReadRows(ReadOnlyMemory<char> unused) =>
        throw new NotSupportedException("This text has no bytes of its own.");

    /// <summary>Reads what is left and answers the checksum of the whole.</summary>
    public abstract string Finish();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
