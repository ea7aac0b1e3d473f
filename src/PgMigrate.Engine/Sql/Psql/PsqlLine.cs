namespace PgMigrate.Sql.Psql;

/// <summary>A backslash command of psql in a script.</summary>
/// <param name="Name">Its name without the backslash, such as <c>set</c>.</param>
/// <param name="Arguments">The rest of its line.</param>
/// <param name="Source">The text that contains it.</param>
/// <param name="Offset">Its offset in that text.</param>
/// <param name="Before">Index of the next statement; the number of statements when there is none.</param>
internal sealed record PsqlLine(string Name, string Arguments, SqlSource Source, int Offset, int Before)
{
    /// <summary>
    /// Why it cannot be executed, if that is known without its variables; counts only when it is reached.
    /// </summary>
    public MigrationProblem? Problem { get; init; }

    /// <summary>True for a command that includes another file.</summary>
    public bool IsInclude => Name is "i" or "include" or "ir" or "include_relative";

    /// <summary>True when the file name is relative to the file that contains the command.</summary>
    public bool IsRelative => Name is "ir" or "include_relative";

    /// <summary>True for a command of <c>\if</c>.</summary>
    public bool IsCondition => Name is "if" or "elif" or "else" or "endif";

    /// <summary>
    /// True for the commands of pg_dump that keep psql from executing commands in data: nothing here executes them.
    /// </summary>
    public bool IsGuard => Name is "restrict" or "unrestrict";

    /// <summary>Parses a piece of a script.</summary>
    public static PsqlLine Read(SqlSource source, SqlPiece piece, int before)
    {
        var text = source.Text.AsSpan(piece.Offset + 1, piece.Length - 1);
        var end = text.IndexOfAny(" \t\r\n");
        var name = end < 0 ? text : text[..end];
        var arguments = end < 0 ? [] : text[end..].Trim();
        return new PsqlLine(name.ToString(), arguments.ToString(), source, piece.Offset, before);
    }

    /// <summary>An error at the command.</summary>
    public MigrationProblem Fault(string code, string message) => Source.Problem(code, message, Offset);
}
