using PgMigrate.Schema.Catalog;

namespace PgMigrate.Schema.Diff;

/// <summary>An object as it is and as it shall be; one of both is null when it is created or dropped.</summary>
internal sealed record ObjectPair(CatalogObject? Old, CatalogObject? New, IReadOnlyList<string> Changed)
{
    public const string Comment = "comment";
    public const string Privileges = "privileges";
    public const string Owner = "owner";

    /// <summary>Either side; the new one when there are both.</summary>
    public CatalogObject Any => New ?? Old!;

    public bool HasBoth => Old is not null && New is not null;

    public bool Has(string attribute) => Changed.Contains(attribute);
}
