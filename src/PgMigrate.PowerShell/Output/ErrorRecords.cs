using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Output;

/// <summary>Turns exceptions into error records: the only place that knows PowerShell's categories.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord From(Exception exception, object? target)
    {
        var known = KnownErrors.Of(exception);
        return new ErrorRecord(known, known.Code, CategoryOf(known, known.Code), target);
    }

    private static ErrorCategory CategoryOf(Exception exception, string code) => (exception, code) switch
    {
        (_, "TargetMismatch" or "ConnectionAmbiguous" or "ConnectionInvalid" or "NameInvalid"
            or "ParametersContradict") =>
            ErrorCategory.InvalidArgument,
        (_, "AuthenticationFailed") => ErrorCategory.AuthenticationError,
        (_, "ConfirmationRequired") => ErrorCategory.InvalidOperation,
        (_, "HistoryReadDenied" or "HistoryRowsHidden" or "HistoryCreateFailed" or "HistoryWriteDenied"
            or "ConnectDenied" or "FolderUnreadable") =>
            ErrorCategory.PermissionDenied,
        (_, "FolderNotFound" or "SchemaNotFound" or "MigrationNotFound") => ErrorCategory.ObjectNotFound,
        (MigrationNotFoundException, _) => ErrorCategory.ObjectNotFound,
        (ConnectionException, _) => ErrorCategory.ConnectionError,
        (LockTimeoutException, _) => ErrorCategory.ResourceBusy,
        (_, "HistoryDamaged") => ErrorCategory.InvalidData,
        (PlanBlockedException, _) => ErrorCategory.InvalidData,
        (MigrationCreationException, _) => ErrorCategory.WriteError,
        (InitializationException, _) => ErrorCategory.InvalidOperation,
        (MigrationStepException, _) => ErrorCategory.InvalidResult,
        (FileAccessException { InnerException: UnauthorizedAccessException }, _) => ErrorCategory.PermissionDenied,
        (FileAccessException, _) => ErrorCategory.ReadError,
        _ => ErrorCategory.NotSpecified,
    };
}
