namespace PgMigrate.Autogenerate.Renames;

/// <summary>What an object was called, and what it is called now.</summary>
/// <param name="Old">It, in the current schema.</param>
/// <param name="New">It, in the desired schema.</param>
/// <param name="Hint">Who says so.</param>
internal sealed record ResolvedRename(NamedObject Old, NamedObject New, RenameHintSource Hint);

/// <summary>Who says that an object was renamed: -Rename, or a comment with its place.</summary>
/// <param name="Text">The hint, for messages.</param>
/// <param name="Place">Where the comment is; null for -Rename.</param>
internal sealed record RenameHintSource(string Text, MigrationProblem? Place)
{
    public bool IsComment => Place is not null;

    /// <summary>A problem of the hint.</summary>
    public MigrationProblem Problem(string code, string message, ProblemSeverity severity = ProblemSeverity.Error) =>
        (Place ?? new MigrationProblem { Code = code, Message = "" }) with
        {
            Code = code,
            Message = $"{Text}: {message}",
            Severity = severity.ToString(),
        };
}
