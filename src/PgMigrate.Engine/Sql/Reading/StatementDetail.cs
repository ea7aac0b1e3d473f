namespace PgMigrate.Sql.Reading;

/// <summary>
/// What a statement does, as far as its text shows; <see cref="OtherStatement"/> for the many without a record.
/// </summary>
internal abstract record StatementDetail
{
    /// <summary>The relations that it names, as far as the record has them.</summary>
    public virtual IReadOnlyList<RelationName> Relations => [];
}

/// <summary>A statement without a record of its own.</summary>
internal sealed record OtherStatement : StatementDetail;

/// <summary>The persistence of a relation.</summary>
internal enum RelationPersistence
{
    Permanent,
    Unlogged,
    Temporary,
}

/// <summary>CREATE TABLE, CREATE TABLE AS and CREATE FOREIGN TABLE.</summary>
internal sealed record CreateTable(RelationName Name, bool IfNotExists, RelationPersistence Persistence)
    : StatementDetail
{
    public IReadOnlyList<ColumnDefinition> Columns { get; init; } = [];

    public IReadOnlyList<TableConstraint> Constraints { get; init; } = [];

    /// <summary>The tables after LIKE.</summary>
    public IReadOnlyList<RelationName> Like { get; init; } = [];

    public IReadOnlyList<RelationName> Inherits { get; init; } = [];

    public RelationName? PartitionOf { get; init; }

    /// <summary>True for the DEFAULT partition.</summary>
    public bool IsDefaultPartition { get; init; }

    /// <summary>True with PARTITION BY.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>True for CREATE TABLE AS.</summary>
    public bool IsFromQuery { get; init; }

    public bool IsForeign { get; init; }

    public override IReadOnlyList<RelationName> Relations => [Name];
}

/// <summary>CREATE VIEW and CREATE MATERIALIZED VIEW.</summary>
internal sealed record CreateView(
    RelationName Name, bool OrReplace, bool IfNotExists, bool IsMaterialized, bool IsTemporary) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => [Name];
}

/// <summary>CREATE SEQUENCE.</summary>
internal sealed record CreateSequence(RelationName Name, bool IfNotExists, bool IsTemporary) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => [Name];
}

/// <summary>CREATE INDEX. Columns contains each column or expression as written.</summary>
internal sealed record CreateIndex(string? Name, RelationName Table) : StatementDetail
{
    public bool Unique { get; init; }

    public bool Concurrently { get; init; }

    public bool IfNotExists { get; init; }

    /// <summary>ON ONLY: not on the partitions.</summary>
    public bool Only { get; init; }

    /// <summary>The access method, such as gin; null for the default.</summary>
    public string? Method { get; init; }

    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>True with a WHERE.</summary>
    public bool IsPartial { get; init; }

    public override IReadOnlyList<RelationName> Relations => [Table];
}

/// <summary>CREATE DOMAIN.</summary>
internal sealed record CreateDomain(RelationName Name, string Type, bool HasConstraint) : StatementDetail;

/// <summary>CREATE TYPE.</summary>
internal sealed record CreateType(RelationName Name, bool IsEnum) : StatementDetail;

/// <summary>CREATE FUNCTION and CREATE PROCEDURE.</summary>
internal sealed record CreateRoutine(RelationName Name, bool OrReplace, bool IsVolatile) : StatementDetail;

/// <summary>CREATE SCHEMA, DATABASE, TABLESPACE, EXTENSION, TRIGGER and similar objects.</summary>
internal sealed record CreateObject(string Kind, RelationName? Name, bool IfNotExists) : StatementDetail
{
    /// <summary>The table of a trigger, rule or policy.</summary>
    public RelationName? Table { get; init; }

    public override IReadOnlyList<RelationName> Relations => Table is { } table ? [table] : [];
}

/// <summary>DROP of any object. Kind is in upper case, such as TABLE or MATERIALIZED VIEW.</summary>
internal sealed record DropObject(string Kind, IReadOnlyList<RelationName> Names) : StatementDetail
{
    public bool IfExists { get; init; }

    public bool Cascade { get; init; }

    public bool Concurrently { get; init; }

    /// <summary>The table of a trigger, rule or policy.</summary>
    public RelationName? Table { get; init; }

    public override IReadOnlyList<RelationName> Relations =>
        Table is { } table ? [table]
        : Kind is "TABLE" or "VIEW" or "MATERIALIZED VIEW" or "FOREIGN TABLE" or "SEQUENCE" ? Names
        : [];
}

/// <summary>
/// ALTER TABLE, and ALTER of objects with the same actions. Kind is TABLE, INDEX, VIEW, MATERIALIZED VIEW, …
/// </summary>
internal sealed record AlterTable(string Kind, RelationName Table, IReadOnlyList<AlterTableAction> Actions)
    : StatementDetail
{
    public bool IfExists { get; init; }

    public bool Only { get; init; }

    public override IReadOnlyList<RelationName> Relations => [Table];
}

/// <summary>ALTER TYPE … ADD VALUE.</summary>
internal sealed record AddEnumValue(RelationName Type, string Value, bool IfNotExists) : StatementDetail;

/// <summary>ALTER TYPE … RENAME VALUE.</summary>
internal sealed record RenameEnumValue(RelationName Type, string Value, string NewValue) : StatementDetail;

/// <summary>ALTER DOMAIN … ADD a constraint.</summary>
internal sealed record AlterDomainAddConstraint(RelationName Domain, TableConstraint Constraint) : StatementDetail;

/// <summary>Any other ALTER. Action contains its first words, such as RENAME TO, OWNER TO or SET SCHEMA.</summary>
internal sealed record AlterObject(string Kind, RelationName? Name, string Action) : StatementDetail
{
    /// <summary>The table of a trigger, rule or policy.</summary>
    public RelationName? Table { get; init; }

    public override IReadOnlyList<RelationName> Relations => Table is { } table ? [table] : [];
}

/// <summary>REINDEX. Kind is INDEX, TABLE, SCHEMA, DATABASE or SYSTEM.</summary>
internal sealed record Reindex(string Kind, RelationName? Name, bool Concurrently) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations =>
        Kind is "INDEX" or "TABLE" && Name is { } name ? [name] : [];
}

/// <summary>VACUUM.</summary>
internal sealed record Vacuum(bool Full, IReadOnlyList<RelationName> Tables) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => Tables;
}

/// <summary>CLUSTER.</summary>
internal sealed record Cluster(RelationName? Table) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => Table is { } table ? [table] : [];
}

/// <summary>REFRESH MATERIALIZED VIEW.</summary>
internal sealed record Refresh(RelationName View, bool Concurrently, bool WithNoData) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => [View];
}

/// <summary>TRUNCATE.</summary>
internal sealed record Truncate(IReadOnlyList<RelationName> Tables, bool Cascade) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => Tables;
}

/// <summary>LOCK TABLE. Mode is in upper case; ACCESS EXCLUSIVE when none is specified.</summary>
internal sealed record LockTable(IReadOnlyList<RelationName> Tables, string Mode) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations => Tables;
}

/// <summary>The command that writes rows.</summary>
internal enum WriteKind
{
    Insert,
    Update,
    Delete,
    Merge,
    CopyFrom,
}

/// <summary>INSERT, UPDATE, DELETE, MERGE and COPY FROM.</summary>
internal sealed record Write(WriteKind Kind, RelationName Table) : StatementDetail
{
    /// <summary>True with a WHERE; WHERE true counts as no WHERE.</summary>
    public bool HasWhere { get; init; }

    /// <summary>True for INSERT … SELECT: as many rows as the query returns.</summary>
    public bool IsFromQuery { get; init; }

    public override IReadOnlyList<RelationName> Relations => [Table];
}

/// <summary>WITH: the statements in it that write, in order, and the main statement.</summary>
internal sealed record WithStatement(IReadOnlyList<StatementDetail> Parts, StatementDetail Main) : StatementDetail
{
    public override IReadOnlyList<RelationName> Relations =>
        [.. Parts.SelectMany(part => part.Relations), .. Main.Relations];
}

/// <summary>SELECT, VALUES and TABLE. Into is the table of SELECT … INTO.</summary>
internal sealed record Query(RelationName? Into) : StatementDetail;

/// <summary>SET, RESET. Scope is SESSION or LOCAL; Value as written, null for RESET.</summary>
internal sealed record SetSetting(string Name, bool IsLocal, string? Value) : StatementDetail;

/// <summary>COMMENT ON.</summary>
internal sealed record Comment(string Kind, RelationName? Name) : StatementDetail;

/// <summary>GRANT and REVOKE.</summary>
internal sealed record Grant(bool IsRevoke) : StatementDetail;

/// <summary>DO. Body is the text between its quotes, which starts at BodyOffset.</summary>
internal sealed record DoBlock(string Body, int BodyOffset) : StatementDetail;

/// <summary>CALL.</summary>
internal sealed record Call(RelationName? Procedure) : StatementDetail;
