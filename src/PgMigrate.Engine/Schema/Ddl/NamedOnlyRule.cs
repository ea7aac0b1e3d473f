using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;

namespace PgMigrate.Schema.Ddl;

/// <summary>A kind that is seen and named, but neither created nor changed.</summary>
internal sealed class NamedOnlyRule(string kind) : KindRule
{
    public override string Kind { get; } = kind;

    public override int Rank => 9;

    public override string Noun => Kind.ToUpperInvariant();

    public override (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Replace, false);

    public override IEnumerable<string> Create(CatalogObject entry, DdlContext context) =>
        throw new NotSupportedKindException(entry);

    public override IEnumerable<string> Drop(CatalogObject entry, DdlContext context) =>
        throw new NotSupportedKindException(entry);

    public override IEnumerable<string> Alter(ObjectPair pair, DdlContext context) =>
        throw new NotSupportedKindException(pair.Any);
}

/// <summary>The change needs an object of a kind that is named only.</summary>
internal sealed class NotSupportedKindException(CatalogObject entry)
    : InvalidOperationException($"The change touches {entry}, a kind that is not written.")
{
    public CatalogObject Entry { get; } = entry;
}
