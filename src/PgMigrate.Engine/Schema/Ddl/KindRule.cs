using PgMigrate.Schema.Catalog;
using PgMigrate.Schema.Diff;
using PgMigrate.Sql;

namespace PgMigrate.Schema.Ddl;

/// <summary>How objects of one kind are created, altered and dropped.</summary>
internal abstract class KindRule
{
    private static readonly HashSet<string> None = [];
    private static readonly Dictionary<string, string> Lists = new()
    {
        ["options"] = "\n",
        ["toast_options"] = "\n",
        ["foreign_options"] = "\n",
        ["index_options"] = ", ",
        ["tags"] = ", ",
    };

    /// <summary>The kind, as the catalog queries call it.</summary>
    public abstract string Kind { get; }

    /// <summary>Place among steps that may come in any order; what is needed by others comes first.</summary>
    public abstract int Rank { get; }

    /// <summary>The same for one object.</summary>
    public virtual int RankOf(CatalogObject entry) => Rank;

    /// <summary>What comes after CREATE, DROP and COMMENT ON, such as TABLE.</summary>
    public abstract string Noun { get; }

    /// <summary>Attributes that do not count as a difference.</summary>
    public virtual IReadOnlySet<string> NotCompared => None;

    /// <summary>What comes after GRANT … ON; null when the kind has no privileges.</summary>
    public virtual string? GrantNoun => null;

    /// <summary>Privileges that the owner of a new object has.</summary>
    public virtual IReadOnlyList<string> OwnerPrivileges(int major) => [];

    /// <summary>Privileges that PUBLIC has on a new object.</summary>
    public virtual IReadOnlyList<string> PublicPrivileges => [];

    /// <summary>The letter of the kind in pg_default_acl; null when it has no default privileges.</summary>
    public virtual string? DefaultPrivilegesType => null;

    public virtual bool HasOwner => false;

    public virtual bool IsCompared(CatalogObject old, CatalogObject wanted, string attribute) =>
        !NotCompared.Contains(attribute)
        && attribute != SecretOptions.Attribute
        && !(Lists.TryGetValue(attribute, out var separator)
            && SameParts(old[attribute], wanted[attribute], separator));

    // The order of options means nothing; it is kept, since pg_dump shows it.
    private static bool SameParts(string? one, string? other, string separator) =>
        one is not null && other is not null
        && one.Split(separator).ToHashSet().SetEquals(other.Split(separator));

    /// <summary>True when the kind takes part only when privileges are compared.</summary>
    public virtual bool IsPrivilege => false;

    public virtual bool IsFollower(CatalogObject entry) => false;

    public virtual IEnumerable<string> Slots(CatalogObject entry) => [$"{Kind} {entry.Identity}"];

    public virtual CatalogObject? CreatedWith(CatalogObject entry) => null;

    public virtual IEnumerable<CatalogObject> DroppedWith(CatalogObject entry) => [];

    public virtual (ChangeWay Way, bool Blocks) Way(ObjectPair pair) => (ChangeWay.Alter, false);

    public virtual Reaction React(ObjectPair dependent, ObjectPair cause, Disturbance why) =>
        why == Disturbance.Dropped && dependent.Changed.Count > 0 ? Reaction.Stay
        : why == Disturbance.Altered ? Reaction.Stay
        : Reaction.Replace;

    /// <summary>The statements that make it, but for comment, owner and privileges.</summary>
    public abstract IEnumerable<string> Create(CatalogObject entry, DdlContext context);

    public virtual IEnumerable<string> Drop(CatalogObject entry, DdlContext context) => [$"DROP {Target(entry)}"];

    /// <summary>The statements that turn the old object into the new one, but for comment, owner and
    /// privileges.</summary>
    public virtual IEnumerable<string> Alter(ObjectPair pair, DdlContext context) => [];

    /// <summary>What is lost with it; null when nothing is.</summary>
    public virtual string? Loss(ObjectPair pair, NodeAction action) => null;

    /// <summary>True when what an ALTER adds can be used only after a COMMIT.</summary>
    public virtual bool MustBeCommittedAlone(ObjectPair pair) => false;

    /// <summary>As ALTER, DROP and COMMENT ON name it.</summary>
    public virtual string Target(CatalogObject entry) => $"{Noun} {entry.Identity}";

    /// <summary>What comes after COMMENT ON.</summary>
    public virtual string CommentTarget(CatalogObject entry) => Target(entry);

    public virtual IEnumerable<string> Comment(CatalogObject entry, string? text) =>
        [$"COMMENT ON {CommentTarget(entry)} IS {(text is null ? "NULL" : SqlIdentifier.Literal(text))}"];

    public virtual IEnumerable<string> Privileges(CatalogObject entry, string? from, string? to, DdlContext context) =>
        GrantNoun is null ? []
        : PrivilegeText.Changes(
            $"{GrantNoun} {entry.Identity}".TrimStart(),
            PrivilegeText.Parse(from) ?? Usual(context),
            PrivilegeText.Parse(to) ?? Usual(context),
            entry.Owner);

    /// <summary>What the server gives to a new object of the kind when no default privileges are set.</summary>
    public IReadOnlySet<string> Usual(DdlContext context) =>
        OwnerPrivileges(context.Major).Select(p => "$owner=" + p).Concat(PublicPrivileges.Select(p => "PUBLIC=" + p))
            .ToHashSet(StringComparer.Ordinal);

    protected static string? Lines(string? text) => text?.Replace("\n", ", ", StringComparison.Ordinal);

    /// <summary>A value in single quotes, or nothing.</summary>
    protected static string Text(string? text) => text is null ? "NULL" : SqlIdentifier.Literal(text);
}
