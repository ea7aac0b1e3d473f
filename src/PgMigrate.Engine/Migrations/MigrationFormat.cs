using PgMigrate.Errors;
using PgMigrate.Scripts;

namespace PgMigrate.Migrations;

/// <summary>
/// A layout of migrations in a folder: which files belong together, and which part of a file is which script. It
/// decides by names and texts; <c>MigrationFolder</c> reads the files themselves.
/// </summary>
internal abstract class MigrationFormat
{
    /// <summary>Stable name, as statuses and results show it.</summary>
    public abstract string Name { get; }

    /// <summary>The name in a folder that identifies this format; null when there is none.</summary>
    public virtual string? FindEvidence(FolderListing folder) => null;

    /// <summary>The migrations of a folder of this format, and the problems of its names.</summary>
    public abstract FormatReading Read(FolderListing folder, bool allowUnversioned);

    /// <summary>True when the tool accepts an empty file as a migration that does nothing.</summary>
    public virtual bool AllowsEmpty(FormatFile file) => false;

    /// <summary>True when the tool runs a DOWN script without SQL, which then does nothing.</summary>
    public virtual bool RunsEmptyDown => false;

    /// <summary>How the comments and the statements of a file are read.</summary>
    public virtual FormatRules RulesFor(FormatFile file) => FormatRules.Whole;

    /// <summary>The same for a separate DOWN file.</summary>
    public virtual FormatRules DownRulesFor(FormatFile file) => FormatRules.Whole;

    /// <summary>An error about a file by its name in the folder.</summary>
    protected static MigrationProblem Problem(FolderListing folder, string name, string code, string message) => new()
    {
        Code = code,
        Message = message,
        FileName = name,
        FilePath = folder.PathOf(name),
    };

    /// <summary>A warning that a file is ignored.</summary>
    protected static MigrationProblem Ignored(FolderListing folder, string name, string why) =>
        Problem(folder, name, ErrorCodes.FileIgnored, why) with { Severity = nameof(ProblemSeverity.Warning) };
}

/// <summary>What a format found in a folder.</summary>
/// <param name="Format">The format.</param>
/// <param name="Files">One for each migration, in any order.</param>
/// <param name="Problems">The problems of the names, and the ignored files.</param>
internal sealed record FormatReading(
    MigrationFormat Format, IReadOnlyList<FormatFile> Files, IReadOnlyList<MigrationProblem> Problems);

/// <summary>The files of one migration.</summary>
/// <param name="Name">Its parsed name.</param>
/// <param name="UpPath">Full path of the file that is applied.</param>
internal sealed record FormatFile(MigrationFileName Name, string UpPath)
{
    /// <summary>Separate files with other scripts of the migration.</summary>
    public IReadOnlyList<PartFile> Beside { get; init; } = [];

    /// <summary>The kind of migration.</summary>
    public MigrationKind Kind { get; init; }

    /// <summary>The transaction mode of UP, where a separate file sets it.</summary>
    public ScriptTransaction? UpTransaction { get; init; }

    /// <summary>Its description, where a plan has one.</summary>
    public string? Description { get; init; }

    /// <summary>Its dependencies, where a plan has them.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when <c>${name}</c> in it is plain text.</summary>
    public bool HasPlainText { get; init; }

    /// <summary>True when a separate file has the script of this kind.</summary>
    public bool HasFileOf(ScriptPartKind kind) => Beside.Any(part => part.Kind == kind);
}

/// <summary>A separate file with one script of a migration.</summary>
/// <param name="Kind">What the script is for.</param>
/// <param name="Path">Full path.</param>
/// <param name="Transaction">Its transaction mode, where another file sets it.</param>
internal sealed record PartFile(ScriptPartKind Kind, string Path, ScriptTransaction? Transaction = null);

/// <summary>The text of such a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Text">Its text.</param>
internal sealed record PartText(PartFile File, FileText Text);
