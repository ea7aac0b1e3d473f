using PgMigrate.Sql;

namespace PgMigrate.Scripts;

/// <summary>The statements of a script that is too large to be held: they are read from its file each time.</summary>
public abstract class SqlStream
{
    /// <summary>Number of statements.</summary>
    public abstract int Count { get; }

    /// <summary>True when a statement speaks of advisory locks.</summary>
    public abstract bool NamesAdvisoryLocks { get; }

    /// <summary>Reads them in order; rows of COPY have to be taken before the next statement is asked for.</summary>
    /// <exception cref="Errors.PgMigrateException">The file is no longer what it was when the run was planned.</exception>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    public abstract IEnumerable<SqlStatement> Read();
}
