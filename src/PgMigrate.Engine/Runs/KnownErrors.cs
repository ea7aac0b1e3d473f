using System.Data.Common;
using PgMigrate.Errors;

namespace PgMigrate.Runs;

/// <summary>Gives every failure an exception type of the model: driver exceptions are inner exceptions only.</summary>
internal static class KnownErrors
{
    /// <summary>The exception itself, or one of the model with it as inner exception.</summary>
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
