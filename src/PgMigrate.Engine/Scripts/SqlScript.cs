using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>Whether a script runs inside a transaction of ours.</summary>
public enum ScriptTransaction
{
    /// <summary>One transaction holds the script and its record.</summary>
    Wrapped,

    /// <summary>Statement by statement, each committed by itself.</summary>
    None,
}

/// <summary>Something a script says while it runs: <c>\echo</c> and <c>\warn</c>.</summary>
/// <param name="Before">Index of the statement it is said before.</param>
/// <param name="Text">What it says.</param>
/// <param name="IsWarning">True for <c>\warn</c>.</param>
public sealed record ScriptMessage(int Before, string Text, bool IsWarning);

/// <summary>The SQL of one direction, ready to send.</summary>
public sealed record SqlScript
{
    private readonly IReadOnlyList<SqlStatement>? _held;
    private ProgressChecksums? _progress;

    /// <summary>
    /// The statements in order, without an outer BEGIN and COMMIT; null when they are too many to be held and are read
    /// from their file each time.
    /// </summary>
    public IReadOnlyList<SqlStatement>? Held
    {
        get => _held;
        init => (_held, _progress) = (value, null);
    }

    /// <summary>Where the statements come from when they are not held.</summary>
    internal FileScript? File { get; init; }

    /// <summary>
    /// All of a held script, for another pass with the values of a run; empty when no value changes what is sent.
    /// </summary>
    internal IReadOnlyList<ScriptElement> Elements { get; init; } = [];

    /// <summary>True when the values of a run may change what is sent.</summary>
    internal bool DependsOnValues { get; init; }

    /// <summary>Number of statements.</summary>
    public int Count => Facts.Count;

    /// <summary>What the statements do together.</summary>
    public ScriptFacts Facts { get; init; } = new();

    /// <summary>Names that <c>\set</c> gives a value.</summary>
    internal IReadOnlySet<string> VariablesSet { get; init; } = new HashSet<string>();

    /// <summary>The statements in order, wherever they come from.</summary>
    /// <exception cref="Errors.PgMigrateException">
    /// The file is no longer what it was when the run was planned.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    public IEnumerable<SqlStatement> Read() => Held ?? File!.Read();

    /// <summary>Checksums of its first statements.</summary>
    internal ProgressChecksums Progress => _progress ??= new ProgressChecksums(Held ?? []);

    /// <summary>True when there is nothing in it to run, and nothing to complain of.</summary>
    public bool IsEmpty => Count == 0 && Elements.Count == 0 && Problems.Count == 0;

    /// <summary>What it says between the statements.</summary>
    public IReadOnlyList<ScriptMessage> Messages { get; init; } = [];

    /// <summary>The statement that opens the transaction: the file's own, or <c>BEGIN</c>.</summary>
    public string Begin { get; init; } = "BEGIN";

    /// <summary>How it is run.</summary>
    public ScriptTransaction Transaction { get; init; } = ScriptTransaction.Wrapped;

    /// <summary>What keeps it from being run at all; empty when nothing does.</summary>
    public IReadOnlyList<MigrationProblem> Problems { get; init; } = [];

    /// <summary>The text that offsets of statements without a source of their own point into.</summary>
    public required SqlSource Source { get; init; }

    /// <summary>The script of elements that are held, before the values of a run are known.</summary>
    internal static SqlScript Of(SqlSource source, IReadOnlyList<ScriptElement> elements,
        ScriptTransaction transaction) =>
        Of(new SqlScript { Source = source }, elements, new ScriptPass(transaction, null));

    /// <summary>The same script with the values of a run.</summary>
    internal SqlScript With(PlaceholderValues values) =>
        File is { } file ? file.Render(this, values)
        : DependsOnValues ? Of(this, Elements, new ScriptPass(Asked, values)) with
        {
            Elements = [],
            DependsOnValues = false,
        }
        : this;

    /// <summary>How the file asks to be run, whatever its statements made of that.</summary>
    private ScriptTransaction Asked { get; init; }

    private static SqlScript Of(SqlScript script, IReadOnlyList<ScriptElement> elements, ScriptPass pass)
    {
        var statements = pass.Run(elements).Select(statement => statement.Value).ToList();
        return pass.Apply(script) with
        {
            Held = statements,
            Elements = pass.DependsOnValues ? elements : [],
            DependsOnValues = pass.DependsOnValues,
            Asked = pass.Asked,
        };
    }
}
