namespace PgMigrate.Messages;

/// <summary>
/// Keeps what an error says to what can be read and stored: a line of a file, and what the server says of a value, can
/// be megabytes long. Passwords and secrets are masked before, since half of one is not found any more; pure.
/// </summary>
internal static class ErrorText
{
    /// <summary>Most characters of a line of a file.</summary>
    public const int MostOfLine = 400;

    /// <summary>Most characters of the server's message, and of each of its other parts.</summary>
    public const int MostOfText = 3000;

    private const string Cut = "…";

    // In front of the column: what comes before a mistake tells less than what comes behind it.
    private const int BeforeColumn = MostOfLine / 4;

    /// <summary>The beginning of a text; nothing stays nothing.</summary>
    public static string? Shorten(string? text) => text is { Length: > MostOfText }
        ? string.Concat(text.AsSpan(0, Whole(text, MostOfText - Cut.Length)), Cut)
        : text;

    /// <summary>The part of a line around an offset.</summary>
    public static string Around(string line, int offset)
    {
        if (line.Length <= MostOfLine)
        {
            return line;
        }

        const int Most = MostOfLine - 2;
        var start = Whole(line, Math.Clamp(offset - BeforeColumn, 0, line.Length - Most));
        var end = Whole(line, start + Most);
        return string.Concat(
            start == 0 ? "" : Cut, line.AsSpan(start, end - start), end == line.Length ? "" : Cut);
    }

    // Not into the middle of a character.
    private static int Whole(string text, int offset) =>
        offset < text.Length && char.IsLowSurrogate(text[offset]) ? offset - 1 : offset;
}
