using PgMigrate.Connections;
using PgMigrate.Schema.Diff;
using PgMigrate.Scratch;

namespace PgMigrate.Autogenerate;

/// <summary>What counts as a difference between two schemas.</summary>
public sealed record SchemaComparison
{
    /// <summary>Compares privileges and writes GRANT and REVOKE.</summary>
    public bool IncludePrivileges { get; init; }

    /// <summary>Compares owners and writes OWNER TO.</summary>
    public bool IncludeOwner { get; init; }

    internal CompareOptions ToOptions() => new() { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner };
}

/// <summary>Where scratch databases are made.</summary>
/// <param name="Connection">The database whose server, encoding, locale and settings count; null for none.</param>
/// <param name="Scratch">Another server for them; null for that of the connection.</param>
/// <param name="OnTarget">True when they may be made on a server that is not local.</param>
public sealed record ScratchOptions(DatabaseTarget? Connection, DatabaseTarget? Scratch, bool OnTarget)
{
    /// <summary>The variable that names the server when nothing else does.</summary>
    public const string ServerVariable = ScratchPlace.Variable;
}
