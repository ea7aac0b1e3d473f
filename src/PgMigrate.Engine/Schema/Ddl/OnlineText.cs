using PgMigrate.Schema.Catalog;
using PgMigrate.Sql;

namespace PgMigrate.Schema.Ddl;

/// <summary>The statements of forms that lock tables briefly; pure.</summary>
internal static class OnlineText
{
    private const string CreateIndex = "CREATE INDEX ";
    private const string CreateUniqueIndex = "CREATE UNIQUE INDEX ";
    private const string DropIndex = "DROP INDEX ";
    private const string NullsNotDistinct = "NULLS NOT DISTINCT ";

    /// <summary>The statements that create or drop an index, CONCURRENTLY.</summary>
    public static IReadOnlyList<string> Concurrently(IReadOnlyList<string> statements) =>
        [.. statements.Select(Concurrently)];

    /// <summary>The new index is built under another name, takes the place of the old one, and gets its name.</summary>
    public static IReadOnlyList<string> Replace(
        CatalogObject old, CatalogObject wanted, IReadOnlyList<string> statements)
    {
        var between = Between(wanted.Name, "__new");
        var all = new List<string>();
        foreach (var statement in statements)
        {
            if (!IsCreate(statement))
            {
                all.Add(statement);
                continue;
            }

            var at = statement.IndexOf(wanted.QuotedName, StringComparison.Ordinal);
            all.Add(Concurrently(statement.Remove(at, wanted.QuotedName.Length).Insert(at, between)));
            all.Add($"DROP INDEX CONCURRENTLY {old.Identity}");
            all.Add($"ALTER INDEX {wanted.Schema}.{between} RENAME TO {wanted.QuotedName}");
        }

        return all;
    }

    /// <summary>
    /// A key by its index, which is built CONCURRENTLY before; null when the server makes that index in another way.
    /// </summary>
    public static IReadOnlyList<string>? Key(CatalogObject entry, IReadOnlyList<string> statements)
    {
        var (word, rest) = entry["type"] == "p" ? ("PRIMARY KEY", entry["definition"]!["PRIMARY KEY ".Length..])
            : ("UNIQUE", entry["definition"]!["UNIQUE ".Length..]);
        var nulls = "";
        if (rest.StartsWith(NullsNotDistinct, StringComparison.Ordinal))
        {
            (nulls, rest) = (" " + NullsNotDistinct.TrimEnd(), rest[NullsNotDistinct.Length..]);
        }

        if (rest.Contains(" WITHOUT OVERLAPS", StringComparison.Ordinal))
        {
            return null;
        }

        var timing = rest.IndexOf(" DEFERRABLE", StringComparison.Ordinal);
        var (columns, when) = timing < 0 ? (rest, "") : (rest[..timing], rest[timing..]);
        var table = entry.Parent!.Identity;
        return
        [
            $"{CreateUniqueIndex}CONCURRENTLY {entry.QuotedName} ON {table} {columns}{nulls}",
            $"ALTER TABLE {table} ADD CONSTRAINT {entry.QuotedName} {word} USING INDEX {entry.QuotedName}{when}",
            .. statements.Skip(1),
        ];
    }

    /// <summary>A constraint that is not checked against the rows yet.</summary>
    public static IReadOnlyList<string> NotValid(CatalogObject entry, IReadOnlyList<string> statements) =>
    [
        .. statements.Select(s => s.StartsWith("ALTER TABLE ", StringComparison.Ordinal)
            && s.Contains($" ADD CONSTRAINT {entry.QuotedName} ", StringComparison.Ordinal) ? s + " NOT VALID" : s),
    ];

    /// <summary>Reads the rows, while others write them.</summary>
    public static string Validate(CatalogObject entry, string constraint) =>
        $"ALTER TABLE {entry.Parent!.Identity} VALIDATE CONSTRAINT {constraint}";

    /// <summary>A name for the time between two statements, within its length.</summary>
    public static string Between(string name, string suffix)
    {
        while (!SqlIdentifier.Fits(name, suffix.Length))
        {
            name = name[..^1];
        }

        return SqlIdentifier.Quote(name + suffix);
    }

    private static bool IsCreate(string statement) =>
        statement.StartsWith(CreateIndex, StringComparison.Ordinal)
        || statement.StartsWith(CreateUniqueIndex, StringComparison.Ordinal);

    private static string Concurrently(string statement)
    {
        foreach (var start in new[] { CreateIndex, CreateUniqueIndex, DropIndex })
        {
            if (statement.StartsWith(start, StringComparison.Ordinal))
            {
                return $"{start}CONCURRENTLY {statement[start.Length..]}";
            }
        }

        return statement;
    }
}
