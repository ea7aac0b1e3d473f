using System.Text.RegularExpressions;

namespace PgMigrate.Sql.Reading;

/// <summary>Recognises what sets the options of a transaction, or counts for one transaction only; pure.</summary>
internal static partial class TransactionOptions
{
    /// <summary>
    /// True for SET TRANSACTION, SET LOCAL TRANSACTION, SET transaction_isolation and its like; not for SET SESSION
    /// CHARACTERISTICS.
    /// </summary>
    public static bool AreSetBy(string statement)
    {
        var words = SqlWords.Leading(statement, 3);
        var name = words is ["SET", "LOCAL" or "SESSION", ..] ? 2 : 1;
        return words is ["SET", ..] && words.Count > name
            && words[name] is "TRANSACTION" or "TRANSACTION_ISOLATION" or "TRANSACTION_READ_ONLY" or "TRANSACTION_DEFERRABLE";
    }

    /// <summary>True when a text, such as the context of an error, holds one of these commands.</summary>
    public static bool AreNamedIn(string text) => Command().IsMatch(text);

    /// <summary>True for a command that counts until the end of its transaction and does nothing else.</summary>
    public static bool EndsWithTransaction(string statement) =>
        AreSetBy(statement)
        || SqlWords.Leading(statement, 2) is ["SET", "LOCAL" or "CONSTRAINTS"]
        || IsLocalSetConfig(statement);

    // SELECT set_config('name', 'value', true);
    private static bool IsLocalSetConfig(string statement)
    {
        if (!StatementClassifier.IsSetting(statement) || SqlWords.Leading(statement, 1) is not ["SELECT"])
        {
            return false;
        }

        var words = SqlWords.Leading(statement, int.MaxValue);
        return words.Count(word => word == "SET_CONFIG") == 1
            && words.Reverse().SkipWhile(word => word is ";" or ")").Take(2).ToList() is ["TRUE" or "'t'" or "'true'", ","];
    }

    [GeneratedRegex(
        @"\bset\s+(?:(?:local|session)\s+)?transaction(?:_isolation|_read_only|_deferrable)?\b", RegexOptions.IgnoreCase)]
    private static partial Regex Command();
}
