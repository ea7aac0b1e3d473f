namespace PgMigrate.Errors;

/// <summary>
/// The base of every error PgMigrate raises on purpose; <see cref="Code"/> is stable across releases. What the driver's
/// exception knows is on ours, so that nobody has to name a type of the driver.
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

    /// <summary>What the run had done when this ended it; null outside a run.</summary>
    public MigrationRunSummary? Summary { get; internal set; }

    /// <summary>SQLSTATE, five characters; null when the server said nothing.</summary>
    public string? SqlState => Error.SqlState;

    /// <summary>The server's DETAIL.</summary>
    public string? Detail => Error.Detail;

    /// <summary>The server's HINT.</summary>
    public string? Hint => Error.Hint;

    private protected virtual MigrationError Describe() => ServerError.Describe(this);
}

/// <summary>Something the run needs is not there or not usable: folder, schema, tracking table, rights.</summary>
public sealed class InitializationException(string code, string message, Exception? innerException = null)
    : PgMigrateException(code, message, innerException);

/// <summary>A new migration file could not be written.</summary>
public sealed class MigrationCreationException(string code, string message, Exception? innerException = null)
    : PgMigrateException(code, message, innerException);

/// <summary>A version, name or target that neither the folder nor the history knows.</summary>
public sealed class MigrationNotFoundException(string message)
    : PgMigrateException(ErrorCodes.MigrationNotFound, message);

/// <summary>No connection to the server, or it was lost.</summary>
public sealed class ConnectionException(string code, string message, Exception? innerException = null)
    : PgMigrateException(code, message, innerException);

/// <summary>A statement of ours, outside any migration, was refused by the server.</summary>
public sealed class DatabaseException(string message, Exception? innerException = null)
    : PgMigrateException(ErrorCodes.DatabaseError, message, innerException);

/// <summary>A file or folder could not be read or written.</summary>
public sealed class FileAccessException(string message, Exception? innerException = null)
    : PgMigrateException(ErrorCodes.FileAccess, message, innerException);

/// <summary>Another run kept the lock for longer than the caller was ready to wait.</summary>
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

/// <summary>The plan must not run; <see cref="Problems"/> says why, all reasons at once.</summary>
public class PlanBlockedException : PgMigrateException
{
    private const int MostNamed = 3;

    /// <summary>A refusal for these reasons; the code is the first error's.</summary>
    public PlanBlockedException(IReadOnlyList<MigrationProblem> problems)
        : base(CodeOf(problems), Describe(problems)) => Problems = problems;

    /// <summary>Every reason, warnings left out.</summary>
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

    // What is the same for hundreds of files is said once; each of them is in Problems.
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
