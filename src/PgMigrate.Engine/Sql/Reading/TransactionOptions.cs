using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Recognises what sets the options of a transaction; pure.</summary>
internal static class TransactionOptions
{
    /// <summary>How many words tell.</summary>
    public const int LongestForm = 3;

    private static readonly string[] Names =
        ["TRANSACTION", "TRANSACTION_ISOLATION", "TRANSACTION_READ_ONLY", "TRANSACTION_DEFERRABLE"];

    /// <summary>
    /// True for SET TRANSACTION, SET LOCAL TRANSACTION, SET transaction_isolation and its like; not for SET SESSION
    /// CHARACTERISTICS.
    /// </summary>
    public static bool AreSetBy(TokenSpan words) =>
        words.Is(0, "SET") && words.IsAny(words.IsAny(1, "LOCAL", "SESSION") ? 2 : 1, Names);

    /// <summary>
    /// True when a text, such as the context of an error or the body of a DO, holds one of these commands: what is in
    /// quotes is read as well.
    /// </summary>
    public static bool AreNamedIn(ReadOnlySpan<char> text)
    {
        Span<SqlToken> buffer = stackalloc SqlToken[LongestForm];
        var tokens = new SqlTokenizer(text, standardStrings: true);
        while (tokens.Read(out var token))
        {
            var isNamed = token.Kind switch
            {
                SqlTokenKind.Word => TokenSpan.Matches(text, token, "SET")
                    && AreSetBy(TokenSpan.Read(text[token.Start..], standardStrings: true, buffer)),
                SqlTokenKind.QuotedIdentifier or SqlTokenKind.StringConstant or SqlTokenKind.DollarQuote =>
                    AreNamedIn(Inside(text[token.Start..token.End])),
                _ => false,
            };
            if (isNamed)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What follows BEGIN or START TRANSACTION; the commas between its parts may be left out.</summary>
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
