namespace PgMigrate.Files;

/// <summary>
/// Refuses to open anything but a file: opening a named pipe waits until another process writes to it.
/// </summary>
internal static class RegularFile
{
    // The error of opening a socket, on Linux and on macOS.
    private const int NoSuchDevice = 6;
    private const int NotSupportedOnSocket = 102;

    /// <summary>The whole content of a file.</summary>
    /// <exception cref="IOException">It is not a file, or cannot be read.</exception>
    public static byte[] ReadAllBytes(string path) => IsEmpty(path) ? [] : File.ReadAllBytes(path);

    /// <summary>True for a file without content, which need not be opened; false for any other.</summary>
    /// <exception cref="IOException">It is a named pipe, a socket or a device.</exception>
    public static bool IsEmpty(string path)
    {
        // What has a length is a file. A missing file or a dangling link fails when it is opened.
        if (OperatingSystem.IsWindows() || LengthOf(path) != 0)
        {
            return false;
        }

        return MaySeek(path) ? true : throw new IOException(
            "It is a named pipe, a socket or a device, not a file. Delete it, or move it elsewhere.");
    }

    private static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        }

        return file is { Exists: true } ? file.Length : -1;
    }

    // Opening it for reading and writing does not wait and changes nothing. Where that is not allowed, it is not
    // opened.
    private static bool MaySeek(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite,
                bufferSize: 0);
            return file.CanSeek;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.HResult is not (NoSuchDevice or NotSupportedOnSocket);
        }
    }
}
