using System.Globalization;
using System.Text;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Psql;

/// <summary>Parses the arguments of a psql command by psql's rules; pure.</summary>
internal static class PsqlArguments
{
    /// <summary>
    /// The arguments with variables replaced; null with a reason when psql would run a program or a quote is not
    /// closed.
    /// </summary>
    public static string[]? Read(
        string text, PsqlVariables variables, out string? reason, out bool hasSecret)
    {
        var arguments = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        hasSecret = false;
        reason = null;
        for (var i = 0; i < text.Length;)
        {
            switch (text[i])
            {
                case ' ' or '\t' or '\r' or '\n':
                    EndWord();
                    i++;
                    break;
                case '`':
                    reason = "text in backquotes would be run as a program";
                    return null;
                case '\'':
                    isWord = true;
                    i = ReadQuoted(text, i, word);
                    break;
                case ':' when variables.TryRead(text, i, out var value):
                    isWord = true;
                    hasSecret |= value.IsSecret;
                    word.Append(value.Value);
                    i += value.Length;
                    break;
                default:
                    isWord = true;
                    word.Append(text[i++]);
                    break;
            }

            if (i > text.Length)
            {
                reason = "a quote is not closed";
                return null;
            }
        }

        EndWord();
        return [.. arguments];

        void EndWord()
        {
            if (isWord)
            {
                arguments.Add(word.ToString());
            }

            word.Clear();
            isWord = false;
        }
    }

    // Returns the offset after the closing quote, or one past the end of the text when there is none.
    private static int ReadQuoted(string text, int quote, StringBuilder word)
    {
        var i = quote + 1;
        while (i < text.Length)
        {
            if (text[i] == '\'' && SqlCharacters.At(text, i + 1) == '\'')
            {
                word.Append('\'');
                i += 2;
            }
            else if (text[i] == '\'')
            {
                return i + 1;
            }
            else if (text[i] == '\\' && i + 1 < text.Length)
            {
                i = ReadEscape(text, i + 1, word);
            }
            else
            {
                word.Append(text[i++]);
            }
        }

        return text.Length + 1;
    }

    private static int ReadEscape(string text, int index, StringBuilder word)
    {
        var digits = 0;
        while (digits < 3 && SqlCharacters.At(text, index + digits) is >= '0' and <= '7')
        {
            digits++;
        }

        if (digits > 0)
        {
            word.Append((char)Convert.ToInt32(text.Substring(index, digits), 8));
            return index + digits;
        }

        var hex = 0;
        while (text[index] == 'x' && hex < 2 && char.IsAsciiHexDigit(SqlCharacters.At(text, index + 1 + hex)))
        {
            hex++;
        }

        if (hex > 0)
        {
            word.Append((char)int.Parse(
                text.AsSpan(index + 1, hex), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            return index + 1 + hex;
        }

        word.Append(text[index] switch
        {
            'n' => '\n',
            't' => '\t',
            'b' => '\b',
            'r' => '\r',
            'f' => '\f',
            var other => other,
        });
        return index + 1;
    }
}
