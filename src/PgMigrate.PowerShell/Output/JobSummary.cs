using System.Globalization;
using System.Text;
using PgMigrate.Messages;

namespace PgMigrate.PowerShell.Output;

/// <summary>The results of a run as Markdown for the page of a CI job. Pure.</summary>
internal static class JobSummary
{
    /// <summary>GitHub's limit per step: it rejects a larger summary as a whole.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string CutLine = "\n\n… The rest was truncated: a summary has at most 1 MiB.\n";

    /// <summary>The command, its duration, the failures and the pending migrations.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="run">Its run.</param>
    /// <param name="notReached">File names of steps of the plan that were not reached.</param>
    /// <param name="place">Makes a path relative to the checkout.</param>
    public static string Of(
        string command, MigrationRunSummary run, IReadOnlyList<string> notReached, Func<string, string> place)
    {
        var text = new StringBuilder($"## {Escape(command)}: {Escape(run.Status)}\n\n");
        var database = run.Connection is null ? "" : $" on {run.Connection}";
        text.Append(CultureInfo.InvariantCulture, $"Module {Escape(run.Module)}{Escape(database)}, "
            + $"{Time(run.TotalMs)}. ")
            .Append(CultureInfo.InvariantCulture, $"Applied: {run.Applied}, undone: {run.Undone}, recorded: "
                + $"{run.Recorded}, ")
            .Append(CultureInfo.InvariantCulture, $"pending: {run.Pending}, total: {run.Total}.\n\n");
        if (run.Results.Count > 0)
        {
            text.Append("| Migration | Outcome | Statements | Time |\n| --- | --- | ---: | ---: |\n");
            foreach (var result in run.Results)
            {
                var time = result.Outcome.StartsWith("Would", StringComparison.Ordinal) ? "" : Time(result.DurationMs);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {Escape(result.FileName)} | {Escape(result.Outcome)} | {result.StatementCount} | {time} |\n");
            }

            text.Append('\n');
        }

        if (run.Error is { } error && run.Problems.Count == 0)
        {
            text.Append("### Error\n\n")
                .Append(Escape(At(error.FilePath ?? error.FileName, error.Line, error.Column, place) + error.Code))
                .Append("\n\n").Append(Block(error.Message)).Append('\n');
        }

        AppendProblems(text, run.Problems, place);
        if (notReached.Count > 0)
        {
            text.Append("### Not reached\n\n").AppendJoin("", notReached.Select(name => $"- {Escape(name)}\n"))
                .Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The result of a folder check.</summary>
    public static string Of(string command, IReadOnlyList<MigrationProblem> problems, Func<string, string> place)
    {
        var verdict = problems.Count == 0 ? "no problem" : Counted.Of(problems.Count, "problem");
        var text = new StringBuilder($"## {Escape(command)}: {verdict}\n\n");
        AppendProblems(text, problems, place);
        return text.ToString();
    }

    /// <summary>The pending migrations, and the number of migrations per state.</summary>
    public static string Of(string command, IReadOnlyList<MigrationStatus> rows)
    {
        var pending = rows.Where(row => row.Pending).ToList();
        var text = new StringBuilder($"## {Escape(command)}: {pending.Count} pending\n\n")
            .AppendJoin(", ", rows.GroupBy(row => row.State).Select(state => $"{Escape(state.Key)}: {state.Count()}"))
            .Append(CultureInfo.InvariantCulture, $", total: {rows.Count}\n\n");
        if (pending.Count > 0)
        {
            text.Append("| Migration | State |\n| --- | --- |\n")
                .AppendJoin("", pending.Select(row => $"| {Escape(row.FileName)} | {Escape(row.State)} |\n"))
                .Append('\n');
        }

        return text.ToString();
    }

    /// <summary>As many whole lines as there is room for.</summary>
    public static string Cut(string markdown, long room)
    {
        var bytes = Encoding.UTF8.GetBytes(markdown);
        if (bytes.Length <= room)
        {
            return markdown;
        }

        var keep = (int)room - Encoding.UTF8.GetByteCount(CutLine);
        var end = keep <= 0 ? -1 : Array.LastIndexOf(bytes, (byte)'\n', keep - 1);
        return end < 0 ? "" : Encoding.UTF8.GetString(bytes, 0, end) + CutLine;
    }

    /// <summary>Text that Markdown and HTML do not interpret, in one line.</summary>
    public static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var character in PasswordMask.Apply(text))
        {
            _ = character switch
            {
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '&' => safe.Append("&amp;"),
                '@' => safe.Append("&#64;"),
                _ when char.IsControl(character) || character is '\u2028' or '\u2029' => safe.Append(' '),
                _ when "\\`*_{}[]()#+-!|~$".Contains(character, StringComparison.Ordinal) =>
                    safe.Append('\\').Append(character),
                _ => safe.Append(character),
            };
        }

        return safe.ToString();
    }

    private static void AppendProblems(
        StringBuilder text, IReadOnlyList<MigrationProblem> problems, Func<string, string> place)
    {
        if (problems.Count == 0)
        {
            return;
        }

        text.Append("| Severity | Place | Code | Problem |\n| --- | --- | --- | --- |\n");
        foreach (var problem in problems.OrderByDescending(problem => problem.Is(ProblemSeverity.Error)))
        {
            var at = At(problem.FilePath ?? problem.FileName, problem.Line, problem.Column, place).TrimEnd(' ', ':');
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Escape(problem.Severity)} | {Escape(at)} | {Escape(problem.Code)} | {Escape(problem.Message)} "
                    + $"|\n");
        }

        text.Append('\n');
    }

    private static string At(string? path, int? line, int? column, Func<string, string> place) => path is null ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{place(path)}{(line is null ? "" : $":{line}")}{(column is null ? "" : $":{column}")}: ");

    // A fence longer than any in the text cannot be closed by it.
    private static string Block(string text)
    {
        var masked = PasswordMask.Apply(text).ReplaceLineEndings("\n");
        var longest = masked.Split('\n')
            .Max(line => line.Length - line.Replace("`", "", StringComparison.Ordinal).Length);
        var fence = new string('`', Math.Max(3, longest + 1));
        return $"{fence}text\n{masked}\n{fence}\n";
    }

    private static string Time(double milliseconds) => milliseconds < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F1} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:F1} s");
}
