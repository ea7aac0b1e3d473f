using System.Text;
using PgMigrate.Sql.Reading;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql;

/// <summary>Finds the rows that follow COPY … FROM STDIN in a script.</summary>
internal static class CopyRows
{
    /// <summary>Whether a command is a COPY.</summary>
    public static bool AreNamedBy(ReadOnlySpan<char> command)
    {
        var tokens = new SqlTokenizer(command, standardStrings: true);
        return NextIs(ref tokens, command, "COPY");
    }

    /// <summary>Whether a command reads rows from the script, and how many columns it lists, if any.</summary>
    public static bool AreReadBy(ReadOnlySpan<char> command, bool standardStrings, out int columns)
    {
        columns = 0;
        var tokens = new SqlTokenizer(command, standardStrings);
        if (!NextIs(ref tokens, command, "COPY"))
        {
            return false;
        }

        int depth = 0;
        while (tokens.Read(out SqlToken token))
        {
            ReadOnlySpan<char> word = command[token.Start..token.End];
            switch (token.Kind)
            {
                case SqlTokenKind.OpenParenthesis:
                    columns += depth++ == 0 ? 1 : 0;
                    break;
                case SqlTokenKind.CloseParenthesis:
                    depth--;
                    break;
                case SqlTokenKind.Symbol when depth == 1 && word is ",":
                    columns++;
                    break;
                case SqlTokenKind.Word when depth == 0 && Ascii.EqualsIgnoreCase(word, "TO"):
                    return false;
                case SqlTokenKind.Word when depth == 0 && Ascii.EqualsIgnoreCase(word, "FROM"):
                    return NextIs(ref tokens, command, "STDIN", "STDOUT");
                default:
                    break;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the text in the place of the rows cannot be rows: the server must reject such a COPY, and psql then
    /// continues with SQL. An empty line is not a row of several columns; another COPY … FROM STDIN is SQL.
    /// </summary>
    public static bool AreMissing(ReadOnlySpan<char> text, int columns, bool standardStrings)
    {
        int lineEnd = text.IndexOf('\n');
        ReadOnlySpan<char> line = (lineEnd < 0 ? text : text[..lineEnd]).Trim();
        return line.IsEmpty
            ? columns > 1
            : line[^1] == ';' && AreReadBy(line, standardStrings, out _);
    }

    /// <summary>The length of the rows at the start of a text, including the closing backslash-dot.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        for (int line = 0; line < text.Length;)
        {
            ReadOnlySpan<char> rest = text[line..];
            if (rest is ['\\', '.'] or ['\\', '.', '\n', ..] or ['\\', '.', '\r', '\n', ..])
            {
                return line + 2;
            }

            int next = rest.IndexOf("\n\\.");
            line = next < 0 ? text.Length : line + next + 1;
        }

        return text.Length;
    }

    /// <summary>Whether a COPY uses PostgreSQL's binary format.</summary>
    public static bool AreBinary(string command) => new StatementReading(command).IsBinaryCopy;

    private static bool NextIs(ref SqlTokenizer tokens, ReadOnlySpan<char> text, string word, string? or = null)
    {
        SqlToken token;
        do
        {
            if (!tokens.Read(out token))
            {
                return false;
            }
        }
        while (token.IsTrivia);

        ReadOnlySpan<char> found = text[token.Start..token.End];
        return token.Kind == SqlTokenKind.Word
            && (Ascii.EqualsIgnoreCase(found, word) || (or is not null && Ascii.EqualsIgnoreCase(found, or)));
    }
}
