namespace PgMigrate.Sql;

/// <summary>The character classes of PostgreSQL's lexer, where every non-ASCII character is a letter.</summary>
internal static class SqlCharacters
{
    public static bool IsBlank(char c) => c is ' ' or '\n' or '\t' or '\r' or '\f';

    public static bool StartsIdentifier(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\u0080';

    public static bool ContinuesIdentifier(char c) => ContinuesVariable(c) || c == '$';

    public static bool ContinuesVariable(char c) => StartsIdentifier(c) || char.IsAsciiDigit(c);
}
