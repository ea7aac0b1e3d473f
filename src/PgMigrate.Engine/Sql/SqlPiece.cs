namespace PgMigrate.Sql;

/// <summary>What a piece of a script is.</summary>
internal enum SqlPieceKind
{
    /// <summary>White space, and semicolons that end nothing.</summary>
    Blank,

    /// <summary>A comment from two dashes to the end of its line, outside any statement.</summary>
    LineComment,

    /// <summary>A comment between slash-star and star-slash, outside any statement.</summary>
    BlockComment,

    /// <summary>A statement, from its first token to its semicolon or to its last non-blank character.</summary>
    Statement,

    /// <summary>A backslash command of psql.</summary>
    PsqlCommand,

    /// <summary>The rows after COPY … FROM STDIN, with the closing backslash-dot.</summary>
    CopyData,
}

/// <summary>A piece of a script; all pieces in order are the whole script.</summary>
/// <param name="Kind">What the piece is.</param>
/// <param name="Offset">Its offset, in UTF-16 units.</param>
/// <param name="Length">Its length in UTF-16 units.</param>
/// <param name="Line">The line it starts on, from 1.</param>
internal readonly record struct SqlPiece(SqlPieceKind Kind, int Offset, int Length, int Line);

/// <summary>A comment, inside or outside a statement.</summary>
/// <param name="Offset">Its offset, in UTF-16 units.</param>
/// <param name="Length">Its length in UTF-16 units, without the line end.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="InsideStatement">Whether the server receives it as part of a statement.</param>
/// <param name="Depth">How many parentheses and BEGIN or CASE blocks are open around it.</param>
/// <param name="IsBlock">True between slash-star and star-slash, false from two dashes to the end of the line.</param>
internal readonly record struct SqlComment(
    int Offset, int Length, int Line, bool InsideStatement, int Depth, bool IsBlock = false);

/// <summary>A part of a text, in UTF-16 units.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="End">Offset after its last character.</param>
internal readonly record struct SqlRange(int Start, int End);
