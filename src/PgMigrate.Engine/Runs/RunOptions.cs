


namespace PgMigrate.Runs;

/// <summary>How a run behaves.</summary>
public sealed record RunOptions
{
    /// <summary>How long another run's lock is waited for; zero means one try.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a statement waits for a lock on a table, row or other object; zero waits for ever.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The same for statements that build, rebuild, drop or detach CONCURRENTLY: they wait for old transactions, and
    /// one that gives up leaves an INVALID index. Zero, the default, waits for ever.
    /// </summary>
    public TimeSpan ConcurrentLockTimeout { get; init; }

    /// <summary>How long a statement may run; zero for ever, null as the login's own setting says.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>
    /// How long a transaction may last (PostgreSQL 17 and newer); zero for ever, null as the login's own setting says.
    /// </summary>
    public TimeSpan? TransactionTimeout { get; init; }

    /// <summary>How often a migration that lost a lock (SQLSTATE 55P03, 40P01) is tried again.</summary>
    public int LockRetry { get; init; } = 10;

    /// <summary>What is done about those who block it.</summary>
    public BlockerAction OnBlocker { get; init; }

    /// <summary>No attempt begins later than this after the first.</summary>
    internal TimeSpan LockRetryLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>An attempt that worked for longer than this, waiting apart, is not repeated.</summary>
    internal TimeSpan LockRetryWork { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Which history of which folder in which tracking table.</summary>
public sealed record MigratorOptions
{
    /// <summary>Folders of the files, read as one set; none when only the history matters.</summary>
    public IReadOnlyList<string> FolderPaths { get; init; } = [];

    /// <summary>Module; the schema, or <c>default</c>, when not given.</summary>
    public string? Module { get; init; }

    /// <summary>Schema of the tracking table, put in front of search_path; <c>public</c> when not given.</summary>
    public string? Schema { get; init; }

    /// <summary>
    /// Role to work as: what is created, the tracking tables too, belongs to it. The login's own when not given.
    /// </summary>
    public string? Role { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public string HistoryTable { get; init; } = "schema_migrations";

    /// <summary>Takes files without a version as well.</summary>
    public bool AllowUnversioned { get; init; }

    /// <summary>Creates <see cref="Schema"/> on the first write.</summary>
    public bool CreateSchema { get; init; }
}
