using PgMigrate.Errors;

namespace PgMigrate.Execution.Failures;

/// <summary>
/// A reason of our own to stop a step; it becomes the error of its statement and never leaves the engine.
/// </summary>
internal sealed class StepFaultException(string code, string message) : PgMigrateException(code, message);
