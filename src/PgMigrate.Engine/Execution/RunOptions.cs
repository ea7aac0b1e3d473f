namespace PgMigrate.Execution;

/// <summary>How a run behaves.</summary>
public sealed record RunOptions
{
    /// <summary>How long another run's lock is waited for; zero means one try.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(60);
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

    /// <summary>Name of the tracking table.</summary>
    public string HistoryTable { get; init; } = "schema_migrations";

    /// <summary>Takes files without a version as well.</summary>
    public bool AllowUnversioned { get; init; }

    /// <summary>Creates <see cref="Schema"/> on the first write.</summary>
    public bool CreateSchema { get; init; }
}
