using System.Text;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql;

/// <summary>The messages of the splitter.</summary>
internal static class SqlSplitFailure
{
    public static SqlSplitError Unclosed(string text, SqlToken token)
    {
        (string code, string what) = token.Kind switch
        {
            SqlTokenKind.BlockComment => (SqlSplitError.UnterminatedComment, "block comment"),
            SqlTokenKind.QuotedIdentifier => (SqlSplitError.UnterminatedIdentifier, "quoted identifier"),
            SqlTokenKind.DollarQuote => (SqlSplitError.UnterminatedDollarQuote, DollarQuote(text, token.Start)),
            _ => (SqlSplitError.UnterminatedString, "string"),
        };
        return At(text, token.Start, code, $"The {what} that starts here is never closed.{LookAlikeEnd(text, token)}");
    }

    // 'abc’ looks closed.
    private static string LookAlikeEnd(string text, SqlToken token)
    {
        var mark = token.Kind switch
        {
            SqlTokenKind.StringConstant => "'",
            SqlTokenKind.QuotedIdentifier => "\"",
            _ => null,
        };
        var end = text.IndexOf('\n', token.Start) is var found and >= 0 ? found : text.Length;
        for (var i = token.Start; i < end && mark is not null; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune) && LookAlikes.Find(rune) is var (name, meant) && meant == mark)
            {
                var warning = new CharacterWarning(i, rune, name, meant);
                (int line, int column) = SqlPosition.At(text, i);
                return $" The character at {warning.Sentence(line, column)}";
            }
        }

        return "";
    }

    public static SqlSplitError InterruptedByCommand(string text, int offset) =>
        At(text, offset, SqlSplitError.InterruptedStatement, "This psql command is in the middle of a statement.");

    public static SqlSplitError InterruptedByRows(string text, int offset)
    {
        const string Message = "The rows of COPY … FROM STDIN that start here are in the middle of another statement.";
        return At(text, offset, SqlSplitError.InterruptedStatement, Message);
    }

    private static string DollarQuote(string text, int start)
    {
        int tagEnd = text.IndexOf('$', start + 1) + 1;
        return $"dollar-quoted string {text[start..tagEnd]}";
    }

    private static SqlSplitError At(string text, int offset, string code, string message)
    {
        (int line, int column) = SqlPosition.At(text, offset);
        return new SqlSplitError(code, message, offset, line, column);
    }
}
