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

    /// <summary>Patterns of schemas; only what is in one of them is compared. Empty for all.</summary>
    public IReadOnlyList<string> IncludeSchemas { get; init; } = [];

    /// <summary>Patterns of schemas; what is in one of them is not compared.</summary>
    public IReadOnlyList<string> ExcludeSchemas { get; init; } = [];

    /// <summary>Objects that may differ: a kind and a pattern of names each, such as <c>table public.audit_*</c>. What
    /// belongs to one is accepted with it.</summary>
    public IReadOnlyList<string> AcceptedDrift { get; init; } = [];

    /// <summary>Compares partitions that only a database has, also those without a definition of their own.</summary>
    public bool StrictPartitions { get; init; }

    internal CompareOptions ToOptions() => new() { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner };
}

/// <summary>What a comparison found.</summary>
/// <param name="Changes">What must happen to the reference, in the order in which it can run.</param>
/// <param name="LeftOut">What filters left out, in words with a count each; empty when nothing was.</param>
public sealed record SchemaDifference(IReadOnlyList<SchemaChange> Changes, IReadOnlyList<string> LeftOut);

/// <summary>One file of an exported schema.</summary>
/// <param name="Path">Relative to the folder, with slashes.</param>
/// <param name="Text">What it contains.</param>
public sealed record ExportedFile(string Path, string Text);

/// <summary>Where scratch databases are made.</summary>
/// <param name="Connection">The database whose server, encoding, locale and settings count; null for none.</param>
/// <param name="Scratch">Another server for them; null for that of the connection.</param>
/// <param name="OnTarget">True when they may be made on a server that is not local.</param>
public sealed record ScratchOptions(DatabaseTarget? Connection, DatabaseTarget? Scratch, bool OnTarget)
{
    /// <summary>The variable that names the server when nothing else does.</summary>
    public const string ServerVariable = ScratchPlace.Variable;
}
