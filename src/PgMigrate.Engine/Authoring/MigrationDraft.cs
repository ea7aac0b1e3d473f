namespace PgMigrate.Authoring;

/// <summary>What a new file is to be.</summary>
/// <param name="Name">What it does, in a few words.</param>
/// <param name="Numbering">How its version is chosen.</param>
/// <param name="Content">SQL of the UP section; null for a template to fill in.</param>
/// <param name="Down">SQL of the DOWN section.</param>
/// <param name="Description">One line for the header.</param>
/// <param name="Now">The time a timestamp is made from.</param>
public sealed record MigrationDraftRequest(
    string Name,
    MigrationNumbering Numbering,
    string? Content,
    string? Down,
    string? Description,
    DateTimeOffset Now)
{
    /// <summary>What it needs, for the header.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Whether the content is between BEGIN and COMMIT, for readers and tools that look for them.</summary>
    public bool InTransaction { get; init; }
}

/// <summary>A file that is ready to be written.</summary>
/// <param name="FilePath">Full path; there is no file yet.</param>
/// <param name="Text">Its text, LF.</param>
public sealed record MigrationDraft(string FilePath, string Text);
