namespace PgMigrate.Errors;

/// <summary>
/// The base of every error that PgMigrate raises on purpose; <see cref="Code"/> is stable across releases. The data of
/// the driver's exception is copied to it, so that callers need no type of the driver.
/// </summary>
public class PgMigrateException : Exception
{
    private MigrationError? _error;

    /// <summary>An error with its code and a message that names the next step.</summary>
    public PgMigrateException(string code, string message, Exception? innerException = null)
        : base(ConsoleText.Guard(message), innerException) => Code = code;

    /// <summary>Stable, short and in PascalCase; the id of the PowerShell error record.</summary>
    public string Code { get; }

    /// <summary>The failure as data, with its place in a file when it has one.</summary>
    public MigrationError Error => _error ??= Describe();

    /// <summary>The summary of the run that this error ended; null outside a run.</summary>
    public MigrationRunSummary? Summary { get; internal set; }

    /// <summary>SQLSTATE, five characters; null when the server reported none.</summary>
    public string? SqlState => Error.SqlState;

    /// <summary>The server's DETAIL.</summary>
    public string? Detail => Error.Detail;

    /// <summary>The server's HINT.</summary>
    public string? Hint => Error.Hint;

    private protected virtual MigrationError Describe() => ServerError.Describe(this);
}

/// <summary>Something that the run needs is missing or not usable: folder, schema, tracking table, rights.</summary>
public sealed class InitializationException(string code, string message, Exception? innerException = null)
    : PgMigrateException(code, message, innerException);

/// <summary>A new migration file could not be written.</summary>
public sealed class MigrationCreationException(string code, string message, Exception? innerException = null)
    : PgMigrateException(code, message, innerException);

/// <summary>A version, name or target that is neither in the folder nor in the history.</summary>
public sealed class MigrationNotFoundException(string message)
    : PgMigrateException(ErrorCodes.MigrationNotFound, message);

/// <summary>No connection to the server, or it was lost.</summary>
public sealed class ConnectionException(string code, string message, Exception? innerException = null)
    : PgMigrateException(code, message, innerException);

/// <summary>The server rejected a statement of PgMigrate itself, outside any migration.</summary>
public sealed class DatabaseException(string message, Exception? innerException = null)
    : PgMigrateException(ErrorCodes.DatabaseError, message, innerException);

/// <summary>A file or folder could not be read or written.</summary>
public sealed class FileAccessException(string message, Exception? innerException = null)
    : PgMigrateException(ErrorCodes.FileAccess, message, innerException);

/// <summary>Another run held the lock for longer than the caller wanted to wait.</summary>
public sealed class LockTimeoutException(string message) : PgMigrateException(ErrorCodes.LockTimeout, message);

/// <summary>A step of a run failed and was rolled back; <see cref="Result"/> has the details.</summary>
public abstract class MigrationStepException(string code, MigrationResult result, Exception? innerException)
    : PgMigrateException(code, result.Error?.Message ?? "The step failed.", innerException)
{
    /// <summary>The failed step, with its error.</summary>
    public MigrationResult Result { get; } = result;

    private protected override MigrationError Describe() => Result.Error ?? base.Describe();
}

/// <summary>An UP script failed.</summary>
public sealed class MigrationApplyException(string code, MigrationResult result, Exception? innerException)
    : MigrationStepException(code, result, innerException);

/// <summary>A DOWN script failed.</summary>
public sealed class MigrationUndoException(string code, MigrationResult result, Exception? innerException)
    : MigrationStepException(code, result, innerException);

/// <summary>The plan must not run; <see cref="Problems"/> has all reasons.</summary>
public class PlanBlockedException : PgMigrateException
{
    private const int MostNamed = 3;

    /// <summary>A plan that these problems block; the code is the first error's.</summary>
    public PlanBlockedException(IReadOnlyList<MigrationProblem> problems)
        : base(CodeOf(problems), Describe(problems)) => Problems = problems;

    /// <summary>Every error, without warnings.</summary>
    public IReadOnlyList<MigrationProblem> Problems { get; }

    // The code is the first reason's, and so is the place; the others are in Problems.
    private protected override MigrationError Describe() =>
        Problems is not [var first, ..] ? base.Describe() : base.Describe() with
        {
            FileName = first.FileName,
            FilePath = first.FilePath,
            Line = first.Line,
            Column = first.Column,
        };

    /// <summary>The exception that fits the problems best.</summary>
    public static PlanBlockedException For(IReadOnlyList<MigrationProblem> problems) =>
        CodeOf(problems) == ErrorCodes.ChecksumMismatch
            ? new ChecksumMismatchException(problems)
            : new PlanBlockedException(problems);

    private static string CodeOf(IReadOnlyList<MigrationProblem> problems) =>
        problems.Count == 0 ? ErrorCodes.PlanBlocked : problems[0].Code;

    private static string Describe(IReadOnlyList<MigrationProblem> problems)
    {
        if (problems.Count == 1)
        {
            return problems[0].ToString();
        }

        var lines = problems.GroupBy(problem => (problem.Code, problem.Message)).SelectMany(Describe).ToList();
        return lines.Count == 1
            ? $"Nothing was run: {lines[0]}"
            : $"{problems.Count} problems, nothing was run:{Environment.NewLine}"
                + string.Join(Environment.NewLine, lines.Select(line => $"- {line}"));
    }

    // A problem of hundreds of files is shown once; each of them is in Problems.
    private static IEnumerable<string> Describe(IGrouping<(string Code, string Message), MigrationProblem> group)
    {
        var files = group.Select(problem => problem.FileName).OfType<string>().Distinct().ToList();
        return files.Count <= MostNamed
            ? group.Select(problem => problem.ToString())
            : [$"{files.Count} files ({string.Join(", ", files.Take(MostNamed))} and {files.Count - MostNamed} more): "
                + group.Key.Message];
    }
}

/// <summary>A file that was applied has changed since.</summary>
public sealed class ChecksumMismatchException(IReadOnlyList<MigrationProblem> problems)
    : PlanBlockedException(problems);
