using PgMigrate.Schema.Catalog;

namespace PgMigrate.Schema.Diff;

/// <summary>Why a dependent object has to react.</summary>
internal enum Disturbance
{
    /// <summary>The object it depends on is dropped and does not come back.</summary>
    Dropped,

    /// <summary>The object it depends on is dropped and made again.</summary>
    Replaced,

    /// <summary>A new object takes the name, the dependents move over, the old one is dropped.</summary>
    Swapped,

    /// <summary>The object it depends on is altered, which the server refuses while the dependent is there.</summary>
    Altered,
}

/// <summary>What a dependent object does.</summary>
internal enum Reaction
{
    /// <summary>It stays.</summary>
    Stay,

    /// <summary>It is dropped before, and made again afterwards.</summary>
    Replace,

    /// <summary>It is altered, although it is the same on both sides.</summary>
    Alter,
}

/// <summary>How the difference of one pair is dealt with.</summary>
internal enum ChangeWay
{
    /// <summary>By statements that alter it.</summary>
    Alter,

    /// <summary>It is dropped and made again.</summary>
    Replace,

    /// <summary>It is renamed, made anew, and the old one is dropped at the end.</summary>
    Swap,
}

/// <summary>What the planner asks about a kind. It names none itself.</summary>
internal interface IDdlRules
{
    bool IsCompared(CatalogObject old, CatalogObject wanted, string attribute);

    /// <summary>True when it is there because another object is: nothing creates, drops or compares it.</summary>
    bool IsFollower(CatalogObject entry);

    /// <summary>True when it says who may do what, and nothing else: it counts only when privileges do.</summary>
    bool IsPrivilege(CatalogObject entry);

    /// <summary>How the pair is changed, and whether the dependents are in the way.</summary>
    (ChangeWay Way, bool Blocks) Way(ObjectPair pair);

    Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why);

    /// <summary>Names that one object at a time can have.</summary>
    IEnumerable<string> Slots(CatalogObject entry);

    /// <summary>The object whose CREATE can contain this one; null when it has a statement of its own.</summary>
    CatalogObject? CreatedWith(CatalogObject entry);

    /// <summary>The objects whose DROP takes this one along.</summary>
    IEnumerable<CatalogObject> DroppedWith(CatalogObject entry);

    /// <summary>Other objects that its DROP takes along, whether or not they shall stay.</summary>
    IEnumerable<CatalogObject> TakesAlong(CatalogObject entry);

    /// <summary>Objects that have to be dropped before this one can be, although they do not depend on it.</summary>
    IEnumerable<CatalogObject> FreedBy(CatalogObject entry);

    /// <summary>Place among nodes that may come in any order.</summary>
    int Rank(CatalogObject entry);
}
