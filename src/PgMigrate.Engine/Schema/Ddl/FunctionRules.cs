using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

internal class FunctionRule : KindRule
{
    public override string Kind => "function";

    public override int Rank => 30;

    public override string Noun => "FUNCTION";

    public override string? GrantNoun => Noun;

    public override bool HasOwner => true;

    public override string? DefaultPrivilegesType => "f";

    public override IReadOnlyList<string> OwnerPrivileges(int major) => ["EXECUTE"];

    public override IReadOnlyList<string> PublicPrivileges => ["EXECUTE"];

    public override IReadOnlySet<string> NotCompared { get; } = new HashSet<string> { "types", "default_count" };

    public override IEnumerable<string> Slots(CatalogObject entry) =>
        [$"routine {entry.Schema}.{entry.QuotedName}({entry["types"]})"];

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("result") || pair.Has("prokind") || (pair.Has("arguments") && !AddsDefaults(pair))
            ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Altered && !(dependent.Old!["is_atomic"] is not null && ViewRule.Retypes(cause))
            ? Reaction.Stay
        : why == Disturbance.Dropped && dependent.Changed.Count > 0 ? Reaction.Stay
        : Reaction.Replace;

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        [entry["definition"]!.TrimEnd()];

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        pair.Has("definition") || pair.Has("body_operators") || pair.Has("arguments") || pair.Has("aggregate")
            ? Create(pair.New!, context)
            : [];

    // Names and types as they are, defaults only more.
    private static bool AddsDefaults(ObjectPair pair)
    {
        var old = WithoutDefaults(pair.Old!["arguments"]!);
        var wanted = WithoutDefaults(pair.New!["arguments"]!);
        return old == wanted
            && int.Parse(pair.New["default_count"]!, System.Globalization.CultureInfo.InvariantCulture)
                >= int.Parse(pair.Old["default_count"]!, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string WithoutDefaults(string arguments)
    {
        var text = new System.Text.StringBuilder();
        var depth = 0;
        var isQuoted = false;
        var inDefault = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            var c = arguments[i];
            isQuoted ^= c == '\'';
            depth += isQuoted ? 0 : c is '(' or '[' ? 1 : c is ')' or ']' ? -1 : 0;
            if (!isQuoted && depth == 0 && c == ',')
            {
                inDefault = false;
            }
            else if (!isQuoted && depth == 0 && string.CompareOrdinal(arguments, i, " DEFAULT ", 0, 9) == 0)
            {
                inDefault = true;
            }

            if (!inDefault)
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }
}

internal sealed class ProcedureRule : FunctionRule
{
    public override string Kind => "procedure";

    public override string Noun => "PROCEDURE";
}

internal sealed class AggregateRule : FunctionRule
{
    public override string Kind => "aggregate";

    public override int Rank => 33;

    public override string Noun => "AGGREGATE";

    public override string? GrantNoun => "FUNCTION";

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) =>
        pair.Has("aggregate") || pair.Has("result") || pair.Has("arguments") ? (ChangeWay.Replace, false)
            : (ChangeWay.Alter, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context)
    {
        var arguments = entry["arguments"]!;
        yield return $"CREATE AGGREGATE "
            + $"{entry.Schema}.{entry.QuotedName}({(arguments.Length == 0 ? "*" : arguments)}) "
            + $"({entry["aggregate"]!.Replace("\n", ", ", StringComparison.Ordinal)})";
    }

    public override string Target(CatalogObject entry) => entry.Identity.EndsWith("()", StringComparison.Ordinal)
        ? $"AGGREGATE {entry.Identity[..^2]}(*)"
        : $"AGGREGATE {entry.Identity}";
}
