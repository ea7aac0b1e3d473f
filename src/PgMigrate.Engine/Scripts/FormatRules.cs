using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>What a format rejects in a statement, given its place in a text.</summary>
internal delegate IEnumerable<MigrationProblem> StatementRefusal((SqlSource Source, int Offset, int Length) place);

/// <summary>How a format reads the comments and the statements of a file.</summary>
internal sealed record FormatRules
{
    /// <summary>PgMigrate's own format: sections, header lines, directives.</summary>
    public static FormatRules Native { get; } = new() { HasSections = true, HasHeader = true };

    /// <summary>All of the file is applied, and only PgMigrate's directives count.</summary>
    public static FormatRules Whole { get; } = new();

    /// <summary>True when lines such as <c>-- DOWN</c> divide the file.</summary>
    public bool HasSections { get; init; }

    /// <summary>True for a separate DOWN file.</summary>
    public bool HasDownFile { get; init; }

    /// <summary>True when header lines count, besides directives.</summary>
    public bool HasHeader { get; init; }

    /// <summary>
    /// Finds the sections of a file, where the format has its own markers; null elsewhere.
    /// </summary>
    public Func<SectionReader>? Sections { get; init; }

    /// <summary>The start of the format's own comments, which belong to no other tool.</summary>
    public string OwnMark { get; init; } = "\0";

    /// <summary>
    /// Makes the text to split from a part of a text, with the same length, so that offsets stay valid; the argument
    /// says whether the file ends with it. Null when the text itself is split.
    /// </summary>
    public Func<string, bool, string>? TextToSplit { get; init; }

    /// <summary>The problem of a line that would start a section of PgMigrate; null when there is none.</summary>
    public Func<ScriptPartKind, (string Code, string Message)?>? RefuseSection { get; init; }

    /// <summary>
    /// What the format rejects in a statement of a file without sections, given its place; null for nothing.
    /// </summary>
    public StatementRefusal? RefuseStatement { get; init; }

    /// <summary>A reader for the sections of one more file.</summary>
    public SectionReader NewSections() => Sections?.Invoke()
        ?? (HasSections || RefuseSection is not null ? new HeadingSections(this) : new SectionReader());
}
