using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Recognises commands that set the options of a transaction; pure.</summary>
internal static class TransactionOptions
{
    /// <summary>How many words tell.</summary>
    public const int LongestForm = 3;

    private static readonly string[] Names =
        ["TRANSACTION", "TRANSACTION_ISOLATION", "TRANSACTION_READ_ONLY", "TRANSACTION_DEFERRABLE"];

    /// <summary>
    /// True for SET TRANSACTION, SET LOCAL TRANSACTION, SET transaction_isolation and the other forms; not for SET
    /// SESSION CHARACTERISTICS.
    /// </summary>
    public static bool AreSetBy(TokenSpan words) =>
        words.Is(0, "SET") && words.IsAny(words.IsAny(1, "LOCAL", "SESSION") ? 2 : 1, Names);

    /// <summary>
    /// True when a text, such as the context of an error or the body of a DO, contains such a command or such a call of
    /// set_config, even inside quotes.
    /// </summary>
    public static bool AreNamedIn(ReadOnlySpan<char> text) =>
        Contains(text, words => AreSetBy(words) || AreSetByCall(words), isQuotedRead: true);

    /// <summary>True when a text contains a call of set_config for such an option, even inside quotes.</summary>
    public static bool AreCalledIn(ReadOnlySpan<char> text) => Contains(text, AreSetByCall, isQuotedRead: true);

    /// <summary>True when a statement itself calls set_config for such an option.</summary>
    public static bool AreCalledBy(ReadOnlySpan<char> statement) =>
        Contains(statement, AreSetByCall, isQuotedRead: false);

    // set_config('transaction_isolation', …
    private static bool AreSetByCall(TokenSpan words) =>
        words.Is(0, "SET_CONFIG") && words.Is(1, "(") && words[2] is [.., _, '\''] literal
        && IsName(literal[(literal.IndexOf('\'') + 1)..^1]);

    private static bool IsName(ReadOnlySpan<char> setting)
    {
        foreach (var name in Names.AsSpan(1))
        {
            if (setting.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private delegate bool Condition(TokenSpan words);

    private static bool Contains(ReadOnlySpan<char> text, Condition isOption, bool isQuotedRead)
    {
        Span<SqlToken> buffer = stackalloc SqlToken[LongestForm];
        var tokens = new SqlTokenizer(text, standardStrings: true);
        while (tokens.Read(out var token))
        {
            var isFound = token.Kind switch
            {
                SqlTokenKind.Word => isOption(TokenSpan.Read(text[token.Start..], standardStrings: true, buffer)),
                SqlTokenKind.QuotedIdentifier or SqlTokenKind.StringConstant or SqlTokenKind.DollarQuote =>
                    isQuotedRead && Contains(Inside(text[token.Start..token.End]), isOption, isQuotedRead),
                _ => false,
            };
            if (isFound)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The options after BEGIN or START TRANSACTION; the commas between them are optional.</summary>
    public static string Read(IReadOnlyList<string> words) => string.Join(' ', words
        .SkipWhile(word => word is "BEGIN" or "START" or "WORK" or "TRANSACTION")
        .Where(word => word is not ("," or ";")));

    // Without what opens and closes it, of which the first character that is no letter is enough.
    private static ReadOnlySpan<char> Inside(ReadOnlySpan<char> quoted)
    {
        var start = quoted[0] == '$' ? quoted[1..].IndexOf('$') + 2 : quoted.IndexOfAny('\'', '"') + 1;
        return start > 0 && start < quoted.Length ? quoted[start..] : default;
    }
}
