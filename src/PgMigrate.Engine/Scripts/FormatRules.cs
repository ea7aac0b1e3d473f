using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>What a format refuses in a statement, given its place in a text.</summary>
internal delegate IEnumerable<MigrationProblem> StatementRefusal((SqlSource Source, int Offset, int Length) place);

/// <summary>How a format reads the comments and the statements of a file.</summary>
internal sealed record FormatRules
{
    /// <summary>Our own: sections, header lines, directives.</summary>
    public static FormatRules Native { get; } = new() { HasSections = true, HasHeader = true };

    /// <summary>All of the file is applied, and only directives of ours count.</summary>
    public static FormatRules Whole { get; } = new();

    /// <summary>True when lines such as <c>-- DOWN</c> divide the file.</summary>
    public bool HasSections { get; init; }

    /// <summary>True when a file of its own holds the DOWN script.</summary>
    public bool HasDownFile { get; init; }

    /// <summary>True when header lines count, besides directives.</summary>
    public bool HasHeader { get; init; }

    /// <summary>
    /// Finds the parts of a file, where the lines that divide it are the format's own; null elsewhere.
    /// </summary>
    public Func<SectionReader>? Sections { get; init; }

    /// <summary>What a comment of the format itself starts with, which is no other tool's.</summary>
    public string OwnMark { get; init; } = "\0";

    /// <summary>
    /// Makes the text to cut of a part of a text, of the same length, so that offsets hold; told whether the file ends
    /// with it. Null when it is the text itself.
    /// </summary>
    public Func<string, bool, string>? TextToSplit { get; init; }

    /// <summary>What is wrong with a line that would start a section of ours; null when nothing is.</summary>
    public Func<SectionKind, (string Code, string Message)?>? RefuseSection { get; init; }

    /// <summary>
    /// What the format refuses in a statement of a file without sections, given its place; null for nothing.
    /// </summary>
    public StatementRefusal? RefuseStatement { get; init; }

    /// <summary>A reader for the sections of one more file.</summary>
    public SectionReader NewSections() => Sections?.Invoke()
        ?? (HasSections || RefuseSection is not null ? new HeadingSections(this) : new SectionReader());
}
