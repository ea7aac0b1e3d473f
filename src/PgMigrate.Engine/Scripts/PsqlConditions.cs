using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>
/// Follows <c>\if</c> and <c>\endif</c> before the run's variables are known: a branch is taken, is not
/// taken, or depends on a variable.
/// </summary>
internal sealed class PsqlConditions
{
    private readonly Stack<Branch> _branches = new();

    /// <summary>Whether the text here counts; null when a variable decides.</summary>
    public bool? IsActive => _branches.TryPeek(out var branch) ? branch.IsActive : true;

    /// <summary>Adds a command; those that are not conditions change nothing.</summary>
    public void Take(PsqlLine command)
    {
        if (command.Name == "if")
        {
            var outer = IsActive;
            var taken = Evaluate(command);
            _branches.Push(new Branch(outer, And(outer, taken), taken));
        }
        else if (command.IsCondition && _branches.TryPop(out var open) && command.Name != "endif")
        {
            // A branch is reached when none before it was taken.
            var isReached = open.WasTaken is { } was ? !was : (bool?)null;
            var holds = command.Name == "else" ? true : Evaluate(command);
            var active = And(isReached, holds);
            _branches.Push(new Branch(open.Outer, And(open.Outer, active), Or(open.WasTaken, active)));
        }
    }

    private static bool? Evaluate(PsqlLine command) =>
        command.Arguments.Contains(':', StringComparison.Ordinal)
            ? null
            : PsqlInterpreter.ReadBoolean(command.Arguments.Trim('\''));

    private static bool? And(bool? left, bool? right) =>
        left is false || right is false ? false : left is null || right is null ? null : true;

    private static bool? Or(bool? left, bool? right) =>
        left is true || right is true ? true : left is null || right is null ? null : false;

    private readonly record struct Branch(bool? Outer, bool? IsActive, bool? WasTaken);
}
