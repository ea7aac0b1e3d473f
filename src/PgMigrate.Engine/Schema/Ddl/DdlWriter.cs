using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>Turns the steps of a plan into statements.</summary>
internal static class DdlWriter
{
    /// <summary>The statements of each step, in order.</summary>
    public static IReadOnlyList<PlannedChange> Write(IReadOnlyList<PlanNode> nodes, DdlContext context)
    {
        var changes = new List<PlannedChange>(nodes.Count);
        foreach (var node in nodes)
        {
            context.Node = node;
            var statements = SecretOptions.Note(node, [.. Statements(node, context).Select(ListText.AsWritten)]);
            if (statements.Count > 0)
            {
                changes.Add(new PlannedChange(node, Surround(node, statements), Losses(node)));
            }
        }

        context.Node = null;
        return changes;
    }

    /// <summary>The SQL of an object that is a part of another one's statement, such as a column.</summary>
    public static string Alone(PlanNode part, DdlContext context)
    {
        context.Node = part;
        var text = string.Join(";\n", Statements(part, context));
        context.Node = null;
        return text;
    }

    /// <summary>
    /// The statement for a session without a transaction: what it sets has to last for the one behind it.
    /// </summary>
    public static string ForSession(string statement)
    {
        const string SetLocal = "SET LOCAL ";
        return statement.StartsWith(SetLocal, StringComparison.Ordinal)
            ? "SET " + statement[SetLocal.Length..]
            : statement;
    }

    private static IEnumerable<string> Statements(PlanNode node, DdlContext context)
    {
        var rule = RuleBook.Rule(node.Pair.Any);
        switch (node.Action)
        {
            case NodeAction.Drop:
                foreach (var statement in rule.Drop(node.Pair.Old!, context))
                {
                    yield return statement;
                }

                break;
            case NodeAction.Create:
                foreach (var statement in rule.Create(node.Pair.New!, context))
                {
                    yield return statement;
                }

                foreach (var statement in node.Folded.Prepend(node).SelectMany(n => Described(n.Pair, context)))
                {
                    yield return statement;
                }

                break;
            default:
                foreach (var statement in rule.Alter(node.Pair, context).Concat(Redescribed(node.Pair, context)))
                {
                    yield return statement;
                }

                break;
        }
    }

    // Owner first: it decides whose privileges the others are.
    private static IEnumerable<string> Described(ObjectPair pair, DdlContext context)
    {
        var entry = pair.New!;
        var rule = RuleBook.Rule(entry);
        // What is made again keeps what it had, whether or not that is compared.
        var former = !pair.HasBoth ? null : context.Options.IsWayBack ? entry : pair.Old;
        var owner = context.Options.IncludeOwner ? entry.Owner : former?.Owner;
        if (rule.HasOwner && owner is not null && owner != context.Current.CurrentRole)
        {
            yield return $"ALTER {rule.Target(entry)} OWNER TO {owner}";
        }

        if (entry.Comment is { } comment)
        {
            foreach (var statement in rule.Comment(entry, comment))
            {
                yield return statement;
            }
        }

        if (rule.GrantNoun is not null && (context.Options.IncludePrivileges || former is not null))
        {
            var privileges = context.Options.IncludePrivileges ? entry.Privileges : former!.Privileges;
            foreach (var statement in Granted(rule, entry, privileges, context))
            {
                yield return statement;
            }
        }
    }

    private static IEnumerable<string> Granted(
        KindRule rule, CatalogObject entry, string? privileges, DdlContext context)
    {
        if (rule.DefaultPrivilegesType is not { } type)
        {
            return rule.Privileges(entry, null, privileges, context);
        }

        // What default privileges give to a new object, on top of what the server always gives.
        var usual = rule.Usual(context);
        var given = new HashSet<string>(usual, StringComparer.Ordinal);
        foreach (var defaults in context.DefaultPrivileges
            .Where(o => o.Name == type && (o.Schema is null || o.Schema == entry.Schema)))
        {
            if (defaults.Schema is null)
            {
                given.ExceptWith(usual);
            }

            given.UnionWith(DefaultPrivilegesRule.Given(defaults));
        }

        return given.SetEquals(usual)
            ? rule.Privileges(entry, null, privileges, context)
            : rule.Privileges(entry, given.Count == 0 ? "none" : string.Join('\n', given), privileges, context);
    }

    private static IEnumerable<string> Redescribed(ObjectPair pair, DdlContext context)
    {
        var (old, wanted) = (pair.Old!, pair.New!);
        var rule = RuleBook.Rule(wanted);
        if (pair.Has(ObjectPair.Owner) && rule.HasOwner)
        {
            yield return $"ALTER {rule.Target(wanted)} OWNER TO {wanted.Owner}";
        }

        if (pair.Has(ObjectPair.Comment))
        {
            foreach (var statement in rule.Comment(wanted, wanted.Comment))
            {
                yield return statement;
            }
        }

        if (pair.Has(ObjectPair.Privileges))
        {
            foreach (var statement in rule.Privileges(wanted, old.Privileges, wanted.Privileges, context))
            {
                yield return statement;
            }
        }
    }

    // The operators of CASE, USING, IS DISTINCT FROM and NULLIF have no name in the text: they are found by
    // search_path.
    private static IReadOnlyList<string> Surround(PlanNode node, IReadOnlyList<string> statements)
    {
        var path = node.Action == NodeAction.Drop
            ? []
            : node.Folded.Prepend(node).Select(n => n.Pair.New).OfType<CatalogObject>().SelectMany(OperatorSchemas)
                .Distinct().Order(StringComparer.Ordinal).ToList();
        return path.Count == 0 ? statements
            : [$"SET LOCAL search_path = {string.Join(", ", path)}, pg_catalog", .. statements, "RESET search_path"];
    }

    private static IEnumerable<string> OperatorSchemas(CatalogObject entry) => entry.AttributeNames
        .Where(n => n is "operators" or "body_operators" or "generated_operators")
        .Select(n => entry[n]).OfType<string>()
        .SelectMany(o => o.Split('\n')).Select(SchemaOf).OfType<string>();

    // schema.=(type,type), the schema quoted where it has to be.
    private static string? SchemaOf(string name)
    {
        var end = name.StartsWith('"') ? name.IndexOf("\".", 1, StringComparison.Ordinal) + 1
            : name.IndexOf('.', StringComparison.Ordinal);
        return end > 0 && end < name.IndexOf('(', StringComparison.Ordinal) ? name[..end] : null;
    }

    // What is a part of a table goes with the table.
    private static List<string> Losses(PlanNode node) =>
    [
        .. RuleBook.Rule(node.Pair.Any).Loss(node.Pair, node.Action) is { } own
            ? [own]
            : node.Folded.Select(n => RuleBook.Rule(n.Pair.Any).Loss(n.Pair, n.Action)).OfType<string>(),
        .. SecretOptions.Lost(node),
    ];
}

/// <summary>One step of a plan with its statements, and what is lost with it.</summary>
internal sealed record PlannedChange(PlanNode Node, IReadOnlyList<string> Statements, IReadOnlyList<string> Losses)
{
    /// <summary>True when what it adds can be used only after a COMMIT.</summary>
    public bool MustBeCommittedAlone =>
        Node.Action == NodeAction.Alter && RuleBook.Rule(Node.Pair.Any).MustBeCommittedAlone(Node.Pair);
}
