using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scripts;

/// <summary>A statement that creates or drops relations, and its place.</summary>
/// <param name="Named">The relations that it names.</param>
/// <param name="Place">Its place, as a problem without a text.</param>
/// <param name="IsPathKnown">True when no statement before it names search_path.</param>
internal sealed record NamingStatement(NamedRelations Named, MigrationProblem Place, bool IsPathKnown);

/// <summary>
/// Facts about all statements of a script. One pass over them collects it, whether they are held or not, so that a rule
/// that uses a fact holds at every size.
/// </summary>
internal sealed class ScriptFacts
{
    private static readonly string[] Timeouts = ["lock_timeout", "statement_timeout", "transaction_timeout"];

    private readonly List<NamingStatement> _naming = [];
    private readonly HashSet<string> _timeouts = [];
    private bool _setsPath;

    /// <summary>Number of statements.</summary>
    public int Count { get; private set; }

    /// <summary>True when a statement names advisory locks.</summary>
    public bool NamesAdvisoryLocks { get; private set; }

    /// <summary>
    /// True when the script may leave something in its session: a setting, a lock, a temporary table.
    /// </summary>
    public bool MayLeaveTraces { get; private set; }

    /// <summary>True when the script may change its role or an owner.</summary>
    public bool MayChangeOwners { get; private set; }

    /// <summary>True when it sets a savepoint.</summary>
    public bool SetsSavepoint { get; private set; }

    /// <summary>True when it adds a value to an enum type, even in a function.</summary>
    public bool AddsEnumValue { get; private set; }

    /// <summary>True when a statement of the script itself adds one.</summary>
    public bool AddsEnumValueAlone { get; private set; }

    /// <summary>True when a CALL or a DO may commit by itself.</summary>
    public bool MayCommit { get; private set; }

    /// <summary>
    /// The first statement that sets options of the transaction, as a problem without a text; null without one.
    /// </summary>
    public MigrationProblem? SetsTransaction { get; private set; }

    /// <summary>The statements that create or drop relations.</summary>
    internal IReadOnlyList<NamingStatement> Naming => _naming;

    /// <summary>True when a statement names a timeout setting.</summary>
    public bool NamesTimeout(string setting) => _timeouts.Contains(setting);

    /// <summary>Adds a statement.</summary>
    internal void Add(ScriptElement.Statement statement)
    {
        Count++;
        var reading = statement.Reading;
        NamesAdvisoryLocks = NamesAdvisoryLocks || reading.NamesAdvisoryLocks;
        MayLeaveTraces = MayLeaveTraces || reading.MayLeaveInSession;
        if (!IsData(statement.Text))
        {
            Add(statement, reading);
        }
    }

    private void Add(ScriptElement.Statement statement, StatementReading reading)
    {
        MayChangeOwners = MayChangeOwners || reading.MayChangeOwner;
        SetsSavepoint = SetsSavepoint || reading.SetsSavepoint;
        AddsEnumValue = AddsEnumValue || reading.MayAddEnumValue;
        AddsEnumValueAlone = AddsEnumValueAlone || reading.AddsEnumValue;
        MayCommit = MayCommit || reading.MayCommit;
        _timeouts.UnionWith(Timeouts.Where(reading.MaySet));
        if (SetsTransaction is null && reading.SetsTransactionOptions)
        {
            SetsTransaction = Place(statement.Value);
        }

        if (reading.CreatedOrDropped is { } named)
        {
            _naming.Add(new NamingStatement(named, Place(statement.Value), !_setsPath));
        }

        _setsPath = _setsPath || reading.MaySet("search_path");
    }

    // Large files are mostly INSERT: the facts that it cannot have are not checked.
    private static bool IsData(ReadOnlySpan<char> text) => text is ['I' or 'i', ..];

    private static MigrationProblem Place(SqlStatement statement) =>
        statement.Source!.Problem("", "", statement.SourceOffset(0));
}
