using PgMigrate.Errors;

namespace PgMigrate.Sql;

/// <summary>Why a script cannot be split with certainty.</summary>
/// <param name="Code">One of the constants of this type.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Offset">Offset of the faulty construct, in UTF-16 units.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Column">The column it starts at in code points, from 1.</param>
internal sealed record SqlSplitError(string Code, string Message, int Offset, int Line, int Column)
{
    /// <summary>A string constant has no closing quote.</summary>
    public const string UnterminatedString = ErrorCodes.UnterminatedString;

    /// <summary>A quoted identifier has no closing quote.</summary>
    public const string UnterminatedIdentifier = ErrorCodes.UnterminatedIdentifier;

    /// <summary>A dollar-quoted string has no closing delimiter.</summary>
    public const string UnterminatedDollarQuote = ErrorCodes.UnterminatedDollarQuote;

    /// <summary>A block comment is not closed as often as it is opened.</summary>
    public const string UnterminatedComment = ErrorCodes.UnterminatedComment;

    /// <summary>A psql command or rows of COPY are in the middle of a statement.</summary>
    public const string InterruptedStatement = ErrorCodes.InterruptedStatement;
}
