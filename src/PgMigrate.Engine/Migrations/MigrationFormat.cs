using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>
/// One way to lay out migrations in a folder: which files belong together, and which part of a file is for what. It
/// decides from names and texts; the files themselves are read by <c>MigrationFolder</c>.
/// </summary>
internal abstract class MigrationFormat
{
    /// <summary>Stable name, as statuses and results show it.</summary>
    public abstract string Name { get; }

    /// <summary>The name in a folder that gives this format away; null when nothing does.</summary>
    public virtual string? FindEvidence(FolderListing folder) => null;

    /// <summary>The migrations of a folder of this format, and what is wrong with its names.</summary>
    public abstract FormatReading Read(FolderListing folder, bool allowUnversioned);

    /// <summary>True when the tool takes a file without any text for a migration that does nothing.</summary>
    public virtual bool AllowsEmpty(FormatFile file) => false;

    /// <summary>True when the tool runs a DOWN script without SQL, which then does nothing.</summary>
    public virtual bool RunsEmptyDown => false;

    /// <summary>How the comments and the statements of a file are read.</summary>
    public virtual FormatRules RulesFor(FormatFile file) => FormatRules.Whole;

    /// <summary>The same for a file that holds nothing but the DOWN script.</summary>
    public virtual FormatRules DownRulesFor(FormatFile file) => FormatRules.Whole;

    /// <summary>An error about a file by its name in the folder.</summary>
    protected static MigrationProblem Problem(FolderListing folder, string name, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = name,
        FilePath = folder.PathOf(name),
    };

    /// <summary>A warning that a file is left out.</summary>
    protected static MigrationProblem Ignored(FolderListing folder, string name, string why) =>
        Problem(folder, name, ErrorCodes.FileIgnored, why) with { Severity = nameof(ProblemSeverity.Warning) };
}

/// <summary>What a format made of a folder.</summary>
/// <param name="Format">The format.</param>
/// <param name="Files">One for each migration, in no particular order.</param>
/// <param name="Problems">What is wrong with the names, and what is left out.</param>
internal sealed record FormatReading(
    MigrationFormat Format, IReadOnlyList<FormatFile> Files, IReadOnlyList<MigrationProblem> Problems);

/// <summary>The files that make up one migration.</summary>
/// <param name="Name">What their names say.</param>
/// <param name="UpPath">Full path of the file that is applied.</param>
internal sealed record FormatFile(MigrationFileName Name, string UpPath)
{
    /// <summary>Full path of a separate file with the DOWN script; null when there is none.</summary>
    public string? DownPath { get; init; }

    /// <summary>What it is for.</summary>
    public MigrationKind Kind { get; init; }

    /// <summary>How UP is run, where a file beside it says so.</summary>
    public ScriptTransaction? UpTransaction { get; init; }

    /// <summary>The same for DOWN.</summary>
    public ScriptTransaction? DownTransaction { get; init; }

    /// <summary>A line about it, where a plan holds one.</summary>
    public string? Description { get; init; }

    /// <summary>What it needs, where a plan says so.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when <c>${name}</c> in it is plain text.</summary>
    public bool HasPlainText { get; init; }
}
