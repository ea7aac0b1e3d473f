using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scripts;

/// <summary>A statement that creates or drops relations, and where it is.</summary>
/// <param name="Named">What it names.</param>
/// <param name="Place">Where it is, as a problem without a text.</param>
/// <param name="IsPathKnown">True when no statement before it names search_path.</param>
internal sealed record NamingStatement(NamedRelations Named, MigrationProblem Place, bool IsPathKnown);

/// <summary>
/// What the statements of a script do together. One pass over them collects it, whether they are held or not, so that a
/// rule that asks for it holds at every size.
/// </summary>
public sealed class ScriptFacts
{
    private static readonly string[] SettingCalls = ["set_config", "advisory"];
    private static readonly string[] Leftovers = [.. SettingCalls, "set ", "temp", "prepare", "listen"];
    private static readonly string[] Owners = ["role", "authorization", "owner"];
    private static readonly string[] Timeouts = ["lock_timeout", "statement_timeout", "transaction_timeout"];

    private readonly List<NamingStatement> _naming = [];
    private readonly HashSet<string> _timeouts = [];
    private bool _namesPath;

    /// <summary>Number of statements.</summary>
    public int Count { get; private set; }

    /// <summary>True when a statement names advisory locks.</summary>
    public bool NamesAdvisoryLocks { get; private set; }

    /// <summary>True when the script may leave something in its session: a setting, a lock, a temporary table.</summary>
    public bool MayLeaveTraces { get; private set; }

    /// <summary>True when the script may change its role or an owner.</summary>
    public bool MayChangeOwners { get; private set; }

    /// <summary>True when it sets a savepoint.</summary>
    public bool SetsSavepoint { get; private set; }

    /// <summary>True when it adds a value to an enum type, be it in a function.</summary>
    public bool AddsEnumValue { get; private set; }

    /// <summary>True when a statement of its own does so.</summary>
    public bool AddsEnumValueAlone { get; private set; }

    /// <summary>The first statement that sets options of the transaction, as a problem without a text; null without one.</summary>
    public MigrationProblem? SetsTransaction { get; private set; }

    /// <summary>The statements that create or drop relations.</summary>
    internal IReadOnlyList<NamingStatement> Naming => _naming;

    /// <summary>True when a statement names a timeout setting.</summary>
    public bool NamesTimeout(string setting) => _timeouts.Contains(setting);

    /// <summary>Adds a statement.</summary>
    internal void Add(ScriptElement.Statement statement)
    {
        Count++;
        var text = statement.Text;
        NamesAdvisoryLocks |= Names(text, "advisory");
        var first = FirstLetter(text);
        if (first is 'I' or 'V' or 'W')
        {
            // INSERT, VALUES and WITH are most of what large files hold, and only what they call can leave something.
            MayLeaveTraces |= !MayLeaveTraces && NamesAny(text, SettingCalls);
            return;
        }

        Add(statement, text);
    }

    private void Add(ScriptElement.Statement statement, ReadOnlySpan<char> text)
    {
        MayLeaveTraces = MayLeaveTraces || MayLeave(text);
        MayChangeOwners = MayChangeOwners || NamesAny(text, Owners);
        SetsSavepoint = SetsSavepoint || SqlWords.Leading(text, 1, standardStrings: true) is ["SAVEPOINT"];
        if (Names(text, "add value"))
        {
            AddsEnumValue = true;
            AddsEnumValueAlone |= IsAddValue(text);
        }

        foreach (var timeout in Timeouts)
        {
            if (Names(text, timeout))
            {
                _timeouts.Add(timeout);
            }
        }

        var value = statement.Value;
        if (SetsTransaction is null && TransactionOptions.AreSetBy(value.Text))
        {
            SetsTransaction = Place(value);
        }

        if (NamedRelations.Read(value.Text) is { } named)
        {
            _naming.Add(new NamingStatement(named, Place(value), !_namesPath));
        }

        _namesPath |= Names(text, "search_path");
    }

    private static MigrationProblem Place(SqlStatement statement) =>
        statement.Source!.Problem("", "", statement.SourceOffset(0));

    private static bool MayLeave(ReadOnlySpan<char> text) => SqlWords.Leading(text, 2, standardStrings: true) switch
    {
        ["SET", "LOCAL" or "TRANSACTION" or "CONSTRAINTS"] => false,
        ["SET" or "PREPARE" or "LISTEN" or "DECLARE" or "LOAD", ..] => true,
        ["CREATE", "TEMP" or "TEMPORARY" or "LOCAL" or "GLOBAL"] => true,
        ["DO" or "CALL" or "SELECT", ..] => NamesAny(text, Leftovers),
        _ => NamesAny(text, SettingCalls),
    };

    private static bool IsAddValue(ReadOnlySpan<char> text)
    {
        var words = SqlWords.Leading(text, 12, standardStrings: true);
        return words.Count > 4 && words[0] == "ALTER" && words[1] == "TYPE" && words.Contains("ADD") && words.Contains("VALUE");
    }

    private static char FirstLetter(ReadOnlySpan<char> text) => text.IsEmpty ? ' ' : char.ToUpperInvariant(text[0]);

    private static bool Names(ReadOnlySpan<char> text, string word) =>
        text.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static bool NamesAny(ReadOnlySpan<char> text, string[] words)
    {
        foreach (var word in words)
        {
            if (Names(text, word))
            {
                return true;
            }
        }

        return false;
    }
}
