using System.Diagnostics.CodeAnalysis;
using PgMigrate.Sql.Tokens;

namespace PgMigrate.Sql.Psql;

/// <summary>A variable of psql.</summary>
/// <param name="Value">Its value.</param>
/// <param name="IsSecret">True when the value must not be shown.</param>
internal readonly record struct PsqlVariable(string Value, bool IsSecret);

/// <summary>A part of a text and its replacement.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="Length">Its length.</param>
/// <param name="Value">The replacement.</param>
/// <param name="IsSecret">True when the value must not be shown.</param>
internal readonly record struct SqlSubstitution(int Start, int Length, string Value, bool IsSecret);

/// <summary>
/// Variables by psql's rules: <c>:name</c>, <c>:'name'</c>, <c>:"name"</c>, <c>:{?name}</c>; pure.
/// </summary>
internal sealed class PsqlVariables
{
    private readonly Dictionary<string, PsqlVariable> _values = new(StringComparer.Ordinal);

    /// <summary>Sets a variable.</summary>
    public void Set(string name, PsqlVariable variable) => _values[name] = variable;

    /// <summary>Removes a variable.</summary>
    public void Unset(string name) => _values.Remove(name);

    /// <summary>The value of a variable, if it is set.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out PsqlVariable variable) =>
        _values.TryGetValue(name, out variable);

    /// <summary>The variables that a statement uses, in order: outside of strings, quoted names and comments.</summary>
    public IEnumerable<SqlSubstitution> FindIn(SqlStatement statement)
    {
        var found = new List<SqlSubstitution>();
        if (!statement.Text.Contains(':', StringComparison.Ordinal))
        {
            return found;
        }

        var text = statement.Text.AsSpan();
        var tokens = new SqlTokenizer(text, statement.StandardStrings);
        while (tokens.Read(out var token))
        {
            if (text[token.Start] == ':' && !IsEscaped(statement, token.Start)
                && token.Kind is SqlTokenKind.Variable or SqlTokenKind.Symbol
                && TryRead(statement.Text, token.Start, out var substitution))
            {
                found.Add(substitution);
                tokens.Position = substitution.Start + substitution.Length;
            }
        }

        return found;
    }

    // The statement's text has a blank in place of the backslash of \:.
    private static bool IsEscaped(SqlStatement statement, int colon) =>
        statement.Source is { } source && colon > 0 && source.Text[statement.Offset + colon - 1] == '\\';

    /// <summary>The variable at a colon; false when there is none, or when it is not set.</summary>
    public bool TryRead(string text, int colon, out SqlSubstitution substitution)
    {
        substitution = default;
        var start = colon + 1;
        var first = SqlCharacters.At(text, start);
        if (first == '{' && SqlCharacters.At(text, start + 1) == '?')
        {
            var end = SqlCharacters.SkipVariable(text, start + 2);
            var isTest = end > start + 2 && SqlCharacters.At(text, end) == '}';
            var answer = isTest && _values.ContainsKey(text[(start + 2)..end]) ? "TRUE" : "FALSE";
            substitution = new SqlSubstitution(colon, end + 1 - colon, answer, false);
            return isTest;
        }

        var isQuoted = first is '\'' or '"';
        var nameStart = isQuoted ? start + 1 : start;
        var nameEnd = SqlCharacters.SkipVariable(text, nameStart);
        if (nameEnd == nameStart || (isQuoted && SqlCharacters.At(text, nameEnd) != first)
            || !_values.TryGetValue(text[nameStart..nameEnd], out var variable))
        {
            return false;
        }

        var value = first switch
        {
            '\'' => SqlIdentifier.Literal(variable.Value),
            '"' => SqlIdentifier.Quote(variable.Value),
            _ => variable.Value,
        };
        substitution = new SqlSubstitution(colon, nameEnd + (isQuoted ? 1 : 0) - colon, value, variable.IsSecret);
        return true;
    }
}
