using PgMigrate.Errors;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>
/// Finds psql variables that a DOWN section uses from the UP section above it: DOWN runs alone, and from its record
/// when the file is gone, so the variables would be unset and an <c>\if</c> would take the wrong branch. Pure.
/// </summary>
internal static class UpOnlyVariables
{
    /// <summary>A problem for each place in DOWN that needs what only UP sets.</summary>
    public static IEnumerable<MigrationProblem> FindIn(SqlScript? down, SqlScript up)
    {
        var names = up.VariablesSet.ToHashSet(StringComparer.Ordinal);
        names.ExceptWith(down?.VariablesSet ?? up.VariablesSet);
        if (names.Count == 0)
        {
            return [];
        }

        var variables = new PsqlVariables();
        foreach (var name in names)
        {
            variables.Set(name, new PsqlVariable(name, false));
        }

        return (down!.Held ?? [])
            .SelectMany(statement => variables.FindIn(statement)
                .Where(IsOfUp)
                .Select(use => (statement.Source ?? down.Source).Problem(
                    Code, Message(statement.Text.Substring(use.Start, use.Length)), statement.Offset + use.Start)))
            .Concat(down.Elements.OfType<ScriptElement.Command>()
                .SelectMany(command => UsesIn(command.Value, variables)));
    }

    private const string Code = ErrorCodes.PsqlVariableUnknown;

    private static IEnumerable<MigrationProblem> UsesIn(PsqlLine command, PsqlVariables variables)
    {
        for (var colon = command.Arguments.IndexOf(':'); colon >= 0; colon = command.Arguments.IndexOf(':', colon + 1))
        {
            if (variables.TryRead(command.Arguments, colon, out var use) && IsOfUp(use))
            {
                yield return command.Fault(Code, Message(command.Arguments.Substring(use.Start, use.Length)));
            }
        }
    }

    // A test of any other variable is answered, too.
    private static bool IsOfUp(SqlSubstitution use) => use.Value != "FALSE";

    private static string Message(string use) => $"{use} is set in the UP section only, but the DOWN section runs "
        + "alone. Write its \\set into the DOWN section, too.";
}
