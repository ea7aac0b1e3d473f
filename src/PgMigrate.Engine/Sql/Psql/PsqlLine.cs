namespace PgMigrate.Sql.Psql;

/// <summary>A backslash command of psql in a script.</summary>
/// <param name="Name">Its name without the backslash, such as <c>set</c>.</param>
/// <param name="Arguments">The rest of its line.</param>
/// <param name="Source">The text that it is in.</param>
/// <param name="Offset">Where it starts in that text.</param>
/// <param name="Before">Index of the statement behind it; the number of statements when it is last.</param>
public sealed record PsqlLine(string Name, string Arguments, SqlSource Source, int Offset, int Before)
{
    /// <summary>
    /// Why it cannot be carried out, if that is known without its variables; counts only when it is reached.
    /// </summary>
    public MigrationProblem? Problem { get; init; }

    /// <summary>True for a command that includes another file.</summary>
    public bool IsInclude => Name is "i" or "include" or "ir" or "include_relative";

    /// <summary>True when the name of the file counts from the file that the command is in.</summary>
    public bool IsRelative => Name is "ir" or "include_relative";

    /// <summary>True for a command that says which lines count.</summary>
    public bool IsCondition => Name is "if" or "elif" or "else" or "endif";

    /// <summary>
    /// True for what pg_dump writes to keep psql from obeying text of the database: nothing here does.
    /// </summary>
    public bool IsGuard => Name is "restrict" or "unrestrict";

    /// <summary>Reads a piece of a script.</summary>
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
