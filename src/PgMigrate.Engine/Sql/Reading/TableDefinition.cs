namespace PgMigrate.Sql.Reading;

/// <summary>How the value of a generated column is produced.</summary>
internal enum ColumnGeneration
{
    None,
    Identity,
    Stored,
    Virtual,
}

/// <summary>A column of CREATE TABLE or ADD COLUMN.</summary>
/// <param name="Name">Its name, unquoted.</param>
/// <param name="Type">Its type as written, unquoted words in lower case; empty when it has none.</param>
internal sealed record ColumnDefinition(string Name, string Type)
{
    /// <summary>The DEFAULT as written; null when there is none.</summary>
    public string? Default { get; init; }

    public bool NotNull { get; init; }

    public string? Collation { get; init; }

    public ColumnGeneration Generation { get; init; }

    /// <summary>The constraints of the column, without NOT NULL.</summary>
    public IReadOnlyList<TableConstraint> Constraints { get; init; } = [];
}

/// <summary>The kinds of constraints.</summary>
internal enum ConstraintKind
{
    Check,
    NotNull,
    Unique,
    PrimaryKey,
    ForeignKey,
    Exclusion,
}

/// <summary>A constraint of a table, a column or a domain.</summary>
internal sealed record TableConstraint(ConstraintKind Kind, string? Name)
{
    /// <summary>Its columns; those of the referencing table for a foreign key.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    public bool NotValid { get; init; }

    public bool NotEnforced { get; init; }

    /// <summary>The index of UNIQUE or PRIMARY KEY USING INDEX.</summary>
    public string? UsingIndex { get; init; }

    public RelationName? References { get; init; }

    public IReadOnlyList<string> ReferencedColumns { get; init; } = [];

    /// <summary>The condition of a CHECK, as written.</summary>
    public string? Expression { get; init; }
}
