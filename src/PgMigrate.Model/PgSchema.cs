namespace PgMigrate;

/// <summary>A schema as it was read: from a database, from SQL files, from replayed migrations or from a
/// snapshot.</summary>
public sealed class PgSchema
{
    internal PgSchema(string source, string serverVersion, object content, Lazy<IReadOnlyList<SchemaObject>> objects)
    {
        Source = source;
        ServerVersion = serverVersion;
        Content = content;
        _objects = objects;
    }

    private readonly Lazy<IReadOnlyList<SchemaObject>> _objects;

    /// <summary>Where it was read, without secrets.</summary>
    public string Source { get; }

    /// <summary>Version of the server that wrote the definitions, such as <c>15.18</c>.</summary>
    public string ServerVersion { get; }

    /// <summary>Its objects, in the order in which they can be created.</summary>
    public IReadOnlyList<SchemaObject> Objects => _objects.Value;

    /// <summary>True when it was read from a database, now or for a snapshot: it may have what was made at run
    /// time.</summary>
    internal bool IsDatabase { get; init; }

    /// <summary>What the engine compares.</summary>
    internal object Content { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source} (PostgreSQL {ServerVersion})";
}
