using System.Diagnostics.CodeAnalysis;
using System.Text;
using PgMigrate.Errors;
using PgMigrate.Sql;
using PgMigrate.Sql.Psql;

namespace PgMigrate.Scripts;

/// <summary>The values of placeholders in a run.</summary>
public sealed record PlaceholderValues
{
    // Shorter values are parts of ordinary words.
    private const int ShortestPart = 4;

    /// <summary>Schema of the run; null when none was given.</summary>
    public string? Schema { get; init; }

    /// <summary>Values of <c>{{vars.name}}</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of the variables whose values are secrets.</summary>
    public IReadOnlySet<string> Secrets { get; init; } = new HashSet<string>();

    /// <summary>Any value: used to find out whether a text could contain a variable.</summary>
    internal static PlaceholderValues Any { get; } =
        new() { Variables = new Dictionary<string, string> { ["any"] = "" } };

    /// <summary>The text with every secret value masked.</summary>
    internal string Mask(string text)
    {
        foreach (var name in Secrets)
        {
            if (Variables.TryGetValue(name, out var value) && value.Length > 0)
            {
                text = text.Replace(value, "***", StringComparison.Ordinal);
            }
        }

        return text;
    }

    /// <summary>
    /// A text from the server with every secret value masked, and every part of one: a quote inside a value ends the
    /// literal, and the server then shows the rest of it, in lower case.
    /// </summary>
    internal string MaskParts(string text)
    {
        foreach (var name in Secrets)
        {
            if (Variables.TryGetValue(name, out var value))
            {
                text = MaskParts(Mask(text), value);
            }
        }

        return text;
    }

    /// <summary>As <see cref="MaskParts(string)"/>; null stays null.</summary>
    internal string? MaskPartsOrNull(string? text) => text is null ? null : MaskParts(text);

    private static string MaskParts(string text, string secret)
    {
        var masked = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = 0;
            for (var next = ShortestPart; i + next <= text.Length
                && secret.Contains(text.Substring(i, next), StringComparison.OrdinalIgnoreCase); next++)
            {
                length = next;
            }

            masked.Append(length == 0 ? text[i].ToString() : "***");
            i += Math.Max(1, length);
        }

        return masked.ToString();
    }

    // The generated text would contain the values.
    [SuppressMessage("CodeQuality", "IDE0051", Justification = "The compiler calls it from ToString.")]
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Schema = ").Append(Schema).Append(", Variables = ").AppendJoin(", ", Variables.Keys);
        return true;
    }
}

/// <summary>
/// Finds <c>{{schema}}</c>, <c>{{tables.t}}</c>, <c>{{tables.s.t}}</c> and <c>{{vars.name}}</c> in a statement that is
/// about to run; every other pair of braces is left unchanged. Pure.
/// </summary>
internal static class PlaceholderRenderer
{
    /// <summary>The start of a placeholder.</summary>
    public const string Open = "{{";

    private const string Close = "}}";
    private const int LongestName = 63;

    /// <summary>The placeholders of a statement in order; adds a problem for each that cannot be replaced.</summary>
    public static IReadOnlyList<SqlSubstitution> FindIn(
        SqlStatement statement, PlaceholderValues values, SqlSource source, List<MigrationProblem> problems)
    {
        var text = statement.Text;
        var found = new List<SqlSubstitution>();
        var done = 0;
        for (var start = text.IndexOf(Open, StringComparison.Ordinal); start >= 0;
            start = text.IndexOf(Open, Math.Max(start + 1, done), StringComparison.Ordinal))
        {
            if (Find(text, start, values) is not { } placeholder)
            {
                continue;
            }

            if (placeholder.Problem is { } problem)
            {
                problems.Add(source.Problem(ErrorCodes.PlaceholderInvalid, problem, statement.Offset + start));
                continue;
            }

            found.Add(new SqlSubstitution(start, placeholder.Length, placeholder.Value, placeholder.IsSecret));
            done = start + placeholder.Length;
        }

        return found;
    }

    private sealed record Placeholder(int Length, string Value, bool IsSecret, string? Problem)
    {
        public static Placeholder Wrong(string problem) => new(0, "", false, problem);
    }

    private static Placeholder? Find(string text, int start, PlaceholderValues values)
    {
        var end = text.IndexOf(Close, start, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var length = end + Close.Length - start;
        var name = text[(start + Open.Length)..end];
        if (name == "schema")
        {
            return RenderSchema(text, start, length, values.Schema);
        }

        var parts = name.Split('.');
        return parts[0] switch
        {
            "tables" when parts.Length is 2 or 3 => RenderTable(name, parts[1..], length, values.Schema),
            "vars" when parts.Length == 2 => RenderVariable(parts[1], length, values),
            _ => null,
        };
    }

    private static Placeholder RenderSchema(string text, int start, int length, string? schema)
    {
        if (schema is not null)
        {
            return IsName(schema)
                ? new Placeholder(length, SqlIdentifier.Quote(schema), false, null)
                : Placeholder.Wrong(BadName("{{schema}}", schema));
        }

        // Without a schema the name is unqualified, and search_path decides.
        var hasDot = start + length < text.Length && text[start + length] == '.';
        return new Placeholder(hasDot ? length + 1 : length, hasDot ? "" : "public", false, null);
    }

    private static Placeholder RenderTable(string name, string[] parts, int length, string? schema)
    {
        if (Array.Find(parts, part => !IsName(part)) is { } wrong)
        {
            return Placeholder.Wrong(BadName($"{{{{{name}}}}}", wrong));
        }

        if (parts.Length == 2)
        {
            return new Placeholder(length, $"{SqlIdentifier.Quote(parts[0])}.{parts[1]}", false, null);
        }

        if (schema is null)
        {
            return new Placeholder(length, parts[0], false, null);
        }

        return IsName(schema)
            ? new Placeholder(length, $"{SqlIdentifier.Quote(schema)}.{parts[0]}", false, null)
            : Placeholder.Wrong(BadName($"{{{{{name}}}}}", schema));
    }

    private static Placeholder RenderVariable(string name, int length, PlaceholderValues values)
    {
        if (!IsName(name))
        {
            return Placeholder.Wrong(BadName($"{{{{vars.{name}}}}}", name));
        }

        return values.Variables.TryGetValue(name, out var value)
            ? new Placeholder(length, value, values.Secrets.Contains(name), null)
            : Placeholder.Wrong($"No value for {{{{vars.{name}}}}}. Pass one with -Variable @{{ {name} = '…' }}.");
    }

    private static string BadName(string placeholder, string name) =>
        $"'{name}' in {placeholder} is not a valid name for a placeholder: letters, digits and underscores, not "
            + $"starting with a digit, at most {LongestName} characters.";

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName
        && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');
}
