using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Output;

/// <summary>An error or a problem with its place, as a CI system shows it next to the file.</summary>
internal sealed record CIAnnotation(
    ProblemSeverity Severity, string Code, string Message, string? FilePath, int? Line, int? Column)
{
    /// <summary>A problem of a folder or a plan.</summary>
    public static CIAnnotation Of(MigrationProblem problem) => new(
        Enum.TryParse<ProblemSeverity>(problem.Severity, out var severity) ? severity : ProblemSeverity.Error,
        problem.Code,
        ConsoleText.Guard(PasswordMask.Apply(problem.Message)),
        problem.FilePath ?? problem.FileName,
        problem.Line,
        problem.Column);

    /// <summary>An error; a blocked plan has one for each of its problems.</summary>
    public static IEnumerable<CIAnnotation> Of(Exception exception)
    {
        if (exception is PlanBlockedException { Problems.Count: > 0 } blocked)
        {
            return blocked.Problems.Select(Of);
        }

        var known = KnownErrors.Of(exception);
        var error = known.Error;
        return
        [
            new CIAnnotation(
                ProblemSeverity.Error,
                known.Code,
                PasswordMask.Apply(known.Message),
                error.FilePath ?? error.FileName,
                error.Line,
                error.Column),
        ];
    }
}
