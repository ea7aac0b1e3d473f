namespace PgMigrate.Records;

/// <summary>A change of the tracking table alone: no migration is run. The set is closed.</summary>
public abstract record RecordChange
{
    private protected RecordChange(IReadOnlyList<string> versions) => Versions = versions;

    /// <summary>The migrations, by version or name.</summary>
    public IReadOnlyList<string> Versions { get; }
}

/// <summary>Deletes records; the migrations are pending again.</summary>
/// <param name="Versions">The migrations, by version or name.</param>
public sealed record RemoveRecords(IReadOnlyList<string> Versions) : RecordChange(Versions);

/// <summary>Records migrations as applied that were finished by hand.</summary>
/// <param name="Versions">The migrations, by version or name.</param>
/// <param name="Reason">Why; kept in the log.</param>
public sealed record MarkApplied(IReadOnlyList<string> Versions, string Reason) : RecordChange(Versions);

/// <summary>Deletes the records of interrupted migrations whose statements were undone by hand.</summary>
/// <param name="Versions">The migrations, by version or name.</param>
/// <param name="Reason">Why; kept in the log.</param>
public sealed record MarkPending(IReadOnlyList<string> Versions, string Reason) : RecordChange(Versions);

/// <summary>Records migrations as applied that are in the database already.</summary>
/// <param name="Versions">The last of them, by version or name.</param>
internal sealed record RecordBaseline(IReadOnlyList<string> Versions) : RecordChange(Versions);
