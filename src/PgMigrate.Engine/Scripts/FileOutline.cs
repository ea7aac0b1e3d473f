using PgMigrate.Errors;

namespace PgMigrate.Scripts;

/// <summary>
/// Collects the sections, header lines and directives of a file from its comments. Text in a branch of
/// <c>\if</c> that is not taken does not count.
/// </summary>
internal sealed class FileOutline(FormatRules rules)
{
    private readonly PsqlConditions _conditions = new();
    private readonly List<MigrationProblem> _statementProblems = [];
    private readonly List<MigrationProblem> _textProblems = [];

    /// <summary>Which part of the file is which section.</summary>
    public SectionReader Sections { get; } = rules.NewSections();

    /// <summary>Its header lines and directives.</summary>
    public MigrationHeader Header { get; } = new();

    /// <summary>The current section; null outside of sections.</summary>
    public ScriptPartKind? Current => Sections.Current;

    /// <summary>The problems; complete after <see cref="Finish"/>.</summary>
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

    /// <summary>Adds the next element.</summary>
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
    /// The part of an element that belongs to the current section; null when there is none.
    /// </summary>
    /// <remarks>A block comment above a section marker is not part of the statement below it.</remarks>
    public ScriptElement? InSection(ScriptElement element) => Current is null || !IsOfScript(element) ? null
        : element is ScriptElement.Statement statement ? statement.From(Sections.CurrentStart)
        : element;

    // The other elements are about the reading itself.
    private static bool IsOfScript(ScriptElement element) => element is ScriptElement.Statement or ScriptElement.Command
        or ScriptElement.Fault { IsOfText: false };

    /// <summary>Finishes with the end of the file.</summary>
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
