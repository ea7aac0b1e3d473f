using System.Text;
using PgMigrate.Errors;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Scripts;

/// <summary>
/// Turns a script into what is sent: executes psql commands, and replaces psql variables and placeholders. COPY rows
/// stay unchanged. Pure.
/// </summary>
internal static class ScriptRenderer
{
    // Variables that psql sets itself.
    private static readonly HashSet<string> OwnVariables =
    [
        "DBNAME", "USER", "HOST", "PORT", "ENCODING", "VERSION", "VERSION_NAME", "VERSION_NUM", "SERVER_VERSION_NAME",
        "SERVER_VERSION_NUM", "ROW_COUNT", "LAST_ERROR_MESSAGE", "LAST_ERROR_SQLSTATE", "ERROR", "SQLSTATE",
    ];

    /// <summary>The script as it is sent; each thing that cannot be replaced or executed is a problem of it.</summary>
    public static SqlScript Render(SqlScript script, PlaceholderValues values) => script.With(values);

    private static bool NamesOwnVariable(ReadOnlySpan<char> text)
    {
        foreach (var name in OwnVariables)
        {
            if (text.Contains(name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    // A colon before a digit, a blank or another colon is a time, a slice or a cast, and there can be very many.
    private static bool MayNameVariable(ReadOnlySpan<char> text)
    {
        while (text.IndexOf(':') is var colon and >= 0 && colon + 1 < text.Length)
        {
            var next = text[colon + 1];
            if (SqlCharacters.StartsIdentifier(next) || next is '\'' or '"' or '{')
            {
                return true;
            }

            text = text[(colon + (next == ':' ? 2 : 1))..];
        }

        return false;
    }

    /// <summary>False when a text has nothing that could be replaced.</summary>
    internal static bool MayHoldVariables(ReadOnlySpan<char> text, PlaceholderValues values) =>
        text.Contains(PlaceholderRenderer.Open, StringComparison.Ordinal)
        || (MayNameVariable(text)
            && (values.Variables.Count > 0 || text.Contains(":{?", StringComparison.Ordinal)
                || NamesOwnVariable(text)));

    /// <summary>A statement with its placeholders and variables replaced.</summary>
    internal static SqlStatement Render(
        SqlStatement statement,
        SqlSource source,
        PsqlVariables variables,
        PlaceholderValues values,
        List<MigrationProblem> problems)
    {
        var found = PlaceholderRenderer.FindIn(statement, values, source, problems)
            .Concat(variables.FindIn(statement))
            .OrderBy(substitution => substitution.Start)
            .ToList();
        RefuseOwnVariables(statement, source, variables, problems);
        return found.Count == 0 ? statement : Substitute(statement, found);
    }

    private static SqlStatement Substitute(SqlStatement statement, List<SqlSubstitution> found)
    {
        var text = statement.Text;
        var rendered = new StringBuilder(text.Length);
        var shown = new StringBuilder(text.Length);
        var replacements = new List<SqlReplacement>();
        var done = 0;
        foreach (var substitution in found)
        {
            if (substitution.Start < done)
            {
                continue; // a psql variable within a placeholder's own text
            }

            rendered.Append(text, done, substitution.Start - done);
            shown.Append(text, done, substitution.Start - done);
            replacements.Add(new SqlReplacement(rendered.Length, substitution.Value.Length, substitution.Length));
            rendered.Append(substitution.Value);
            shown.Append(substitution.IsSecret ? "***" : substitution.Value);
            done = substitution.Start + substitution.Length;
        }

        return statement with
        {
            Text = rendered.Append(text, done, text.Length - done).ToString(),
            DisplayText = shown.Append(text, done, text.Length - done).ToString(),
            Replacements = replacements,
        };
    }

    private static void RefuseOwnVariables(
        SqlStatement statement, SqlSource source, PsqlVariables variables, List<MigrationProblem> problems)
    {
        var used = OwnVariables.Where(name => !variables.TryGet(name, out _)
            && statement.Text.Contains(name, StringComparison.Ordinal)).ToList();
        if (used.Count == 0)
        {
            return;
        }

        var probe = new PsqlVariables();
        foreach (var name in used)
        {
            probe.Set(name, new PsqlVariable(name, false));
        }

        problems.AddRange(probe.FindIn(statement).Where(use => use.Value != "FALSE" && use.Value != "TRUE")
            .Select(use =>
            source.Problem(
                ErrorCodes.PsqlVariableUnknown,
                $"{statement.Text.AsSpan(use.Start, use.Length)} is a variable that psql sets itself. Set it "
                    + "with -Variable, or use a function such as current_database().",
                statement.Offset + use.Start)));
    }
}
