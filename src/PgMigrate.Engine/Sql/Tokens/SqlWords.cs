namespace PgMigrate.Sql.Tokens;

/// <summary>Reads the first tokens of a statement, to decide its kind.</summary>
internal static class SqlWords
{
    /// <summary>
    /// The first tokens, without blanks and comments: unquoted words in upper case, quoted ones as written with quotes
    /// and prefix, and punctuation one character at a time.
    /// </summary>
    public static IReadOnlyList<string> Leading(string statement, int max, bool standardConformingStrings = true)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return Leading(statement.AsSpan(), max, standardConformingStrings);
    }

    internal static List<string> Leading(ReadOnlySpan<char> statement, int max, bool standardStrings)
    {
        var words = new List<string>();
        var tokens = new SqlTokenizer(statement, standardStrings);
        while (words.Count < max && tokens.Read(out SqlToken token))
        {
            if (!token.IsTrivia)
            {
                string word = statement[token.Start..token.End].ToString();
                words.Add(token.Kind == SqlTokenKind.Word ? word.ToUpperInvariant() : word);
            }
        }

        return words;
    }
}
