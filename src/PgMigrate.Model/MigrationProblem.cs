namespace PgMigrate;

/// <summary>Something wrong in a folder or a plan, found before anything runs.</summary>
public sealed record MigrationProblem
{
    /// <summary>Stable code, such as <c>DuplicateVersion</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong and what to do next.</summary>
    public required string Message { get; init; }

    /// <summary>Name of a <see cref="ProblemSeverity"/>: whether it blocks the run.</summary>
    public string Severity { get; init; } = nameof(ProblemSeverity.Error);

    /// <summary>File name; null when the problem has none.</summary>
    public string? FileName { get; init; }

    /// <summary>Full path of the file.</summary>
    public string? FilePath { get; init; }

    /// <summary>Line in the file, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column in that line, in characters, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>True when it has this severity.</summary>
    public bool Is(ProblemSeverity severity) => Severity == severity.ToString();

    /// <summary><c>file:line:column: message</c>, as compilers write it.</summary>
    public override string ToString() => ConsoleText.Guard(
        (FileName, Line, Column) switch
        {
            (null, _, _) => Message,
            (_, null, _) => $"{FileName}: {Message}",
            (_, _, null) => $"{FileName}:{Line}: {Message}",
            _ => $"{FileName}:{Line}:{Column}: {Message}",
        });
}
