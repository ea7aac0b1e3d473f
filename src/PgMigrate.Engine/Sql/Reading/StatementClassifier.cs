using System.Buffers;

namespace PgMigrate.Sql.Reading;

/// <summary>What a statement means for the transaction around it.</summary>
public enum StatementKind
{
    /// <summary>Runs like any other.</summary>
    Ordinary,

    /// <summary>BEGIN or START TRANSACTION.</summary>
    Begin,

    /// <summary>COMMIT or END, without AND CHAIN.</summary>
    Commit,

    /// <summary>Any other command that starts, ends or prepares a transaction; savepoints are ordinary.</summary>
    OtherTransaction,

    /// <summary>COPY FROM STDIN, whose data follow it in the script.</summary>
    CopyFromClient,

    /// <summary>COPY TO STDOUT.</summary>
    CopyToClient,

    /// <summary>Sets client_encoding to something else than UTF-8.</summary>
    ClientEncoding,

    /// <summary>DISCARD ALL, which drops every advisory lock of the session.</summary>
    DiscardAll,

    /// <summary>PostgreSQL refuses it in a transaction block.</summary>
    OutsideTransaction,
}

/// <summary>Tells from its first words what kind of statement it is; pure.</summary>
public static class StatementClassifier
{
    private const int WordsNeeded = 20;

    private static readonly HashSet<string> Telling =
    [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE", "COPY", "SET", "VACUUM", "CREATE", "DROP", "ALTER",
        "REINDEX", "CLUSTER", "DISCARD",
    ];

    // Without effect beside their value, and types that take a length.
    private static readonly HashSet<string> ValueFunctions =
    [
        "SET_CONFIG", "CURRENT_SETTING", "QUOTE_IDENT", "QUOTE_LITERAL", "FORMAT", "CONCAT", "CONCAT_WS", "COALESCE", "NULLIF",
        "LOWER", "UPPER", "REPLACE", "TRIM", "VARCHAR", "CHAR", "CHARACTER", "VARYING", "NUMERIC", "CURRENT_DATABASE",
        "CURRENT_SCHEMA", "PG_BACKEND_PID", "NOW", "TO_CHAR", "CASE", "WHEN", "THEN", "ELSE", "AND", "OR", "NOT",
    ];

    private static readonly SearchValues<char> TellingStart =
        SearchValues.Create([.. Telling.SelectMany(word => new[] { word[0], char.ToLowerInvariant(word[0]) })]);

    /// <summary>The kind of one statement.</summary>
    public static StatementKind Classify(string statement)
    {
        // Most statements are told by their first word, and there can be hundreds of thousands.
        if (SqlWords.Leading(statement, 1) is not [var first] || !Telling.Contains(first))
        {
            return StatementKind.Ordinary;
        }

        var words = SqlWords.Leading(statement, WordsNeeded);
        return words[0] switch
        {
            "BEGIN" => StatementKind.Begin,
            "START" when At(words, 1) == "TRANSACTION" => StatementKind.Begin,
            "COMMIT" or "END" => IsPlainCommit(words) ? StatementKind.Commit : StatementKind.OtherTransaction,
            "ROLLBACK" => IsToSavepoint(words) ? StatementKind.Ordinary : StatementKind.OtherTransaction,
            "ABORT" => StatementKind.OtherTransaction,
            "PREPARE" when At(words, 1) == "TRANSACTION" => StatementKind.OtherTransaction,
            "COPY" => ClassifyCopy(statement),
            "SET" => IsForeignEncoding(words) ? StatementKind.ClientEncoding : StatementKind.Ordinary,
            "DISCARD" => At(words, 1) == "ALL" ? StatementKind.DiscardAll : StatementKind.Ordinary,
            _ => IsOutsideTransaction(words) ? StatementKind.OutsideTransaction : StatementKind.Ordinary,
        };
    }

    /// <summary>The same for a part of a text, copied out of it only where its first letter may matter.</summary>
    internal static StatementKind Classify(ReadOnlySpan<char> statement)
    {
        var tokens = new SqlTokenizer(statement, standardStrings: true);
        SqlToken token;
        do
        {
            if (!tokens.Read(out token))
            {
                return StatementKind.Ordinary;
            }
        }
        while (token.IsTrivia);

        return TellingStart.Contains(statement[token.Start]) ? Classify(statement.ToString()) : StatementKind.Ordinary;
    }

    /// <summary>True when a statement must stand alone: PostgreSQL refuses it in a transaction, or it may commit by itself.</summary>
    public static bool NeedsNoTransaction(string statement) =>
        MayCommit(statement) || Classify(statement) == StatementKind.OutsideTransaction;

    /// <summary>True for an index build, drop or detach CONCURRENTLY: it waits for transactions that are older than itself.</summary>
    public static bool IsConcurrent(string statement) =>
        Classify(statement) == StatementKind.OutsideTransaction
        && SqlWords.Leading(statement, WordsNeeded).Contains("CONCURRENTLY");

    /// <summary>True for what can hold a COMMIT of its own: CALL and DO.</summary>
    public static bool MayCommit(string statement) => SqlWords.Leading(statement, 1) is ["CALL" or "DO"];

    /// <summary>True for a call that opens, writes or closes a large object, as pg_dump writes it.</summary>
    internal static bool IsLargeObjectCall(string statement) =>
        SqlWords.Leading(statement, 5) is ["SELECT", "PG_CATALOG", ".", "LO_OPEN" or "LOWRITE" or "LO_CLOSE", "("];

    /// <summary>
    /// True for a statement that sets something for the rest of the session and does nothing else: it can be run again.
    /// </summary>
    public static bool IsSetting(string statement) => SqlWords.Leading(statement, 1) switch
    {
        ["SET" or "RESET"] => true,
        ["SELECT"] when statement.Contains("set_config", StringComparison.OrdinalIgnoreCase) =>
            CallsOnlySetConfig(SqlWords.Leading(statement, int.MaxValue)),
        _ => false,
    };

    /// <summary>True for a SELECT that sets something beside other work, so that it cannot be run again for that.</summary>
    public static bool SetsAmongOthers(string statement) =>
        statement.Contains("set_config", StringComparison.OrdinalIgnoreCase)
        && SqlWords.Leading(statement, 1) is ["SELECT"]
        && SqlWords.Leading(statement, int.MaxValue).Contains("SET_CONFIG")
        && !IsSetting(statement);

    // Nothing is called but set_config and what only makes a value of others.
    private static bool CallsOnlySetConfig(IReadOnlyList<string> words)
    {
        var isSetting = false;
        for (var i = 1; i < words.Count; i++)
        {
            if (words[i] is "FROM" or "INTO" or "SELECT")
            {
                return false;
            }

            var called = words[i - 1];
            if (words[i] == "(" && (SqlCharacters.StartsIdentifier(called[0]) || called[0] == '"'))
            {
                var isForeign = i > 2 && words[i - 2] == "." && words[i - 3] != "PG_CATALOG";
                if (isForeign || !ValueFunctions.Contains(called))
                {
                    return false;
                }

                isSetting |= called == "SET_CONFIG";
            }
        }

        return isSetting;
    }

    private static string At(IReadOnlyList<string> words, int index) => index < words.Count ? words[index] : "";

    private static bool IsPlainCommit(IReadOnlyList<string> words)
    {
        var next = At(words, 1) is "WORK" or "TRANSACTION" ? 2 : 1;
        return At(words, next) is "" or ";" || (At(words, next) == "AND" && At(words, next + 1) == "NO");
    }

    private static bool IsToSavepoint(IReadOnlyList<string> words) =>
        At(words, 1) == "TO" || (At(words, 1) is "WORK" or "TRANSACTION" && At(words, 2) == "TO");

    // COPY table (columns) FROM STDIN …, COPY (query) TO STDOUT …: what matters follows the parentheses.
    private static StatementKind ClassifyCopy(string statement)
    {
        var words = SqlWords.Leading(statement, int.MaxValue);
        var depth = 0;
        for (var i = 1; i + 1 < words.Count; i++)
        {
            depth += words[i] == "(" ? 1 : words[i] == ")" ? -1 : 0;
            if (depth == 0 && words[i] is "FROM" or "TO")
            {
                // psql takes the two words for each other.
                return words[i + 1] is not ("STDIN" or "STDOUT") ? StatementKind.Ordinary
                    : words[i] == "FROM" ? StatementKind.CopyFromClient
                    : StatementKind.CopyToClient;
            }
        }

        return StatementKind.Ordinary;
    }

    private static bool IsForeignEncoding(IReadOnlyList<string> words)
    {
        var name = At(words, 1) is "LOCAL" or "SESSION" ? 2 : 1;
        if (At(words, name) == "NAMES")
        {
            return !IsUtf8(At(words, name + 1));
        }

        return At(words, name) == "CLIENT_ENCODING" && At(words, name + 1) is "TO" or "="
            && !IsUtf8(At(words, name + 2));
    }

    private static bool IsUtf8(string value) =>
        value.Trim('\'', '"').Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()
            is "UTF8" or "UNICODE" or "DEFAULT";

    private static bool IsOutsideTransaction(IReadOnlyList<string> words) => words[0] switch
    {
        "VACUUM" => true,
        "CREATE" => At(words, 1) is "DATABASE" or "TABLESPACE" or "SUBSCRIPTION"
            || (At(words, 1) == "INDEX" && At(words, 2) == "CONCURRENTLY")
            || (At(words, 1) == "UNIQUE" && At(words, 3) == "CONCURRENTLY"),
        "DROP" => At(words, 1) is "DATABASE" or "TABLESPACE" or "SUBSCRIPTION"
            || (At(words, 1) == "INDEX" && At(words, 2) == "CONCURRENTLY"),
        "ALTER" => At(words, 1) == "SYSTEM"
            || (At(words, 1) == "SUBSCRIPTION" && (Contains(words, "REFRESH") || Contains(words, "PUBLICATION")))
            || (At(words, 1) == "DATABASE" && At(words, 3) == "SET" && At(words, 4) == "TABLESPACE")
            || (At(words, 1) == "TABLE" && Contains(words, "DETACH") && Contains(words, "CONCURRENTLY")),
        "REINDEX" => Contains(words, "CONCURRENTLY") || At(words, AfterOptions(words)) is "DATABASE" or "SYSTEM" or "SCHEMA",
        "CLUSTER" => At(words, AfterOptions(words)) is "" or ";",
        _ => false,
    };

    // REINDEX (VERBOSE) …, CLUSTER (VERBOSE) …, CLUSTER VERBOSE …
    private static int AfterOptions(IReadOnlyList<string> words) => At(words, 1) switch
    {
        "(" => words.TakeWhile(word => word != ")").Count() + 1,
        "VERBOSE" => 2,
        _ => 1,
    };

    private static bool Contains(IReadOnlyList<string> words, string word) => words.Contains(word);
}
