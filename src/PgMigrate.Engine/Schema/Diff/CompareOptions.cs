namespace PgMigrate.Schema.Diff;

/// <summary>What counts as a difference.</summary>
internal sealed record CompareOptions
{
    /// <summary>Privileges are compared and written.</summary>
    public bool IncludePrivileges { get; init; }

    /// <summary>Owners are compared and written.</summary>
    public bool IncludeOwner { get; init; }

    /// <summary>
    /// The desired schema is the one that was there before: what is made again gets its owner and privileges from it.
    /// </summary>
    public bool IsWayBack { get; init; }
}
