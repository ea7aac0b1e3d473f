namespace PgMigrate.Sql.Reading;

/// <summary>What a statement does to the relations that it names.</summary>
internal enum RelationVerb
{
    /// <summary>CREATE TABLE and its like: an error when there is one.</summary>
    Create,

    /// <summary>CREATE … IF NOT EXISTS: nothing when there is one.</summary>
    CreateIfAbsent,

    /// <summary>DROP TABLE and its like.</summary>
    Drop,
}

/// <summary>A relation as a statement names it.</summary>
/// <param name="Schema">Its schema, without quotes; null when search_path decides.</param>
/// <param name="Name">Its name, without quotes.</param>
internal readonly record struct RelationName(string? Schema, string Name);

/// <summary>The relations that a CREATE or DROP names; pure.</summary>
/// <param name="Verb">What becomes of them.</param>
/// <param name="Names">One of a CREATE, any number of a DROP.</param>
internal sealed record NamedRelations(RelationVerb Verb, IReadOnlyList<RelationName> Names)
{
    private const int WordsNeeded = 64;

    /// <summary>Reads a statement; null when it creates and drops no relation. A temporary table is in no other's way.</summary>
    public static NamedRelations? Read(string statement)
    {
        if (SqlWords.Leading(statement, 1) is not ["CREATE" or "DROP"])
        {
            return null;
        }

        var words = SqlWords.Leading(statement, WordsNeeded);
        var isDrop = words[0] == "DROP";
        var next = 1;
        while (Is("OR", "REPLACE", "GLOBAL", "LOCAL", "UNLOGGED", "RECURSIVE", "MATERIALIZED", "FOREIGN"))
        {
            next++;
        }

        if (!Is("TABLE", "VIEW", "SEQUENCE"))
        {
            return null;
        }

        next++;
        var isConditional = false;
        while (Is("IF", "NOT", "EXISTS"))
        {
            isConditional = true;
            next++;
        }

        var names = ReadNames(words, next, isDrop);
        return names.Count == 0 ? null : new NamedRelations(
            isDrop ? RelationVerb.Drop : isConditional ? RelationVerb.CreateIfAbsent : RelationVerb.Create, names);

        bool Is(params ReadOnlySpan<string> expected) => next < words.Count && expected.Contains(words[next]);
    }

    private static List<RelationName> ReadNames(IReadOnlyList<string> words, int next, bool isList)
    {
        var names = new List<RelationName>();
        while (next < words.Count && IsName(words[next]))
        {
            var isQualified = next + 2 < words.Count && words[next + 1] == "." && IsName(words[next + 2]);
            names.Add(isQualified
                ? new RelationName(Unquote(words[next]), Unquote(words[next + 2]))
                : new RelationName(null, Unquote(words[next])));
            next += isQualified ? 3 : 1;
            if (!isList || next >= words.Count || words[next] != ",")
            {
                break;
            }

            next++;
        }

        return names;
    }

    private static bool IsName(string word) => word[0] == '"' || SqlCharacters.StartsIdentifier(word[0]);

    // The server folds the letters of ASCII.
    private static string Unquote(string word) => word[0] == '"'
        ? word.Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal)
        : word.ToLowerInvariant();
}
