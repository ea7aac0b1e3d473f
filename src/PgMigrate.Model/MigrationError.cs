namespace PgMigrate;

/// <summary>A failure with its place in the file and the server's message.</summary>
public sealed record MigrationError
{
    /// <summary>Stable code, the same as the error record's id.</summary>
    public required string Code { get; init; }

    /// <summary>What happened and what to do next.</summary>
    public required string Message { get; init; }

    /// <summary>File name.</summary>
    public string? FileName { get; init; }

    /// <summary>Full path of the file.</summary>
    public string? FilePath { get; init; }

    /// <summary>Line in the file, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column in that line, in characters, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>Text of that line; of a long line the part around the column.</summary>
    public string? LineText { get; init; }

    /// <summary>Which statement of the script failed, from 1.</summary>
    public int? StatementNumber { get; init; }

    /// <summary>SQLSTATE, five characters.</summary>
    public string? SqlState { get; init; }

    /// <summary>The server's own message.</summary>
    public string? ServerMessage { get; init; }

    /// <summary>The server's DETAIL.</summary>
    public string? Detail { get; init; }

    /// <summary>The server's HINT.</summary>
    public string? Hint { get; init; }

    /// <summary>The server's CONTEXT: the stack of PL/pgSQL calls.</summary>
    public string? Context { get; init; }

    /// <summary>Schema of the object concerned.</summary>
    public string? SchemaName { get; init; }

    /// <summary>Table concerned.</summary>
    public string? TableName { get; init; }

    /// <summary>Column concerned.</summary>
    public string? ColumnName { get; init; }

    /// <summary>Constraint concerned.</summary>
    public string? ConstraintName { get; init; }

    /// <summary>
    /// The sessions that blocked the migration when it timed out waiting for a lock; empty when none were seen.
    /// </summary>
    public IReadOnlyList<MigrationBlocker> Blockers { get; init; } = [];

    /// <summary>The message, for a console.</summary>
    public override string ToString() => ConsoleText.Guard(Message);
}
