using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Migrations;

/// <summary>
/// Collects what the comments of a file say to PgMigrate: sections, header lines and directives. Text in a branch of
/// <c>\if</c> that is not taken says nothing.
/// </summary>
internal sealed class FileOutline(FormatRules rules, LargeMarks? marks = null)
{
    private readonly SectionReader _sections = new(rules);
    private readonly PsqlConditions _conditions = new();

    /// <summary>What its header lines and directives say.</summary>
    public MigrationHeader Header { get; } = new();

    /// <summary>The section that the text is in now.</summary>
    public SectionKind Current => _sections.Current;

    /// <summary>The lines that divide it, in order.</summary>
    public IReadOnlyList<SectionMarker> Markers => _sections.Markers;

    /// <summary>What is wrong with those lines; complete when the whole file has been taken.</summary>
    public IReadOnlyList<MigrationProblem> Problems => _sections.Problems;

    /// <summary>The outline of a text that is held as a whole.</summary>
    public static FileOutline Of(SqlSource source, SqlSplit split, FormatRules rules)
    {
        var outline = new FileOutline(rules);
        foreach (var element in ScriptElement.Of(source, split))
        {
            outline.Take(element);
        }

        outline.Finish();
        return outline;
    }

    /// <summary>Where a section lies; null when the file has no such section.</summary>
    public LargeRange? RangeOf(SectionKind kind) => _sections.RangeOf(kind);

    /// <summary>Takes the next element.</summary>
    public void Take(ScriptElement element)
    {
        if (marks?.Take(element) == true)
        {
            return;
        }

        if (element is ScriptElement.Command command)
        {
            _conditions.Take(command.Value);
        }

        if (_conditions.IsActive is false)
        {
            return;
        }

        if (marks is null)
        {
            _sections.Take(element);
        }

        if (element is ScriptElement.Comment { Value.InsideStatement: false } comment)
        {
            AddToHeader(comment);
        }
    }

    /// <summary>Settles what the end of the file settles.</summary>
    public void Finish() => _sections.Finish();

    private void AddToHeader(ScriptElement.Comment comment)
    {
        // How a file is run is decided before its variables are known.
        var isCertain = _conditions.IsActive is true;
        var header = isCertain ? Header : new MigrationHeader();
        header.Add(comment.Source, comment.Value, rules);
        if (!isCertain && header.IsAddressed)
        {
            Header.Problems.Add(comment.Source.Problem(
                "DirectiveConditional",
                "This line stands in an \\if that depends on a variable, but it is read before the variables are known. Move "
                    + "it out of the \\if.",
                comment.Value.Offset));
        }
    }
}
