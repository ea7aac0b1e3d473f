namespace PgMigrate.Sql.Tokens;

/// <summary>Reads tokens with a closing delimiter.</summary>
internal static class SqlDelimited
{
    /// <summary>A token whose quotation mark is doubled inside it; it may have a prefix.</summary>
    public static SqlToken Quoted(ReadOnlySpan<char> text, SqlTokenKind kind, int start, int quote, bool escapes)
    {
        char mark = text[quote];
        int index = quote + 1;
        while (index < text.Length)
        {
            ReadOnlySpan<char> rest = text[index..];
            int skip = escapes ? rest.IndexOfAny(mark, '\\') : rest.IndexOf(mark);
            if (skip < 0)
            {
                break;
            }

            index += skip;
            if (text[index] == mark && SqlCharacters.At(text, index + 1) != mark)
            {
                return new SqlToken(kind, start, index + 1);
            }

            index += 2;
        }

        return new SqlToken(kind, start, text.Length, IsClosed: false);
    }

    /// <summary>A dollar-quoted string, a parameter, or a dollar sign that starts neither.</summary>
    public static SqlToken Dollar(ReadOnlySpan<char> text, int start)
    {
        int end = start + 1;
        char first = SqlCharacters.At(text, end);
        if (SqlCharacters.IsDigit(first))
        {
            end = SqlCharacters.SkipIdentifier(text, SqlCharacters.SkipDigits(text, end));
            return new SqlToken(SqlTokenKind.Parameter, start, end);
        }

        end = SqlCharacters.SkipVariable(text, end);
        if (SqlCharacters.At(text, end) != '$')
        {
            return new SqlToken(SqlTokenKind.Symbol, start, start + 1);
        }

        int body = end + 1;
        ReadOnlySpan<char> delimiter = text[start..body];
        int length = text[body..].IndexOf(delimiter);
        return length < 0
            ? new SqlToken(SqlTokenKind.DollarQuote, start, text.Length, IsClosed: false)
            : new SqlToken(SqlTokenKind.DollarQuote, start, body + length + delimiter.Length);
    }

    public static SqlToken LineComment(ReadOnlySpan<char> text, int start)
    {
        int length = text[start..].IndexOfAny('\n', '\r');
        return new SqlToken(SqlTokenKind.LineComment, start, length < 0 ? text.Length : start + length);
    }

    /// <summary>A block comment with its nested comments.</summary>
    public static SqlToken BlockComment(ReadOnlySpan<char> text, int start)
    {
        int index = start + 2;
        int depth = 1;
        while (index < text.Length)
        {
            int skip = text[index..].IndexOfAny('*', '/');
            if (skip < 0)
            {
                break;
            }

            index += skip;
            int step = (text[index], SqlCharacters.At(text, index + 1)) switch
            {
                ('/', '*') => 1,
                ('*', '/') => -1,
                _ => 0,
            };
            depth += step;
            index += step == 0 ? 1 : 2;
            if (depth == 0)
            {
                return new SqlToken(SqlTokenKind.BlockComment, start, index);
            }
        }

        return new SqlToken(SqlTokenKind.BlockComment, start, text.Length, IsClosed: false);
    }
}
