using System.Globalization;
using System.Management.Automation;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.Runs;
using PgMigrate.Scripts;

namespace PgMigrate.PowerShell.Output;

/// <summary>Writes events to PowerShell's streams: one switch, and nothing else writes events.</summary>
internal sealed class EventWriter(PgMigrateCommand cmdlet, HeldMessages messages, bool isVerbose, CIReport ci)
{
    private const int ActivityId = 5432;
    private static readonly TimeSpan WarnAfter = TimeSpan.FromSeconds(5);
    private static readonly string[] NoticeTags = ["PgMigrate", "Notice"];
    private bool _hasWarnedOfWait;
    private bool _hasProgress;
    private string _place = "";
    private int _percent = -1;

    /// <summary>The results of the finished steps, in order.</summary>
    public List<MigrationResult> Results { get; } = [];

    /// <summary>Writes one event; a finished step also goes to <paramref name="output"/>.</summary>
    public void Write(MigrationEvent happened, Action<MigrationResult> output)
    {
        // The later files of a shared transaction start within it.
        if (happened is StepStarting begins && (begins.Position == 1 || !begins.Step.SharesTransaction))
        {
            messages.Release();
            messages.Hold();
        }

        switch (happened)
        {
            case LockWaiting waiting:
                WriteWait(waiting.Holder, waiting.Waited, "Waiting for the migration lock");
                break;
            case StepStarting starting:
                WriteStart(starting);
                break;
            case StatementRunning running:
                WriteRunning(running);
                break;
            case RetryScheduled retry:
                WriteRetry(retry);
                break;
            case BlockersEnded ended:
                messages.WriteWarning(Describe(ended));
                break;
            case LeftBehind left:
                messages.WriteWarning($"{left.Step.FileName} left this in its session, and it was reset: "
                    + $"{string.Join(", ", left.What)}.");
                break;
            case OwnedByOthers owned:
                messages.WriteWarning($"{owned.Step.FileName} leaves objects that the role of this run does not own: "
                    + $"{string.Join(", ", owned.Objects)}.");
                break;
            case RunWarning warning:
                messages.WriteWarning(warning.Message);
                break;
            case NoticeRaised { IsWarning: true } notice:
                messages.WriteWarning(Describe(notice));
                break;
            case NoticeRaised notice:
                messages.WriteInformation(Describe(notice), NoticeTags);
                break;
            case NoticesDropped dropped:
                messages.WriteWarning(
                    $"Notices came faster than they were read; {Counted.Of(dropped.Count, "notice")} dropped.");
                break;
            case StepFinished finished:
                Results.Add(finished.Result);
                WriteVerbose(finished.Result);
                ci.EndGroup();
                output(finished.Result);
                break;
        }
    }

    /// <summary>Writes what was held back until the last transaction had ended successfully.</summary>
    public void Release() => messages.Release();

    /// <summary>Removes the progress bar.</summary>
    public void Complete()
    {
        ci.EndGroup();
        if (_hasProgress)
        {
            _hasProgress = false;
            cmdlet.WriteProgress(new ProgressRecord(ActivityId, "PgMigrate", "Done")
            {
                RecordType = ProgressRecordType.Completed,
            });
        }
    }

    private void WriteStart(StepStarting starting)
    {
        _hasWarnedOfWait = false;
        var step = starting.Step;
        _place = string.Create(CultureInfo.InvariantCulture, $"{starting.Position} of {starting.Count}: ");
        _percent = 100 * (starting.Position - 1) / starting.Count;
        Progress(step, step.FileName, "");
        ci.BeginGroup($"{Verb(step)} {step.FileName}");
        if (isVerbose)
        {
            cmdlet.WriteVerbose($"{Verb(step)} {step.FileName}");
            WriteStatements(step.Script);
        }

        foreach (var message in step.Script.Messages.Where(message => message.IsWarning))
        {
            messages.WriteWarning(PasswordMask.Apply(message.Text));
        }
    }

    private void WriteStatements(SqlScript script)
    {
        var said = script.Messages.Where(message => !message.IsWarning).ToLookup(message => message.Before);
        if (script.Held is null)
        {
            cmdlet.WriteVerbose($"{Counted.Of(script.Count, "statement")}, too many to be shown");
        }

        for (var i = 0; i <= script.Count; i++)
        {
            foreach (var message in said[i])
            {
                cmdlet.WriteVerbose(PasswordMask.Apply(message.Text));
            }

            if (i < script.Held?.Count)
            {
                var statement = script.Held[i];
                cmdlet.WriteVerbose(PasswordMask.Apply(statement.DisplayText ?? statement.Text));
            }
        }
    }

    private void WriteRunning(StatementRunning running)
    {
        var statement = PasswordMask.Apply(running.Statement);
        var blocked = running.AwaitsStandby ? " (COMMIT waits for a synchronous standby)"
            : running.BlockedBy.Length == 0 ? "" : $" (waits for {running.BlockedBy})";
        Progress(running.Step, $"{running.Step.FileName}: {running.Elapsed.TotalSeconds:F0} s{blocked}", statement);
        if (running.BlockedBy.Length > 0)
        {
            WriteWait(running.BlockedBy, running.Elapsed, $"{running.Step.FileName} waits for a lock");
        }
        else if (running.AwaitsStandby)
        {
            WriteWait(
                "synchronous_standby_names",
                running.Elapsed,
                $"COMMIT of {running.Step.FileName} waits for a synchronous standby");
        }
    }

    private void WriteRetry(RetryScheduled retry)
    {
        var why = retry.SqlState == "40P01" ? "was the victim of a deadlock" : "did not get a lock";
        var blockers = retry.Blockers.Count == 0 ? "" : $" ({string.Join("; ", retry.Blockers)})";
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{retry.Step.FileName} {why}{blockers}. Attempt {retry.Attempt} of {retry.Attempts} was rolled back; the "
                + $"next starts in {retry.Pause.TotalSeconds:F1} s.");
        messages.WriteWarning(text);
        Progress(retry.Step, text, "");
    }

    private static string Describe(BlockersEnded ended)
    {
        var verb = ended.Action == BlockerAction.Cancel ? "Cancelled the statement of" : "Terminated";
        var what = ended.Ended.Count == 0 ? "No session was signalled." : $"{verb} {string.Join("; ", ended.Ended)}.";
        return $"{ended.Step.FileName} waits for a lock. {what} {ended.Problem}".TrimEnd();
    }

    private void WriteWait(string holder, TimeSpan waited, string what)
    {
        // CI logs show no progress, so a long wait is also a warning, once.
        var text = holder.Length == 0 ? what : $"{what} ({holder})";
        if (waited >= WarnAfter && !_hasWarnedOfWait)
        {
            _hasWarnedOfWait = true;
            messages.WriteWarning($"{text}, {waited.TotalSeconds:F0} s so far.");
        }

        _hasProgress = true;
        cmdlet.WriteProgress(new ProgressRecord(ActivityId, "PgMigrate", _place + text) { PercentComplete = _percent });
    }

    private void WriteVerbose(MigrationResult result)
    {
        if (isVerbose)
        {
            cmdlet.WriteVerbose(string.Create(CultureInfo.InvariantCulture,
                $"{result.Outcome} {result.FileName}: {Counted.Of(result.StatementCount, "statement")}, "
                    + $"{result.DurationMs:F1} ms"));
        }
    }

    // A slow step keeps its position in the run.
    private void Progress(PlannedStep step, string status, string operation)
    {
        _hasProgress = true;
        cmdlet.WriteProgress(new ProgressRecord(ActivityId, Verb(step) + " migrations", _place + status)
        {
            CurrentOperation = operation,
            PercentComplete = _percent,
        });
    }

    private static string Verb(PlannedStep step) =>
        step.Direction == MigrationDirection.Apply ? "Applying" : "Undoing";

    private static string Describe(NoticeRaised notice) =>
        string.Join(" ", new[] { notice.Message, notice.Detail, notice.Hint }.Where(text =>
            !string.IsNullOrEmpty(text)));
}
