using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Reading;

/// <summary>Decides the kind of a statement by its first words. Allocates nothing; pure.</summary>
internal static class KindReader
{
    /// <summary>The kind of one statement.</summary>
    public static StatementKind Read(ReadOnlySpan<char> statement, bool standardStrings)
    {
        // The first word decides most statements, and there can be hundreds of thousands.
        Span<SqlToken> buffer = stackalloc SqlToken[TokenSpan.Enough];
        var first = TokenSpan.Read(statement, standardStrings, buffer[..1]);
        return first.IsAny(0, "BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "START", "PREPARE", "COPY", "SET",
            "DISCARD",
            "VACUUM", "CREATE", "DROP", "ALTER", "REINDEX", "CLUSTER")
            ? Read(TokenSpan.Read(statement, standardStrings, buffer), statement, standardStrings)
            : StatementKind.Ordinary;
    }

    private static StatementKind Read(TokenSpan words, ReadOnlySpan<char> statement, bool standardStrings)
    {
        if (words.Is(0, "BEGIN") || words.StartsWith("START", "TRANSACTION"))
        {
            return StatementKind.Begin;
        }

        if (words.IsAny(0, "COMMIT", "END"))
        {
            return IsPlainCommit(words) ? StatementKind.Commit : StatementKind.OtherTransaction;
        }

        if (words.Is(0, "ABORT") || words.StartsWith("PREPARE", "TRANSACTION")
            || (words.Is(0, "ROLLBACK") && !IsToSavepoint(words)))
        {
            return StatementKind.OtherTransaction;
        }

        return words.Is(0, "COPY") ? ReadCopy(statement, standardStrings)
            : words.Is(0, "SET") && IsForeignEncoding(words) ? StatementKind.ClientEncoding
            : words.StartsWith("DISCARD", "ALL") ? StatementKind.DiscardAll
            : IsOutsideTransaction(words) ? StatementKind.OutsideTransaction
            : StatementKind.Ordinary;
    }

    private static bool IsPlainCommit(TokenSpan words)
    {
        var next = words.IsAny(1, "WORK", "TRANSACTION") ? 2 : 1;
        return words.IsEnd(next) || (words.Is(next, "AND") && words.Is(next + 1, "NO"));
    }

    private static bool IsToSavepoint(TokenSpan words) =>
        words.Is(words.IsAny(1, "WORK", "TRANSACTION") ? 2 : 1, "TO");

    // COPY table (columns) FROM STDIN …, COPY (query) TO STDOUT …: FROM or TO follows the parentheses.
    private static StatementKind ReadCopy(ReadOnlySpan<char> statement, bool standardStrings)
    {
        var tokens = new SqlTokenizer(statement, standardStrings);
        var depth = 0;
        var direction = StatementKind.Ordinary;
        while (tokens.Read(out var token))
        {
            if (token.IsTrivia)
            {
                continue;
            }

            if (direction != StatementKind.Ordinary)
            {
                // To psql, STDIN and STDOUT mean the same.
                return TokenSpan.Matches(statement, token, "STDIN") || TokenSpan.Matches(statement, token, "STDOUT")
                    ? direction
                    : StatementKind.Ordinary;
            }

            depth += token.Kind == SqlTokenKind.OpenParenthesis ? 1
                : token.Kind == SqlTokenKind.CloseParenthesis ? -1 : 0;
            direction = depth != 0 ? StatementKind.Ordinary
                : TokenSpan.Matches(statement, token, "FROM") ? StatementKind.CopyFromClient
                : TokenSpan.Matches(statement, token, "TO") ? StatementKind.CopyToClient
                : StatementKind.Ordinary;
        }

        return StatementKind.Ordinary;
    }

    private static bool IsForeignEncoding(TokenSpan words)
    {
        var name = words.IsAny(1, "LOCAL", "SESSION") ? 2 : 1;
        return words.Is(name, "NAMES") ? !IsUtf8(words[name + 1])
            : words.Is(name, "CLIENT_ENCODING") && words.IsAny(name + 1, "TO", "=") && !IsUtf8(words[name + 2]);
    }

    private static bool IsUtf8(ReadOnlySpan<char> value) =>
        value.ToString().Trim('\'', '"').Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()
            is "UTF8" or "UNICODE" or "DEFAULT";

    private static bool IsOutsideTransaction(TokenSpan words) =>
        words.Is(0, "CREATE") ? words.IsAny(1, "DATABASE", "TABLESPACE", "SUBSCRIPTION")
            || words.StartsWith("CREATE", "INDEX", "CONCURRENTLY")
            || (words.Is(1, "UNIQUE") && words.Is(3, "CONCURRENTLY"))
        : words.Is(0, "DROP") ? words.IsAny(1, "DATABASE", "TABLESPACE", "SUBSCRIPTION")
            || words.StartsWith("DROP", "INDEX", "CONCURRENTLY")
        : words.Is(0, "ALTER") ? IsAlterOutsideTransaction(words)
        : words.Is(0, "REINDEX") ? words.Contains("CONCURRENTLY")
            || words.IsAny(AfterOptions(words), "DATABASE", "SYSTEM", "SCHEMA")
        : words.Is(0, "CLUSTER") ? words.IsEnd(AfterOptions(words))
        : words.Is(0, "VACUUM");

    private static bool IsAlterOutsideTransaction(TokenSpan words) =>
        words.Is(1, "SYSTEM")
        || (words.Is(1, "SUBSCRIPTION") && (words.Contains("REFRESH") || words.Contains("PUBLICATION")))
        || (words.Is(1, "DATABASE") && words.Is(3, "SET") && words.Is(4, "TABLESPACE"))
        || (words.Is(1, "TABLE") && words.Contains("DETACH") && words.Contains("CONCURRENTLY"));

    // REINDEX (VERBOSE) …, CLUSTER (VERBOSE) …, CLUSTER VERBOSE …
    private static int AfterOptions(TokenSpan words)
    {
        if (!words.Is(1, "("))
        {
            return words.Is(1, "VERBOSE") ? 2 : 1;
        }

        var end = 2;
        while (end < words.Count && !words.Is(end, ")"))
        {
            end++;
        }

        return end + 1;
    }
}
