using System.Data.Common;
using PgMigrate.Errors;

namespace PgMigrate.Runs;

/// <summary>Gives every failure a type of the model: the types of the driver are inner exceptions at most.</summary>
public static class KnownErrors
{
    /// <summary>The exception itself, or one of the model that holds it.</summary>
    public static PgMigrateException Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            PgMigrateException known => known,
            DbException => new DatabaseException(exception.Message, exception),
            _ => new FileAccessException(exception.Message, exception),
        };
    }
}
