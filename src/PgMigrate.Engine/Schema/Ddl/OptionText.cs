namespace PgMigrate.Schema.Ddl;

/// <summary>Lists of options, one <c>name=value</c> a line.</summary>
internal static class OptionText
{
    /// <summary>As WITH ( … ) takes them.</summary>
    public static string List(string options) => string.Join(", ", Lines(options).Select(Quoted));

    /// <summary>SET and RESET clauses that turn one list into the other.</summary>
    public static IEnumerable<string> Changes(string? from, string? to)
    {
        var old = Lines(from).ToDictionary(Name);
        var wanted = Lines(to).ToDictionary(Name);
        var reset = old.Keys.Except(wanted.Keys).ToList();
        if (reset.Count > 0)
        {
            yield return $"RESET ({string.Join(", ", reset)})";
        }

        var set = wanted.Where(w => !old.TryGetValue(w.Key, out var o)
            || o != w.Value).Select(w => Quoted(w.Value)).ToList();
        if (set.Count > 0)
        {
            yield return $"SET ({string.Join(", ", set)})";
        }
    }

    /// <summary>As OPTIONS ( … ) of foreign objects takes them.</summary>
    public static string Foreign(string options) =>
        string.Join(", ", Lines(options).Select(o => $"{ForeignName(o)} {Value(o)}"));

    /// <summary>The inside of ALTER … OPTIONS ( … ).</summary>
    public static string ForeignChanges(string? from, string? to)
    {
        var old = Lines(from).ToDictionary(ForeignName);
        var wanted = Lines(to).ToDictionary(ForeignName);
        return string.Join(", ", old.Keys.Except(wanted.Keys).Select(n => $"DROP {n}")
            .Concat(wanted.Where(w => !old.TryGetValue(w.Key, out var o) || o != w.Value)
                .Select(w => $"{(old.ContainsKey(w.Key) ? "SET" : "ADD")} {w.Key} {Value(w.Value)}")));
    }

    private static string[] Lines(string? options) => options?.Split('\n') ?? [];

    private static string Name(string option) => option.Split('=', 2)[0];

    private static string ForeignName(string option) => Sql.SqlIdentifier.Quote(Name(option));

    private static string Value(string option) =>
        Sql.SqlIdentifier.Literal(option.Contains('=', StringComparison.Ordinal) ? option.Split('=', 2)[1] : "");

    private static string Quoted(string option) => option.Split('=', 2) is [var name, var value]
        ? $"{name}={(IsPlain(value) ? value : Sql.SqlIdentifier.Literal(value))}"
        : option;

    // A number, or one of the words that options take.
    private static bool IsPlain(string value) =>
        value is "true" or "false" or "on" or "off" or "local" or "cascaded" or "auto"
        || (value.Length > 0 && !char.IsAsciiLetter(value[0])
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'));
}
