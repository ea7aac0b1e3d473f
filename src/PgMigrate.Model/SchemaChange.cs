namespace PgMigrate;

/// <summary>One step of what turns a schema into another.</summary>
public sealed record SchemaChange
{
    /// <summary>Kind of the object, such as <c>table</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>Create</c>, <c>Alter</c>, <c>Replace</c>, <c>Drop</c> or <c>Rename</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The whole name of the object as SQL writes it.</summary>
    public required string Name { get; init; }

    /// <summary>The table or view that it is a part of; null for what is a part of none.</summary>
    public string? Table { get; init; }

    /// <summary>What differs, in words; empty for what is created or dropped as a whole.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The SQL, one statement each, in order.</summary>
    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>What is lost, such as a column with its values; empty when nothing is.</summary>
    public IReadOnlyList<string> Loses { get; init; } = [];

    /// <summary>True when rows or values are lost, or may stand in the way.</summary>
    public bool LosesData => Loses.Count > 0;

    /// <inheritdoc/>
    public override string ToString() => ConsoleText.Guard($"{Action} {Kind} {Name}");
}
