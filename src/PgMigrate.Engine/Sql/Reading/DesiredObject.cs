namespace PgMigrate.Sql.Reading;

/// <summary>An object as a statement names it that makes or drops it.</summary>
/// <param name="Class">What shares its names: <c>relation</c>, <c>type</c>, <c>routine</c>, or its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Table">The table of a trigger, rule or policy; null for other objects.</param>
internal sealed record DesiredObject(string Class, RelationName Name, RelationName? Table = null)
{
    private const string Relation = "relation";
    private const string Type = "type";
    private const string Routine = "routine";

    /// <summary>True when both can be the same: a name without a schema can be that of every schema.</summary>
    public bool MayBe(DesiredObject other) =>
        Class == other.Class && MayBe(Name, other.Name)
        && (Table is null || other.Table is null || MayBe(Table.Value, other.Table.Value));

    /// <summary>What a statement makes; null when it makes nothing that has a name of its own.</summary>
    public static DesiredObject? MadeBy(StatementDetail detail, StatementCursor cursor) => detail switch
    {
        CreateTable { Persistence: not RelationPersistence.Temporary } table => new(Relation, table.Name),
        CreateView { IsTemporary: false } view => new(Relation, view.Name),
        CreateSequence { IsTemporary: false } sequence => new(Relation, sequence.Name),
        CreateIndex { Name: { } name } index => new(Relation, new RelationName(index.Table.Schema, name)),
        CreateType type => new(Type, type.Name),
        CreateDomain domain => new(Type, domain.Name),
        CreateRoutine routine => new(Routine, routine.Name),
        CreateObject { Name: { } name, Kind: var kind } => new(ClassOf(kind), name, TableOf(kind, cursor)),
        _ => null,
    };

    /// <summary>What a statement drops.</summary>
    public static IReadOnlyList<DesiredObject> DroppedBy(StatementDetail detail) => detail is DropObject drop
        ? [.. drop.Names.Select(name => new DesiredObject(ClassOf(drop.Kind), name, drop.Table))]
        : [];

    private static bool MayBe(RelationName one, RelationName other) =>
        one.Name == other.Name && (one.Schema is null || other.Schema is null || one.Schema == other.Schema);

    private static string ClassOf(string kind) => kind switch
    {
        "TABLE" or "VIEW" or "MATERIALIZED VIEW" or "FOREIGN TABLE" or "SEQUENCE" or "INDEX" => Relation,
        "TYPE" or "DOMAIN" => Type,
        "FUNCTION" or "PROCEDURE" or "ROUTINE" or "AGGREGATE" => Routine,
        _ => kind,
    };

    private static RelationName? TableOf(string kind, StatementCursor cursor)
    {
        var word = kind switch
        {
            "TRIGGER" or "POLICY" => "ON",
            "RULE" => "TO",
            _ => null,
        };
        if (word is null || !cursor.SkipTo(word))
        {
            return null;
        }

        cursor.Skip();
        return cursor.TakeName();
    }
}
