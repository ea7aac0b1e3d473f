namespace PgMigrate.Sql;

/// <summary>Finds the end of a backslash command, and the few commands that act on the statement before them.</summary>
internal static class PsqlCommand
{
    /// <summary>The length of the command at the start of a text, up to its line end or the next backslash.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        int lineEnd = text.IndexOf('\n');
        ReadOnlySpan<char> line = (lineEnd < 0 ? text : text[..lineEnd]).TrimEnd('\r');
        ReadOnlySpan<char> name = Name(line);
        int index = name.Length + 1;
        if (TakesWholeLine(name, line[index..]))
        {
            return line.Length;
        }

        while (index < line.Length)
        {
            switch (line[index])
            {
                case '\\':
                    return index + 1 < line.Length && line[index + 1] == '\\' ? index + 2 : index;
                case '\'' or '"' or '`':
                    index += QuotedLength(line[index..]);
                    break;
                default:
                    index++;
                    break;
            }
        }

        return line.Length;
    }

    /// <summary>Whether the command sends the statement before it, as a semicolon would.</summary>
    public static bool Sends(ReadOnlySpan<char> command) =>
        Name(command) is "g" or "gx" or "gset" or "gexec" or "gdesc" or "crosstabview" or "watch";

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> command)
    {
        int length = command[1..].IndexOfAny(" \t\r\f\\");
        return length < 0 ? command[1..] : command.Slice(1, length);
    }

    private static bool TakesWholeLine(ReadOnlySpan<char> name, ReadOnlySpan<char> arguments) =>
        name is "!" or "copy" or "ef" or "ev" or "sf" or "sv" or "h" or "help"
        || (name is "g" or "gx" or "o" or "out" or "w" or "write" && arguments.TrimStart() is ['|', ..]);

    private static int QuotedLength(ReadOnlySpan<char> text)
    {
        char mark = text[0];
        for (int index = 1; index < text.Length; index++)
        {
            if (text[index] == mark)
            {
                return index + 1;
            }

            index += mark == '\'' && text[index] == '\\' ? 1 : 0;
        }

        return text.Length;
    }
}
