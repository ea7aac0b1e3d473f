using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>Whether a script runs inside a transaction of the run.</summary>
public enum ScriptTransaction
{
    /// <summary>One transaction holds the script and its record.</summary>
    Wrapped,

    /// <summary>Statement by statement, each committed by itself.</summary>
    None,
}

/// <summary>A message of <c>\echo</c> or <c>\warn</c>.</summary>
/// <param name="Before">Index of the statement after it.</param>
/// <param name="Text">Its text.</param>
/// <param name="IsWarning">True for <c>\warn</c>.</param>
internal sealed record ScriptMessage(int Before, string Text, bool IsWarning);

/// <summary>The SQL of one direction, ready to send.</summary>
public sealed record SqlScript
{
    private readonly IReadOnlyList<SqlStatement>? _held;
    private ProgressChecksums? _progress;

    /// <summary>
    /// The statements in order, without an outer BEGIN and COMMIT; null when they are too many to be held and are read
    /// from their file each time.
    /// </summary>
    internal IReadOnlyList<SqlStatement>? Held
    {
        get => _held;
        init => (_held, _progress) = (value, null);
    }

    /// <summary>The source of the statements when they are not held.</summary>
    internal FileScript? File { get; init; }

    /// <summary>
    /// All elements of a held script, for another pass with the values of a run; empty when no value changes what is
    /// sent.
    /// </summary>
    internal IReadOnlyList<ScriptElement> Elements { get; init; } = [];

    /// <summary>True when the values of a run may change what is sent.</summary>
    internal bool DependsOnValues { get; init; }

    /// <summary>Number of statements.</summary>
    public int Count => Facts.Count;

    /// <summary>Facts about the statements.</summary>
    internal ScriptFacts Facts { get; init; } = new();

    /// <summary>Names that <c>\set</c> gives a value.</summary>
    internal IReadOnlySet<string> VariablesSet { get; init; } = new HashSet<string>();

    /// <summary>The statements in order, held or not.</summary>
    /// <exception cref="Errors.PgMigrateException">
    /// The file has changed since the run was planned.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    internal IEnumerable<SqlStatement> Read() => Held ?? File!.Read();

    /// <summary>Checksums of its first statements.</summary>
    internal ProgressChecksums Progress => _progress ??= new ProgressChecksums(Held ?? []);

    /// <summary>True when there is nothing to run and no problem.</summary>
    public bool IsEmpty => Count == 0 && Elements.Count == 0 && Problems.Count == 0;

    /// <summary>Its messages between the statements.</summary>
    internal IReadOnlyList<ScriptMessage> Messages { get; init; } = [];

    /// <summary>The statement that opens the transaction: the file's own, or <c>BEGIN</c>.</summary>
    internal string Begin { get; init; } = "BEGIN";

    /// <summary>Its transaction mode.</summary>
    public ScriptTransaction Transaction { get; init; } = ScriptTransaction.Wrapped;

    /// <summary>The problems that block it; empty when there are none.</summary>
    public IReadOnlyList<MigrationProblem> Problems { get; init; } = [];

    /// <summary>The text that offsets of statements without a source of their own refer to.</summary>
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

    /// <summary>The transaction mode that the file asks for, before its statements are considered.</summary>
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
