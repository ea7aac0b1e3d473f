using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Output;

/// <summary>Turns exceptions into error records: the only place that knows PowerShell's categories.</summary>
internal static class ErrorRecords
{
    private static readonly (Type Type, ErrorCategory Category)[] ByType =
    [
        (typeof(MigrationNotFoundException), ErrorCategory.ObjectNotFound),
        (typeof(ConnectionException), ErrorCategory.ConnectionError),
        (typeof(LockTimeoutException), ErrorCategory.ResourceBusy),
        (typeof(PlanBlockedException), ErrorCategory.InvalidData),
        (typeof(MigrationCreationException), ErrorCategory.WriteError),
        (typeof(InitializationException), ErrorCategory.InvalidOperation),
        (typeof(MigrationStepException), ErrorCategory.InvalidResult),
        (typeof(FileAccessException), ErrorCategory.ReadError),
    ];

    public static ErrorRecord From(Exception exception, object? target)
    {
        var known = KnownErrors.Of(exception);
        return new ErrorRecord(known, known.Code, CategoryOf(known), target);
    }

    // A code with a category of its own keeps it, whatever exception has it.
    private static ErrorCategory CategoryOf(PgMigrateException exception) =>
        ErrorCatalogue.Find(exception.Code) is { Exception: { } usual } entry
        && Enum.Parse<ErrorCategory>(entry.Category) is var category && category != CategoryOf(usual)
            ? category
            : exception is FileAccessException { InnerException: UnauthorizedAccessException }
                ? ErrorCategory.PermissionDenied
                : CategoryOf(exception.GetType());

    private static ErrorCategory CategoryOf(Type exception) =>
        ByType.FirstOrDefault(pair => pair.Type.IsAssignableFrom(exception)).Category;
}
