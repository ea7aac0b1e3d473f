namespace PgMigrate.Migrations;

/// <summary>A line of a large file that starts a section; its offsets count from the start of the file.</summary>
/// <param name="Kind">Which section it starts.</param>
/// <param name="Start">Offset of the line, in UTF-16 units.</param>
/// <param name="End">Offset behind it.</param>
/// <param name="Line">Its line, from 1.</param>
internal readonly record struct LargeMarker(SectionKind Kind, long Start, long End, int Line);

/// <summary>Collects what the comments of a large file say, while it is gone through.</summary>
internal sealed class LargeOutline(LargeRules rules, LargeMarks? marks)
{
    private readonly List<LargeMarker> _markers = [];
    private LargeElement.Comment? _unclear;
    private bool _hasStatement;

    /// <summary>What its header lines and directives say.</summary>
    public MigrationHeader Header { get; } = new();

    /// <summary>The lines that divide it, in order.</summary>
    public IReadOnlyList<LargeMarker> Markers => _markers;

    /// <summary>What is wrong with those lines.</summary>
    public List<MigrationProblem> Problems { get; } = [];

    /// <summary>Takes in the next element.</summary>
    public void Take(LargeElement element)
    {
        if (marks?.Take(element) == true)
        {
            return;
        }

        LookForUnclear(element);
        switch (element)
        {
            case LargeElement.Statement when _markers.Count == 0:
                _hasStatement = true;
                break;
            case LargeElement.Comment { Value.Depth: 0 } comment
                when marks is null && MigrationSections.ReadMarker(comment.Source.Text, comment.Value) is { } kind:
                TakeMarker(comment, kind);
                break;
            case LargeElement.Comment { Value.InsideStatement: false } comment when rules.HasHeader:
                Header.Add(comment.Source, comment.Value);
                break;
            case LargeElement.Comment { Value.InsideStatement: false } comment:
                Header.AddDirective(comment.Source, comment.Value, rules.OwnMark);
                break;
        }
    }

    private void LookForUnclear(LargeElement element)
    {
        if (marks is not null || !rules.HasHeader || _markers is [.., { Kind: SectionKind.Down }])
        {
            return;
        }

        if (element is LargeElement.Comment { Value.InsideStatement: false } comment
            && MigrationSections.IsUnclear(comment.Source.Text, comment.Value))
        {
            _unclear = comment;
        }
        else if (element is LargeElement.Statement or LargeElement.Command && _unclear is { } unclear)
        {
            Problems.Add(unclear.Source.Problem(
                "SectionMarkerUnclear", MigrationSections.UnclearMarker, unclear.Value.Offset));
            _unclear = null;
        }
    }

    private void TakeMarker(LargeElement.Comment comment, SectionKind kind)
    {
        _unclear = null;
        if (rules.RefuseSection?.Invoke(kind) is var (code, message))
        {
            Problems.Add(comment.Source.Problem(code, message, comment.Value.Offset));
        }
        else if (rules.HasSections && FindProblem(comment, kind) is var (section, why))
        {
            Problems.Add(comment.Source.Problem(section, why, comment.Value.Offset));
        }

        if (rules.HasSections)
        {
            var (line, _) = comment.Source.PositionOf(comment.Value.Offset);
            _markers.Add(new LargeMarker(kind, comment.Start, comment.Start + comment.Value.Length, line));
        }
    }

    private (string Code, string Message)? FindProblem(LargeElement.Comment comment, SectionKind kind) =>
        (comment.Value.InsideStatement, _markers.Exists(marker => marker.Kind == kind)) switch
        {
            (true, _) => ("SectionInsideStatement", "This section marker stands inside a statement. End the statement before "
                + "it with a ';', or word the comment differently."),
            (_, true) => ("SectionDuplicate", "A second section of this kind. A file has one of each at most."),
            _ when kind == SectionKind.Up && (_hasStatement || _markers.Count > 0) => ("TextBeforeUp",
                "Statements stand before this marker. In a file of this size the UP section comes first."),
            _ => null,
        };
}
