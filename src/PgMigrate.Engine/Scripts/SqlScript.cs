using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

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
    /// <summary>The statements in order, without an outer BEGIN and COMMIT.</summary>
    public required IReadOnlyList<SqlStatement> Statements { get; init; }

    /// <summary>Where the statements come from when they are too many to be held; null when they are held.</summary>
    public SqlStream? Stream { get; init; }

    /// <summary>Number of statements.</summary>
    public int Count => Stream?.Count ?? Statements.Count;

    /// <summary>True when a statement speaks of advisory locks.</summary>
    public bool NamesAdvisoryLocks => Stream?.NamesAdvisoryLocks ?? Statements.Any(statement =>
        statement.Text.Contains("advisory", StringComparison.OrdinalIgnoreCase));

    /// <summary>The statements in order, wherever they come from.</summary>
    public IEnumerable<SqlStatement> Read() => Stream?.Read() ?? Statements;

    /// <summary>Commands for psql between the statements, until they are carried out with the run's variables.</summary>
    public IReadOnlyList<PsqlLine> Commands { get; init; } = [];

    /// <summary>True when there is nothing in it to run, and nothing to complain of.</summary>
    public bool IsEmpty => Count == 0 && Commands.Count == 0 && Problems.Count == 0;

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
}
