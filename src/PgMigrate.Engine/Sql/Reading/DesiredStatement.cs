namespace PgMigrate.Sql.Reading;

/// <summary>What a statement means in a text that describes a schema.</summary>
internal enum DesiredKind
{
    /// <summary>It makes or changes objects.</summary>
    Change,

    /// <summary>It sets something for the statements behind it.</summary>
    Setting,

    /// <summary>The same up to the end of its transaction.</summary>
    LocalSetting,

    /// <summary>BEGIN.</summary>
    Begin,

    /// <summary>COMMIT or END.</summary>
    End,

    /// <summary>It says nothing about a schema, and nobody misses it.</summary>
    Skipped,

    /// <summary>It writes rows.</summary>
    Rows,

    /// <summary>ALTER DEFAULT PRIVILEGES.</summary>
    DefaultPrivileges,

    /// <summary>GRANT or REVOKE … ON ALL … IN SCHEMA.</summary>
    OnAllObjects,

    /// <summary>It must not run in a database that was made for a comparison.</summary>
    Refused,
}

/// <summary>A statement of a text that describes a schema.</summary>
/// <param name="Kind">What it means there.</param>
internal sealed record DesiredStatement(DesiredKind Kind)
{
    /// <summary>Why it is refused, as a sentence that says what to do; null when it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>Where LOCAL starts in its text; null without it.</summary>
    public int? Local { get; init; }

    /// <summary>True for RESET ALL: what its text has set counts no more.</summary>
    public bool ResetsAll { get; init; }

    /// <summary>The schemas that it names behind IN SCHEMA, of default privileges.</summary>
    public IReadOnlyList<RelationName> Schemas { get; init; } = [];

    /// <summary>True for a query: its rows have to be taken.</summary>
    public bool ReturnsRows { get; init; }

    /// <summary>The object that it makes; null when it makes none that has a name of its own.</summary>
    public DesiredObject? Made { get; init; }

    /// <summary>The objects that it drops.</summary>
    public IReadOnlyList<DesiredObject> Dropped { get; init; } = [];

    /// <summary>True with IF NOT EXISTS: it does nothing when the object is there.</summary>
    public bool IfNotExists { get; init; }

    /// <summary>True with OR REPLACE.</summary>
    public bool OrReplace { get; init; }

    /// <summary>What it needs beside the rights of an owner of the database; null for nothing.</summary>
    public DesiredRight? Right { get; init; }

    /// <summary>The extension that it creates without saying in which version; null for any other statement.</summary>
    public string? ExtensionWithoutVersion { get; init; }
}
