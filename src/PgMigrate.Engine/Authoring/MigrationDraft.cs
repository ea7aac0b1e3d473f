namespace PgMigrate.Authoring;

/// <summary>The specification of a new file.</summary>
/// <param name="Name">What it does, in a few words.</param>
/// <param name="Numbering">How its version is chosen.</param>
/// <param name="Content">SQL of the UP section; null for a template to fill in.</param>
/// <param name="Down">SQL of the DOWN section.</param>
/// <param name="Description">One line for the header.</param>
/// <param name="Now">The time for a timestamp.</param>
internal sealed record MigrationDraftRequest(
    string Name,
    MigrationNumbering Numbering,
    string? Content,
    string? Down,
    string? Description,
    DateTimeOffset Now)
{
    /// <summary>Its dependencies, for the header.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Whether to put BEGIN and COMMIT around the content, for readers and tools that expect them.</summary>
    public bool InTransaction { get; init; }
}

/// <summary>A file that is ready to be written.</summary>
/// <param name="FilePath">Full path; the file does not exist yet.</param>
/// <param name="Text">Its text, LF.</param>
internal sealed record MigrationDraft(string FilePath, string Text);
