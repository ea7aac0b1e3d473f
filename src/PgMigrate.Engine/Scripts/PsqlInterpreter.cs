using PgMigrate.Errors;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>Executes the psql commands of a script with the variables of a run; pure.</summary>
internal sealed class PsqlInterpreter
{
    private const string NotSupported = ErrorCodes.PsqlCommandNotSupported;
    private const string Invalid = ErrorCodes.PsqlCommandInvalid;
    private const string Known = "\\i, \\ir, \\set, \\unset, \\if, \\elif, \\else, \\endif, \\echo and \\warn";

    private readonly Stack<Branch> _branches = new();
    private readonly List<ScriptMessage> _messages = [];
    private readonly List<MigrationProblem> _problems = [];

    /// <summary>Starts with the values of the run, as psql does with those of -v.</summary>
    public PsqlInterpreter(PlaceholderValues values)
    {
        foreach (var (name, value) in values.Variables)
        {
            Variables.Set(name, new PsqlVariable(value, values.Secrets.Contains(name)));
        }
    }

    public PsqlVariables Variables { get; } = new();

    public IReadOnlyList<ScriptMessage> Messages => _messages;

    public IReadOnlyList<MigrationProblem> Problems => _problems;

    /// <summary>False within a branch that is not taken.</summary>
    public bool IsActive => !_branches.TryPeek(out var branch) || branch.IsActive;

    /// <summary>
    /// Executes one command; <paramref name="before"/> is the index of the next statement.
    /// </summary>
    public void Run(PsqlLine command, int before)
    {
        if (command.IsCondition && !command.Arguments.Contains('\r', StringComparison.Ordinal))
        {
            RunBranch(command);
        }
        else if (!IsActive)
        {
            return;
        }
        else if (command.Problem is { } problem)
        {
            _problems.Add(problem);
        }
        else if (command.Arguments.Contains('\r', StringComparison.Ordinal))
        {
            // To psql the rest of the line belongs to the command: statements in it would silently not run.
            _problems.Add(command.Fault(
                Invalid, $"The line of \\{command.Name} ends with a carriage return alone, which is not a line end "
                    + "for psql. Save the file with LF or CRLF line ends."));
        }
        else if (command.Name is "set" or "unset" or "echo" or "qecho" or "warn")
        {
            RunSimple(command, before);
        }
        else
        {
            _problems.Add(command.Fault(
                NotSupported,
                $"The psql command \\{command.Name} is not supported; {Known} are. Delete the line, or replace "
                    + "it by SQL."));
        }
    }

    /// <summary>Reports conditions that are still open at the end.</summary>
    public void Finish()
    {
        foreach (var branch in _branches)
        {
            _problems.Add(branch.Opening.Fault(Invalid, "This \\if has no \\endif."));
        }
    }

    private sealed record Branch(PsqlLine Opening, bool IsOuterActive)
    {
        public bool IsActive { get; set; }

        public bool WasTaken { get; set; }

        public bool HasElse { get; set; }
    }

    private void RunBranch(PsqlLine command)
    {
        if (command.Name == "if")
        {
            var branch = new Branch(command, IsActive);
            _branches.Push(branch);
            branch.IsActive = branch.WasTaken = branch.IsOuterActive && Evaluate(command);
            return;
        }

        if (!_branches.TryPeek(out var open))
        {
            _problems.Add(command.Fault(Invalid, $"This \\{command.Name} has no \\if before it."));
            return;
        }

        if (command.Name == "endif")
        {
            _branches.Pop();
            return;
        }

        if (open.HasElse)
        {
            _problems.Add(command.Fault(Invalid, $"This \\{command.Name} comes after the \\else of its \\if."));
            return;
        }

        open.HasElse = command.Name == "else";
        open.IsActive = open.IsOuterActive && !open.WasTaken && (open.HasElse || Evaluate(command));
        open.WasTaken |= open.IsActive;
    }

    private bool Evaluate(PsqlLine command)
    {
        if (Read(command, out _) is not { } arguments)
        {
            return false;
        }

        var text = arguments.Length == 1 ? arguments[0] : "";
        if (ReadBoolean(text) is { } answer)
        {
            return answer;
        }

        _problems.Add(command.Fault(
            Invalid,
            $"\\{command.Name} {command.Arguments} is neither true nor false: use on or off, true or false, yes "
                + "or no, 1 or 0, or {?name} after a colon. Set the variable with -Variable."));
        return false;
    }

    // Any unambiguous prefix of a word, as in psql.
    internal static bool? ReadBoolean(string text) => text.ToUpperInvariant() switch
    {
        "" => null,
        "1" or "ON" => true,
        "0" or "OF" or "OFF" => false,
        var word when "TRUE".StartsWith(word, StringComparison.Ordinal)
            || "YES".StartsWith(word, StringComparison.Ordinal) => true,
        var word when "FALSE".StartsWith(word, StringComparison.Ordinal)
            || "NO".StartsWith(word, StringComparison.Ordinal) => false,
        _ => null,
    };

    private void RunSimple(PsqlLine command, int before)
    {
        if (Read(command, out var hasSecret) is not { } arguments)
        {
            return;
        }

        switch (command.Name)
        {
            case "echo" or "qecho" or "warn":
                var text = string.Join(' ', arguments is ["-n", .. var rest] ? rest : arguments);
                _messages.Add(new ScriptMessage(before, hasSecret ? "***" : text, command.Name == "warn"));
                break;
            case "unset" when arguments is [var name]:
                Variables.Unset(name);
                break;
            case "set" when arguments is [var name, .. var parts]:
                Set(command, name, new PsqlVariable(string.Concat(parts), hasSecret));
                break;
            default:
                _problems.Add(command.Fault(Invalid, $"\\{command.Name} needs the name of a variable."));
                break;
        }
    }

    private void Set(PsqlLine command, string name, PsqlVariable variable)
    {
        // psql's special variables: whether a run always behaves like that, and why.
        var (mustBe, why) = name switch
        {
            "ON_ERROR_STOP" => (true, "a migration ends at its first error"),
            "AUTOCOMMIT" => (true, "the run starts and commits transactions itself"),
            "ON_ERROR_ROLLBACK" => (false, "a migration ends at its first error"),
            "SINGLELINE" or "SINGLESTEP" => (false, "statements end at their semicolons, and a run does not prompt"),
            _ => ((bool?)null, ""),
        };
        var isOn = variable.Value.Length == 0 || ReadBoolean(variable.Value) == true;
        if (mustBe is { } must && isOn != must)
        {
            _problems.Add(command.Fault(
                NotSupported, $"\\set {name} {command.Arguments[name.Length..].Trim()} is not supported: {why}."));
        }
        else
        {
            Variables.Set(name, variable);
        }
    }

    private string[]? Read(PsqlLine command, out bool hasSecret)
    {
        var arguments = PsqlArguments.Read(command.Arguments, Variables, out var reason, out hasSecret);
        if (arguments is null)
        {
            _problems.Add(command.Fault(Invalid, $"\\{command.Name} cannot be parsed: {reason}."));
        }

        return arguments;
    }
}
