using System.Text.RegularExpressions;

namespace PgMigrate.Scratch;

/// <summary>Runs the statements of a load until nothing moves any more.</summary>
/// <param name="session">Runs them.</param>
/// <param name="made">What the statements make.</param>
/// <param name="order">
/// The order of a first load, to try a statement again as soon as what it misses may be there; null to do so when all
/// others have run.
/// </param>
internal sealed partial class LoadRun(
    LoadSession session, MadeObjects made, IReadOnlyList<StatementPlace>? order)
{
    private readonly List<StatementPlace> _order = [];
    private readonly List<LoadFailure> _failed = [];
    private List<LoadFailure> _waiting = [];

    /// <summary>True when a statement failed and ran later.</summary>
    public bool IsRetried { get; private set; }

    /// <summary>The statements that ran, in order.</summary>
    public IReadOnlyList<StatementPlace> Order => _order;

    /// <summary>What did not run, what is wrong by itself first.</summary>
    public IEnumerable<MigrationProblem> Problems => _failed
        .Concat(_waiting.OrderBy(failure => failure.Statement.Place.Text)
            .ThenBy(failure => failure.Statement.Place.Index))
        .Select(failure => failure.ToProblem());

    /// <summary>Runs them.</summary>
    public async Task RunAsync(LoadOrder statements, CancellationToken cancellationToken)
    {
        await RunAsync(statements.First, cancellationToken).ConfigureAwait(false);
        await RunAsync(statements.Last, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(IReadOnlyList<LoadStatement> statements, CancellationToken cancellationToken)
    {
        if (order is not null)
        {
            await RunEagerAsync(statements, FindWaiting(statements, order), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await RunPassAsync(statements, cancellationToken).ConfigureAwait(false);
        }

        await RetryAsync(cancellationToken).ConfigureAwait(false);
    }

    // There and back: a text in reverse order would otherwise take a pass for each of its statements.
    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        var isForward = false;
        var stuck = 0;
        while (_waiting.Count > 0 && stuck < 2)
        {
            var before = _waiting.Count;
            var next = _waiting.ConvertAll(failure => failure.Statement);
            _waiting = [];
            if (!isForward)
            {
                next.Reverse();
            }

            await RunPassAsync(next, cancellationToken).ConfigureAwait(false);
            _waiting.Sort((left, right) => (left.Statement.Place.Text, left.Statement.Place.Index)
                .CompareTo((right.Statement.Place.Text, right.Statement.Place.Index)));
            IsRetried |= _waiting.Count < before;
            stuck = _waiting.Count < before ? 0 : stuck + 1;
            isForward = !isForward;
        }
    }

    private async Task RunPassAsync(IReadOnlyList<LoadStatement> statements, CancellationToken cancellationToken)
    {
        var failures = (await session.RunAsync(statements, cancellationToken).ConfigureAwait(false))
            .Where(failure => failure.Part != LoadPart.Skip || made.HasOther(failure.Statement))
            .ToList();
        var failed = failures.Select(failure => failure.Statement.Place).ToHashSet();
        _waiting.AddRange(failures.Where(failure => failure.IsMissing));
        _failed.AddRange(failures.Where(failure => !failure.IsMissing));
        _order.AddRange(statements.Select(statement => statement.Place).Where(place => !failed.Contains(place)));
    }

    // A statement had to wait when one that is behind it in the text ran before it.
    private static HashSet<StatementPlace> FindWaiting(
        IReadOnlyList<LoadStatement> statements, IReadOnlyList<StatementPlace> order)
    {
        var indexes = statements.Select((statement, index) => (statement.Place, index))
            .ToDictionary(pair => pair.Place, pair => pair.index);
        var waiting = new HashSet<StatementPlace>();
        var last = -1;
        foreach (var place in order.Where(indexes.ContainsKey))
        {
            if (indexes[place] < last)
            {
                waiting.Add(place);
            }

            last = Math.Max(last, indexes[place]);
        }

        return waiting;
    }

    // What runs together ends with a statement that has to wait, and with one whose text holds the name that one of
    // those that wait misses.
    private async Task RunEagerAsync(
        IReadOnlyList<LoadStatement> statements, HashSet<StatementPlace> expected, CancellationToken cancellationToken)
    {
        var together = new List<LoadStatement>();
        foreach (var statement in statements)
        {
            together.Add(statement);
            if (!expected.Contains(statement.Place) && !MayHelp(statement))
            {
                continue;
            }

            await RunPassAsync(together, cancellationToken).ConfigureAwait(false);
            together = [];
            while (_waiting.Count > 0 && await RetryWaitingAsync(cancellationToken).ConfigureAwait(false))
            {
                IsRetried = true;
            }
        }

        await RunPassAsync(together, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> RetryWaitingAsync(CancellationToken cancellationToken)
    {
        var before = _waiting.Count;
        var next = _waiting.ConvertAll(failure => failure.Statement);
        _waiting = [];
        await RunPassAsync(next, cancellationToken).ConfigureAwait(false);
        return _waiting.Count < before;
    }

    private bool MayHelp(LoadStatement statement) => _waiting.Exists(failure =>
        MissingName(failure.Error!.MessageText) is not { } name
        || statement.Text.Contains(name, StringComparison.OrdinalIgnoreCase));

    // The last part of the first name in quotes; functions are named without them, with their arguments. Null for every
    // other message, such as that of an operator or one in another language.
    private static string? MissingName(string message) =>
        Name().Match(message) is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex(
        """(?:^(?:function|procedure|aggregate) (?:[^\s(]*\.)?|^[^"]*"(?:[^"]*\.)?)(?<name>[^".(\s]+)[("]""",
        RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
