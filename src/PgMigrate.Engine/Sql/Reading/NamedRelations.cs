namespace PgMigrate.Sql.Reading;

/// <summary>What a statement does to the relations that it names.</summary>
internal enum RelationVerb
{
    /// <summary>CREATE TABLE and similar commands: fails when the relation exists.</summary>
    Create,

    /// <summary>CREATE … IF NOT EXISTS: does nothing when the relation exists.</summary>
    CreateIfAbsent,

    /// <summary>DROP TABLE and similar commands.</summary>
    Drop,
}

/// <summary>The relations that a CREATE or DROP names; pure.</summary>
/// <param name="Verb">Create or drop.</param>
/// <param name="Names">One for CREATE, one or more for DROP.</param>
internal sealed record NamedRelations(RelationVerb Verb, IReadOnlyList<RelationName> Names)
{
    /// <summary>
    /// Those of a statement; null when it creates and drops no relation. A temporary relation does not conflict with
    /// any other.
    /// </summary>
    public static NamedRelations? Of(StatementDetail detail) => detail switch
    {
        CreateTable { Persistence: RelationPersistence.Temporary } or CreateView { IsTemporary: true }
            or CreateSequence { IsTemporary: true } => null,
        CreateTable { Name: var name, IfNotExists: var ifNotExists } => Create(name, ifNotExists),
        CreateView { Name: var name, IfNotExists: var ifNotExists } => Create(name, ifNotExists),
        CreateSequence { Name: var name, IfNotExists: var ifNotExists } => Create(name, ifNotExists),
        DropObject { Table: null, Relations: { Count: > 0 } names } => new(RelationVerb.Drop, names),
        _ => null,
    };

    private static NamedRelations Create(RelationName name, bool ifNotExists) =>
        new(ifNotExists ? RelationVerb.CreateIfAbsent : RelationVerb.Create, [name]);
}
