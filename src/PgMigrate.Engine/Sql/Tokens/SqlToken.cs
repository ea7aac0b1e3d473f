namespace PgMigrate.Sql.Tokens;

internal enum SqlTokenKind
{
    Blank,
    LineComment,
    BlockComment,
    Word,
    QuotedIdentifier,
    StringConstant,
    DollarQuote,
    Number,
    Parameter,
    Variable,
    OpenParenthesis,
    CloseParenthesis,
    Semicolon,
    Escape,
    Backslash,
    Symbol,
}

/// <summary>A lexical unit; only comments and quotes at the end of the text can be unclosed.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End, bool IsClosed = true)
{
    public bool IsTrivia => Kind <= SqlTokenKind.BlockComment;
}
