using System.Text;
using System.Text.RegularExpressions;

namespace PgMigrate.Schema.Catalog;

/// <summary>Which kinds the catalog queries read, and which attributes each kind has: read from the queries.</summary>
internal static partial class CatalogShape
{
    // What no object of a kind that has it can be without.
    private static readonly HashSet<string> Needed = new(StringComparer.Ordinal)
    {
        "position", "definition", "table", "parent", "bound", "parent_state", "enabled", "arguments", "default_count",
        "expression", "owned_by", "grants", "role", "persistence", "extension_schema", "wrapper", "type", "aggregate",
        "base_type", "subtype", "function", "method", "event",
    };

    private static readonly HashSet<(string Kind, string Attribute)> NotNeeded =
    [
        ("aggregate", "definition"), ("function", "aggregate"), ("procedure", "aggregate"), ("server", "type"),
        ("cast", "function"),
    ];

    private static readonly Lazy<Dictionary<string, string[]>> Read = new(ReadQueries);

    /// <summary>The kinds.</summary>
    public static IReadOnlyCollection<string> Kinds => Read.Value.Keys;

    /// <summary>The attributes of a kind in their order; null for a kind that is not read.</summary>
    public static string[]? AttributesOf(string kind) => Read.Value.GetValueOrDefault(kind);

    /// <summary>True when every object of the kind has a value of the attribute.</summary>
    public static bool IsNeeded(string kind, string attribute) =>
        Needed.Contains(attribute) && !NotNeeded.Contains((kind, attribute));

    /// <summary>True when the value of the attribute is a number.</summary>
    public static bool IsNumber(string attribute) => attribute is "position" or "default_count";

    /// <summary>Kinds and attributes of one query.</summary>
    public static (IReadOnlyList<string> Kinds, string[] Attributes) Of(string query)
    {
        var text = Comment().Replace(query, "");
        var kinds = text[..text.IndexOf(" AS kind", StringComparison.Ordinal)];
        var outer = Outer(text);
        var names = Alias().Matches(outer[..From().Match(outer).Index]).Select(m => m.Groups[1].Value);
        return ([.. KindName().Matches(kinds).Select(m => m.Groups[1].Value)],
            [.. names.SkipWhile(n => n != "comment").Skip(1)]);
    }

    private static Dictionary<string, string[]> ReadQueries()
    {
        var kinds = new Dictionary<string, string[]>(StringComparer.Ordinal);
        // The newest server reads all that older ones do.
        foreach (var query in SnapshotReader.Families.SelectMany(f => CatalogQuery.Read(f, int.MaxValue)))
        {
            var (names, attributes) = Of(query);
            foreach (var kind in names)
            {
                kinds.Add(kind, attributes);
            }
        }

        return kinds;
    }

    // Without what is in parentheses and in quotes.
    private static string Outer(string text)
    {
        var outer = new StringBuilder(text.Length);
        var depth = 0;
        var isQuoted = false;
        foreach (var c in text)
        {
            isQuoted ^= c == '\'';
            if (isQuoted || c == '\'')
            {
                continue;
            }

            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0 && c != ')')
            {
                outer.Append(c);
            }
        }

        return outer.ToString();
    }

    [GeneratedRegex(@"^\s*--.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:SELECT|THEN|ELSE) '([^']+)'")]
    private static partial Regex KindName();

    [GeneratedRegex(@"\bAS (\w+)\s*(?=,|$)", RegexOptions.Multiline)]
    private static partial Regex Alias();

    [GeneratedRegex(@"\bFROM\b")]
    private static partial Regex From();
}
