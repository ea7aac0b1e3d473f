using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal sealed class TextSearchParserRule : ReplacedRule
{
    public override string Kind => "text search parser";

    public override int Rank => 32;

    public override string Noun => "TEXT SEARCH PARSER";

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE TEXT SEARCH PARSER {entry.Identity} (START = {entry["start"]}, GETTOKEN = {entry["gettoken"]}, "
            + $"END = {entry["end"]}, LEXTYPES = {entry["lextypes"]}{Headline(entry)})"];

    private static string Headline(CatalogObject entry) =>
        entry["headline"] is { } headline ? $", HEADLINE = {headline}" : "";
}

internal sealed class TextSearchTemplateRule : ReplacedRule
{
    public override string Kind => "text search template";

    public override int Rank => 32;

    public override string Noun => "TEXT SEARCH TEMPLATE";

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE TEXT SEARCH TEMPLATE {entry.Identity} ({Init(entry)}LEXIZE = {entry["lexize"]})"];

    private static string Init(CatalogObject entry) => entry["init"] is { } init ? $"INIT = {init}, " : "";
}

internal sealed class TextSearchDictionaryRule : KindRule
{
    public override string Kind => "text search dictionary";

    public override int Rank => 33;

    public override string Noun => "TEXT SEARCH DICTIONARY";

    public override bool HasOwner => true;

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => pair.Has("template") || pair.Has("options")
        ? (ChangeWay.Replace, false)
        : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [$"CREATE TEXT SEARCH DICTIONARY {entry.Identity} (TEMPLATE = {entry["template"]}{Options(entry)})"];

    private static string Options(CatalogObject entry) => entry["options"] is { } options ? ", " + options : "";
}

internal sealed class TextSearchConfigurationRule : KindRule
{
    public override string Kind => "text search configuration";

    public override int Rank => 34;

    public override string Noun => "TEXT SEARCH CONFIGURATION";

    public override bool HasOwner => true;

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("parser") ? (ChangeWay.Replace, false) : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        new[] { $"CREATE TEXT SEARCH CONFIGURATION {entry.Identity} (PARSER = {entry["parser"]})" }
            .Concat(Mappings(entry, null));

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        pair.Has("mappings") ? Mappings(pair.New!, pair.Old) : [];

    private static IEnumerable<string> Mappings(CatalogObject entry, CatalogObject? old)
    {
        var target = $"ALTER TEXT SEARCH CONFIGURATION {entry.Identity}";
        var before = Parse(old);
        var after = Parse(entry);
        foreach (var gone in before.Keys.Except(after.Keys))
        {
            yield return $"{target} DROP MAPPING FOR {gone}";
        }

        foreach (var (token, dictionaries) in after)
        {
            if (!before.TryGetValue(token, out var was))
            {
                yield return $"{target} ADD MAPPING FOR {token} WITH {dictionaries}";
            }
            else if (was != dictionaries)
            {
                yield return $"{target} ALTER MAPPING FOR {token} WITH {dictionaries}";
            }
        }
    }

    private static SortedDictionary<string, string> Parse(CatalogObject? entry) => new(
        (entry?["mappings"]?.Split('\n')
            ?? []).ToDictionary(m => m.Split(' ', 2)[0], m => m.Split(' ', 2)[1]), StringComparer.Ordinal);
}
