


namespace PgMigrate.Runs;

/// <summary>How a run behaves.</summary>
public sealed record RunOptions
{
    /// <summary>How long to wait for the lock of another run; zero means one attempt.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a statement waits for a lock on a table, row or other object; zero means no limit.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The same for statements that build, rebuild, drop or detach CONCURRENTLY: they wait for old transactions, and
    /// one that times out leaves an INVALID index. Zero, the default, means no limit.
    /// </summary>
    public TimeSpan ConcurrentLockTimeout { get; init; }

    /// <summary>How long a statement may run; zero for no limit, null for the login's own setting.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>
    /// How long a transaction may last (PostgreSQL 17 and newer); zero for no limit, null for the login's own setting.
    /// </summary>
    public TimeSpan? TransactionTimeout { get; init; }

    /// <summary>How often a migration is retried after a lock failure (SQLSTATE 55P03, 40P01).</summary>
    public int LockRetry { get; init; } = 10;

    /// <summary>What to do about blocking sessions.</summary>
    public BlockerAction OnBlocker { get; init; }

    /// <summary>No attempt starts later than this after the first.</summary>
    internal TimeSpan LockRetryLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>An attempt that worked for longer than this, not counting waits, is not retried.</summary>
    internal TimeSpan LockRetryWork { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Which history of which folder in which tracking table.</summary>
public sealed record MigratorOptions
{
    /// <summary>Folders of the files, read as one set; none when only the history matters.</summary>
    public IReadOnlyList<string> FolderPaths { get; init; } = [];

    /// <summary>Module; by default the schema, or <c>default</c>.</summary>
    public string? Module { get; init; }

    /// <summary>Schema of the tracking table, put in front of search_path; <c>public</c> by default.</summary>
    public string? Schema { get; init; }

    /// <summary>
    /// Role of the run: it owns what is created, including the tracking tables. By default that of the login.
    /// </summary>
    public string? Role { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public string HistoryTable { get; init; } = "schema_migrations";

    /// <summary>Also accepts files without a version.</summary>
    public bool AllowUnversioned { get; init; }

    /// <summary>Creates <see cref="Schema"/> on the first write.</summary>
    public bool CreateSchema { get; init; }
}
