using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>
/// Options of foreign objects that may be secrets, such as the password of a user mapping: their names are known, their
/// values are never read. They are not compared; who makes the object has to set them.
/// </summary>
internal static class SecretOptions
{
    public const string Attribute = "secret_options";

    /// <summary>The statements of a step, with a comment in front when the step makes an object without them.</summary>
    public static IReadOnlyList<string> Note(PlanNode node, List<string> statements)
    {
        if (node.Action != NodeAction.Create || statements.Count == 0)
        {
            return statements;
        }

        var notes = node.Folded.Prepend(node).Select(n => n.Pair.New!).Where(Has).Select(entry =>
            $"-- Not written, since it may be a secret: {Words(entry)}. "
                + "Set it yourself, with ALTER … OPTIONS (ADD …).\n");
        statements[0] = string.Concat(notes) + statements[0];
        return statements;
    }

    /// <summary>What a step loses because it drops an object that has them.</summary>
    public static IEnumerable<string> Lost(PlanNode node) => node.Action != NodeAction.Drop
        ? []
        : node.Folded.Prepend(node).Select(n => n.Pair.Old!).Where(Has).Select(Words);

    private static bool Has(CatalogObject entry) =>
        entry.AttributeNames.Contains(Attribute) && entry[Attribute] is not null;

    // On one line, since it goes into comments.
    private static string Words(CatalogObject entry) =>
        $"option {entry[Attribute]} of {entry}".ReplaceLineEndings(" ");
}
