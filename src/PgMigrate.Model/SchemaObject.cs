namespace PgMigrate;

/// <summary>One object of a schema.</summary>
public sealed record SchemaObject
{
    /// <summary>Kind, such as <c>table</c> or <c>foreign key</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Schema; null for what belongs to none.</summary>
    public string? Schema { get; init; }

    /// <summary>Name without schema, unquoted.</summary>
    public required string Name { get; init; }

    /// <summary>The table or view that it is a part of, as SQL writes it; null for what is a part of none.</summary>
    public string? Table { get; init; }

    /// <summary>The whole name as SQL writes it.</summary>
    public required string Identity { get; init; }

    /// <summary>The SQL that creates it.</summary>
    public required string Definition { get; init; }

    /// <summary>Its comment; null when it has none.</summary>
    public string? Comment { get; init; }

    /// <summary>The role that owns it; null for what has the owner of its table.</summary>
    public string? Owner { get; init; }

    /// <summary>
    /// One <c>grantee=PRIVILEGE</c> each, a star behind those with the grant option, <c>$owner</c> for the owner; empty
    /// when they are the usual ones.
    /// </summary>
    public IReadOnlyList<string> Privileges { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => ConsoleText.Guard($"{Kind} {Identity}");
}
