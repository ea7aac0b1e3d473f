using System.Text;

namespace PgMigrate.PowerShell.Output;

/// <summary>Reports to the CI system of a job: annotations, groups, and the summary of the job.</summary>
/// <param name="environment">The CI system.</param>
/// <param name="command">Name of the cmdlet.</param>
/// <param name="writeCommand">Writes a line that the runner executes.</param>
/// <param name="tell">Writes a line for people.</param>
/// <param name="warn">Writes a warning.</param>
internal sealed class CIReport(
    CIEnvironment environment, string command, Action<string> writeCommand, Action<string> tell, Action<string> warn)
{
    // The number that GitHub shows per step.
    private const int MaxOfAKind = 10;
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly HashSet<CIAnnotation> _seen = [];
    private readonly Dictionary<ProblemSeverity, int> _counts = [];
    private bool _isGroupOpen;

    /// <summary>False when there is no CI system, so that nothing needs to be prepared.</summary>
    public bool IsOn => environment.Format != CIFormat.None;

    /// <summary>Writes each annotation once, errors first, and at most ten of a kind.</summary>
    public void Annotate(IEnumerable<CIAnnotation> annotations)
    {
        if (!IsOn)
        {
            return;
        }

        var omitted = 0;
        foreach (var annotation in annotations.OrderByDescending(annotation => annotation.Severity).Where(_seen.Add))
        {
            var count = _counts.GetValueOrDefault(annotation.Severity);
            _counts[annotation.Severity] = count + 1;
            if (count >= MaxOfAKind)
            {
                omitted++;
            }
            else if (CICommands.Annotate(annotation, environment) is { } line)
            {
                writeCommand(line);
            }
        }

        if (omitted > 0)
        {
            tell($"{Messages.Counted.Of(omitted, "more problem")} without an annotation: a step shows at most "
                + $"{MaxOfAKind} of a kind.");
        }
    }

    /// <summary>Starts the group of a migration, and ends the one before.</summary>
    public void BeginGroup(string title)
    {
        EndGroup();
        if (CICommands.BeginGroup(ConsoleText.Guard(title), environment.Format) is { } line)
        {
            writeCommand(line);
            _isGroupOpen = true;
        }
    }

    /// <summary>Ends the group of a migration, if one is open.</summary>
    public void EndGroup()
    {
        if (_isGroupOpen)
        {
            _isGroupOpen = false;
            writeCommand(CICommands.EndGroup(environment.Format)!);
        }
    }

    /// <summary>Adds a run to the summary of the job.</summary>
    public void Summarise(MigrationRunSummary run, IReadOnlyList<string> notReached) =>
        Publish(() => JobSummary.Of(command, run, notReached, environment.PathOf));

    /// <summary>Adds the problems of a folder.</summary>
    public void Summarise(IReadOnlyList<MigrationProblem> problems) =>
        Publish(() => JobSummary.Of(command, problems, environment.PathOf));

    /// <summary>Adds the pending migrations.</summary>
    public void Summarise(IReadOnlyList<MigrationStatus> rows) => Publish(() => JobSummary.Of(command, rows));

    // A summary that cannot be written does not change the result of the command.
    private void Publish(Func<string> markdown)
    {
        try
        {
            if (environment is { Format: CIFormat.GithubActions, SummaryPath: { } path })
            {
                Append(path, markdown());
            }
            else if (environment.Format == CIFormat.AzureDevops)
            {
                // The agent reads the file after this step, and empties its folder after the job.
                var file = Path.Combine(environment.TemporaryFolder, $"PgMigrate-{Guid.NewGuid():N}.md");
                File.WriteAllText(file, JobSummary.Cut(markdown(), JobSummary.MaxBytes));
                writeCommand(CICommands.UploadSummary(file));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            warn($"The summary of the job could not be written: {e.Message}");
        }
    }

    // Other runs of the same step, of ForEach-Object -Parallel, append to the same file.
    private static void Append(string path, string markdown)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
                file.Write(Encoding.UTF8.GetBytes(JobSummary.Cut(markdown, JobSummary.MaxBytes - file.Position)));
                return;
            }
            catch (IOException e) when (attempt < Attempts
                && e is not (DirectoryNotFoundException or PathTooLongException))
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
