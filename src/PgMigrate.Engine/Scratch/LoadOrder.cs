using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>
/// Puts the statements of several texts in order. Within one text the order is what its author wrote. Between texts it
/// says nothing, but default privileges count for what is made behind them, and GRANT … ON ALL for what is made before;
/// pure.
/// </summary>
/// <param name="First">What runs first.</param>
/// <param name="Last">What runs when all of that has run.</param>
internal sealed record LoadOrder(IReadOnlyList<LoadStatement> First, IReadOnlyList<LoadStatement> Last)
{
    /// <summary>All of it.</summary>
    public IReadOnlyList<LoadStatement> All { get; } = [.. First, .. Last];

    /// <summary>The statements of all texts in the order in which they run.</summary>
    public static LoadOrder Arrange(IReadOnlyList<SchemaText> texts, LikeDatabase? like)
    {
        var statements = texts.SelectMany(text => text.Statements).Select(one => WithVersion(one, like)).ToList();
        return texts.Count(text => text.Statements.Count > 0) > 1 ? MoveGrants(statements) : new(statements, []);
    }

    private static LoadOrder MoveGrants(List<LoadStatement> statements)
    {
        var ordered = statements.FindAll(one => one.Desired.Kind == DesiredKind.Change);
        foreach (var defaults in statements.FindAll(one => one.Desired.Kind == DesiredKind.DefaultPrivileges))
        {
            // Behind the last of its schemas, and behind those for the same schemas that come first in the texts.
            var behind = ordered.FindLastIndex(one => one.Desired.Made is { Class: "SCHEMA", Name: var schema }
                && defaults.Desired.Schemas.Any(named => named.Name == schema.Name));
            while (behind + 1 < ordered.Count
                && ordered[behind + 1].Desired.Kind == DesiredKind.DefaultPrivileges)
            {
                behind++;
            }

            ordered.Insert(behind + 1, defaults);
        }

        return new LoadOrder(ordered, statements.FindAll(one => one.Desired.Kind == DesiredKind.OnAllObjects));
    }

    // An extension makes other objects in another version.
    private static LoadStatement WithVersion(LoadStatement statement, LikeDatabase? like)
    {
        if (statement.Desired.ExtensionWithoutVersion is not { } name
            || like?.ExtensionVersions.GetValueOrDefault(name) is not { } version)
        {
            return statement;
        }

        var text = statement.Text.TrimEnd();
        var end = text is [.., ';'] ? text.Length - 1 : text.Length;
        return statement with { Text = $"{text[..end]}\n VERSION {SqlIdentifier.Literal(version)}" };
    }
}
