namespace PgMigrate.Sql.Reading;

/// <summary>One action of ALTER TABLE.</summary>
internal abstract record AlterTableAction
{
    /// <summary>Its offset in the text of the statement.</summary>
    public int Offset { get; init; }
}

internal sealed record AddColumn(ColumnDefinition Column, bool IfNotExists) : AlterTableAction;

internal sealed record DropColumn(string Name, bool IfExists, bool Cascade) : AlterTableAction;

internal sealed record SetNotNull(string Column) : AlterTableAction;

internal sealed record DropNotNull(string Column) : AlterTableAction;

internal sealed record SetDefault(string Column, string Expression) : AlterTableAction;

internal sealed record DropDefault(string Column) : AlterTableAction;

internal sealed record SetType(string Column, string Type, string? Collation, string? Using) : AlterTableAction;

/// <summary>ALTER COLUMN … SET EXPRESSION.</summary>
internal sealed record SetExpression(string Column, string Expression) : AlterTableAction;

internal sealed record AddIdentity(string Column) : AlterTableAction;

internal sealed record AddConstraint(TableConstraint Constraint) : AlterTableAction;

internal sealed record ValidateConstraint(string Name) : AlterTableAction;

internal sealed record DropConstraint(string Name, bool IfExists, bool Cascade) : AlterTableAction;

/// <summary>ATTACH PARTITION; an index has no bounds.</summary>
internal sealed record AttachPartition(RelationName Partition, bool IsDefault) : AlterTableAction;

internal sealed record DetachPartition(RelationName Partition, bool Concurrently, bool Finalize) : AlterTableAction;

internal sealed record RenameTable(string NewName) : AlterTableAction;

internal sealed record RenameColumn(string Name, string NewName) : AlterTableAction;

internal sealed record RenameConstraint(string Name, string NewName) : AlterTableAction;

internal sealed record SetSchema(string Schema) : AlterTableAction;

internal sealed record OwnerTo(string Owner) : AlterTableAction;

/// <summary>SET LOGGED, SET UNLOGGED, SET TABLESPACE and SET ACCESS METHOD.</summary>
internal sealed record SetStorage(string What, string? Value) : AlterTableAction;

/// <summary>An action without a record of its own.</summary>
/// <param name="Words">Its first words, in upper case.</param>
internal sealed record OtherAction(string Words) : AlterTableAction;
