using PgMigrate.Errors;

namespace PgMigrate.Scripts;

/// <summary>
/// Collects what the comments of a file say to PgMigrate: sections, header lines and directives. Text in a branch of
/// <c>\if</c> that is not taken says nothing.
/// </summary>
internal sealed class FileOutline(FormatRules rules)
{
    private readonly PsqlConditions _conditions = new();
    private readonly List<MigrationProblem> _statementProblems = [];
    private readonly List<MigrationProblem> _textProblems = [];

    /// <summary>Which part of the file is for what.</summary>
    public SectionReader Sections { get; } = rules.NewSections();

    /// <summary>What its header lines and directives say.</summary>
    public MigrationHeader Header { get; } = new();

    /// <summary>The section that the text is in now; null where it is in none.</summary>
    public SectionKind? Current => Sections.Current;

    /// <summary>What is wrong; complete when the whole file has been taken.</summary>
    public IEnumerable<MigrationProblem> Problems =>
        [.. Header.Problems, .. Sections.Problems, .. Sections.HasSections ? [] : _statementProblems, .. _textProblems];

    /// <summary>The outline of a text that is held.</summary>
    public static FileOutline Of(IEnumerable<ScriptElement> elements, FormatRules rules)
    {
        var outline = new FileOutline(rules);
        foreach (var element in elements)
        {
            outline.Take(element);
        }

        outline.Finish();
        return outline;
    }

    /// <summary>Takes the next element.</summary>
    public void Take(ScriptElement element)
    {
        if (element is ScriptElement.Command command)
        {
            _conditions.Take(command.Value);
        }
        else if (element is ScriptElement.Fault { IsOfText: true } fault)
        {
            _textProblems.Add(fault.Problem);
        }

        var isActive = _conditions.IsActive;
        if (isActive is not false || !Sections.FollowsConditions)
        {
            Sections.Take(element);
        }

        if (isActive is not false && element is ScriptElement.Comment { Value.InsideStatement: false } comment
            && !Sections.Owns(comment))
        {
            AddToHeader(comment);
        }

        if (rules.RefuseStatement is { } refuse && element is ScriptElement.Statement statement)
        {
            _statementProblems.AddRange(refuse(statement.Place));
        }
    }

    /// <summary>
    /// The part of an element that belongs to the section that the text is in now; null when it is in none.
    /// </summary>
    /// <remarks>A block comment above a section marker is no part of the statement below it.</remarks>
    public ScriptElement? InSection(ScriptElement element) => Current is null || !IsOfScript(element) ? null
        : element is ScriptElement.Statement statement ? statement.From(Sections.CurrentStart)
        : element;

    // The rest says how to read it.
    private static bool IsOfScript(ScriptElement element) => element is ScriptElement.Statement or ScriptElement.Command
        or ScriptElement.Fault { IsOfText: false };

    /// <summary>Decides what the end of the file decides.</summary>
    public void Finish() => Sections.Finish();

    private void AddToHeader(ScriptElement.Comment comment)
    {
        // How a file is run is decided before its variables are known.
        var isCertain = _conditions.IsActive is true;
        var header = isCertain ? Header : new MigrationHeader();
        header.Add(comment.Source, comment.Value, rules);
        if (!isCertain && header.IsAddressed)
        {
            Header.Problems.Add(comment.Source.Problem(
                ErrorCodes.DirectiveConditional,
                "This line is inside an \\if that depends on a variable, but it is read before the variables are "
                    + "known. Move it out of the \\if.",
                comment.Value.Offset));
        }
    }
}
