namespace PgMigrate.Sql.Reading;

/// <summary>What a statement does to the relations that it names.</summary>
internal enum RelationVerb
{
    /// <summary>CREATE TABLE and its like: an error when there is one.</summary>
    Create,

    /// <summary>CREATE … IF NOT EXISTS: nothing when there is one.</summary>
    CreateIfAbsent,

    /// <summary>DROP TABLE and its like.</summary>
    Drop,
}

/// <summary>The relations that a CREATE or DROP names; pure.</summary>
/// <param name="Verb">What becomes of them.</param>
/// <param name="Names">One of a CREATE, any number of a DROP.</param>
internal sealed record NamedRelations(RelationVerb Verb, IReadOnlyList<RelationName> Names)
{
    /// <summary>
    /// Those of a statement; null when it creates and drops no relation. A temporary relation gets in the way of no
    /// other.
    /// </summary>
    public static NamedRelations? Of(StatementDetail detail) => detail switch
    {
        CreateTable { Persistence: RelationPersistence.Temporary } or CreateView { IsTemporary: true }
            or CreateSequence { IsTemporary: true } => null,
        CreateTable { Name: var name, IfNotExists: var ifNotExists } => Create(name, ifNotExists),
        CreateView { Name: var name, IfNotExists: var ifNotExists } => Create(name, ifNotExists),
        CreateSequence { Name: var name, IfNotExists: var ifNotExists } => Create(name, ifNotExists),
        DropObject { Relations: { Count: > 0 } names } => new(RelationVerb.Drop, names),
        _ => null,
    };

    private static NamedRelations Create(RelationName name, bool ifNotExists) =>
        new(ifNotExists ? RelationVerb.CreateIfAbsent : RelationVerb.Create, [name]);
}
