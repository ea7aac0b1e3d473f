using System.Buffers;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql;

/// <summary>Finds the end of a backslash command, and the few commands that act on the statement before them.</summary>
internal static class PsqlCommandText
{
    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \n\t\r\f\\");

    /// <summary>The length of the command at the start of a text, up to its line end or the next backslash.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> name = Name(text);
        int index = name.Length + 1;
        if (TakesWholeLine(name, text[index..]))
        {
            return LineLength(text);
        }

        while (index < text.Length && text[index] != '\n')
        {
            switch (text[index])
            {
                case '\\' when IsInPath(name, text, index):
                    index++;
                    break;
                case '\\':
                    return SqlCharacters.At(text, index + 1) == '\\' ? index + 2 : index;
                case '\'' or '"' or '`':
                    index += QuotedLength(text[index..]);
                    break;
                default:
                    index++;
                    break;
            }
        }

        return WithoutCarriageReturn(text, index);
    }

    /// <summary>Whether the command sends the statement before it, as a semicolon would.</summary>
    public static bool Sends(ReadOnlySpan<char> command) =>
        Name(command) is "g" or "gx" or "gset" or "gexec" or "gdesc" or "crosstabview" or "watch";

    // \i inc\x.sql: psql would read two commands there, which is never intended. It is rejected as the single command
    // that it looks like.
    private static bool IsInPath(ReadOnlySpan<char> name, ReadOnlySpan<char> text, int index) =>
        name is "i" or "ir" or "include" or "include_relative"
        && !SqlCharacters.IsBlank(text[index - 1]) && text[index - 1] != '\\'
        && SqlCharacters.At(text, index + 1) is var next && next != '\\' && next != '\0'
            && !SqlCharacters.IsBlank(next);

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> command)
    {
        int length = command[1..].IndexOfAny(NameEnds);
        return length < 0 ? command[1..] : command.Slice(1, length);
    }

    // psql has no command without a letter except \! and \?; after an unknown one it ignores the rest of the line.
    private static bool TakesWholeLine(ReadOnlySpan<char> name, ReadOnlySpan<char> arguments) =>
        !(name is [var first, ..] && (char.IsAsciiLetter(first) || first == '?'))
        || name is "copy" or "ef" or "ev" or "sf" or "sv" or "h" or "help"
        || (name is "g" or "gx" or "o" or "out" or "w" or "write" && arguments.TrimStart(" \t") is ['|', ..]);

    // An argument with an unclosed quote extends to the end of its line.
    private static int QuotedLength(ReadOnlySpan<char> text)
    {
        char mark = text[0];
        int index = 1;
        while (index < text.Length && text[index] != '\n')
        {
            if (text[index] == mark)
            {
                return index + 1;
            }

            char next = SqlCharacters.At(text, index + 1);
            bool isEscape = mark == '\'' && text[index] == '\\' && next is not ('\n' or '\0');
            index += isEscape ? 2 : 1;
        }

        return index;
    }

    private static int LineLength(ReadOnlySpan<char> text)
    {
        int length = text.IndexOf('\n');
        return WithoutCarriageReturn(text, length < 0 ? text.Length : length);
    }

    private static int WithoutCarriageReturn(ReadOnlySpan<char> text, int length) =>
        text[length - 1] == '\r' ? length - 1 : length;
}
