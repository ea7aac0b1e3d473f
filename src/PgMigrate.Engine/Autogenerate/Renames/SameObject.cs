using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Ddl;

namespace PgMigrate.Autogenerate.Renames;

/// <summary>Tells whether two objects are the same apart from their names; pure.</summary>
internal static class SameObject
{
    /// <summary>True when nothing else differs that is compared.</summary>
    public static bool ApartFromName(CatalogObject one, CatalogObject other)
    {
        var rule = RuleBook.Rule(one);
        return one.Kind == other.Kind && one.AttributeNames.All(name =>
            one[name] == other[name] || !rule.IsCompared(one, other, name)
            || (name == "definition" && WithoutName(one) == WithoutName(other)));
    }

    // The definition of a view or a constraint does not name it; that of an index, a trigger or a function does, first.
    private static string? WithoutName(CatalogObject entry)
    {
        if (entry["definition"] is not { } text || !text.StartsWith("CREATE ", StringComparison.Ordinal))
        {
            return entry["definition"];
        }

        var at = text.IndexOf(entry.QuotedName, StringComparison.Ordinal);
        return at < 0 ? text : text.Remove(at, entry.QuotedName.Length);
    }
}
