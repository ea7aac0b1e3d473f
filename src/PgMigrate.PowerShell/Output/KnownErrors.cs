using System.Data.Common;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Output;

/// <summary>
/// Gives every failure a type that a script can name. The driver's types are in the engine's own load context, so they are
/// inner exceptions at most.
/// </summary>
internal static class KnownErrors
{
    public static PgMigrateException Of(Exception exception) => exception switch
    {
        PgMigrateException known => known,
        DbException => new DatabaseException(exception.Message, exception),
        _ => new FileAccessException(exception.Message, exception),
    };
}
