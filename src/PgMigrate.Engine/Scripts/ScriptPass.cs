namespace PgMigrate.Scripts;

/// <summary>
/// One pass over the elements of a script: executes psql commands, replaces variables and placeholders, decides what is
/// sent, and collects facts and problems. Held scripts and scripts read from their file take the same path. Pure.
/// </summary>
/// <param name="transaction">The transaction mode that the file asks for.</param>
/// <param name="values">
/// The values of the run; null before they are known, or when none of them changes what is sent.
/// </param>
/// <param name="isChecked">True when an earlier pass has collected the facts: this one only sends.</param>
internal sealed class ScriptPass(ScriptTransaction transaction, PlaceholderValues? values, bool isChecked = false)
{
    private readonly PsqlInterpreter _interpreter = new(values ?? new PlaceholderValues());
    private readonly ScriptChecks _checks = new(transaction);
    private readonly List<MigrationProblem> _problems = [];
    private readonly HashSet<string> _variablesSet = new(StringComparer.Ordinal);
    private bool _hasCommands;

    /// <summary>The transaction mode that the file asks for.</summary>
    public ScriptTransaction Asked => transaction;

    /// <summary>Facts about the statements that are sent.</summary>
    public ScriptFacts Facts { get; } = new();

    /// <summary>True when the values of a run may change what is sent.</summary>
    public bool DependsOnValues { get; private set; }

    /// <summary>Returns what is sent, statement by statement.</summary>
    public IEnumerable<ScriptElement.Statement> Run(IEnumerable<ScriptElement> elements)
    {
        foreach (var element in elements)
        {
            switch (element)
            {
                case ScriptElement.Fault fault:
                    _problems.Add(fault.Problem);
                    break;
                case ScriptElement.Command { Value: var command }:
                    Take(command);
                    break;
                case ScriptElement.Statement statement when _interpreter.IsActive && Take(statement) is { } sent:
                    if (!isChecked)
                    {
                        Facts.Add(sent);
                    }

                    yield return sent;
                    break;
            }
        }

        _checks.Finish();
        _interpreter.Finish();
    }

    /// <summary>A script with what the pass has found; complete after all statements were returned.</summary>
    public SqlScript Apply(SqlScript script) => script with
    {
        Begin = _checks.Begin,
        // What the psql commands leave of it is known once the run's variables are.
        Transaction = IsOpen ? transaction : _checks.Transaction,
        Messages = _interpreter.Messages,
        Problems = IsOpen ? _problems : [.. _problems, .. _interpreter.Problems, .. _checks.Problems],
        Facts = Facts,
        VariablesSet = _variablesSet,
    };

    private bool IsOpen => values is null && _hasCommands;

    private void Take(Sql.Psql.PsqlLine command)
    {
        if (command.IsGuard)
        {
            return;
        }

        _hasCommands = true;
        DependsOnValues = true;
        if (command.Name == "set")
        {
            _variablesSet.Add(command.Arguments.Split(' ', '\t')[0]);
        }

        if (values is not null)
        {
            _interpreter.Run(command, Facts.Count);
        }
    }

    private ScriptElement.Statement? Take(ScriptElement.Statement statement)
    {
        if (isChecked && values is null)
        {
            return _checks.Take(statement);
        }

        var possible = _hasCommands || values is null ? PlaceholderValues.Any : values;
        if (!ScriptRenderer.MayHoldVariables(statement.Text, possible))
        {
            return _checks.Take(statement);
        }

        DependsOnValues = true;
        var value = statement.Value;
        var sent = values is null
            ? value
            : ScriptRenderer.Render(value, value.Source!, _interpreter.Variables, values, _problems);
        return _checks.Take(
            ReferenceEquals(sent, value) ? statement : new ScriptElement.Statement(sent) { Start = statement.Start });
    }
}
