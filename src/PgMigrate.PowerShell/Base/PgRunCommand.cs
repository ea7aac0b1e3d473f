using System.Collections;
using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Base;

/// <summary>Plans, prompts, runs and reports: the common part of applying and undoing.</summary>
public abstract class PgRunCommand : PgDatabaseCommand
{
    private readonly PipedSelection _selection = new();

    /// <summary>Exactly these migrations, by version or name.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <summary>How long to wait for the lock of another run.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan LockWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a statement waits for a table or row that another session has locked.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The same for index builds, drops and detaches CONCURRENTLY.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan ConcurrentLockTimeout { get; set; }

    /// <summary>How long a statement may run.</summary>
    [Parameter]
    [DurationTransformation(MaxSeconds = 2000000)]
    public TimeSpan? StatementTimeout { get; set; }

    /// <summary>How long a transaction may last; PostgreSQL 17 and newer.</summary>
    [Parameter]
    [DurationTransformation(MaxSeconds = 2000000)]
    public TimeSpan? TransactionTimeout { get; set; }

    /// <summary>How often a migration is retried after a lock failure.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int LockRetry { get; set; } = 10;

    /// <summary>What to do about sessions that block a migration.</summary>
    [Parameter]
    public BlockerAction OnBlocker { get; set; }

    /// <summary>Values of {{vars.name}}; a SecureString is never shown.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Variable { get; set; }

    /// <summary>One summary instead of a result per step.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>Each result lists the objects that the migration changed.</summary>
    [Parameter]
    public SwitchParameter IncludeChanges { get; set; }

    /// <summary>The request of the parameters; <paramref name="versions"/> is an exact choice, or null.</summary>
    protected abstract PlanRequest Request(IReadOnlyList<string>? versions);

    /// <summary>Whether a step prompts, unless it is confirmed beforehand.</summary>
    protected abstract ConfirmImpact Impact { get; }

    /// <summary>Piped statuses are collected; folders, tenants and a call without input run immediately.</summary>
    protected override void ProcessRecord()
    {
        var isPipedChoice = MyInvocation.ExpectingInput && Version is not null && !IsOnCommandLine(nameof(Version));
        try
        {
            var scope = ReadScope();
            if (isPipedChoice)
            {
                _selection.Add(scope.Target, scope.Options, Version!);
                return;
            }

            // Statuses of one history arrive one by one, but together with the command line they are one choice.
            if (!MyInvocation.ExpectingInput || Version is null || _selection.IsFirst(scope.Target, scope.Options))
            {
                RunTarget(scope.Target, scope.Options, Version);
            }
        }
        catch (PgMigrateException e)
        {
            ReportOnce(e);
        }
    }

    /// <summary>Runs what was collected, one target after the other.</summary>
    protected override void EndProcessing()
    {
        if (IsMismatched)
        {
            return;
        }

        foreach (var (target, options, versions) in _selection.Groups)
        {
            RunTarget(target, options, versions);
        }
    }

    private void RunTarget(DatabaseTarget target, MigratorOptions options, IReadOnlyList<string>? versions)
    {
        var writer = new EventWriter(this, new HeldMessages(this), IsVerbose, CI);
        var report = new RunCollector(RunOrigin.Of(options, target.Connection));
        string? choice = null;
        try
        {
            var migrator = Wait(token => Migrator.OpenAsync(target, Complete(options), token));
            try
            {
                var values = PlaceholderVariables.Read(Variable, options.Schema);
                (versions, choice) = versions is null ? (null, null) : VersionPattern.Expand(
                    versions, () => Wait(token => migrator.GetStatusAsync(false, token)).Migrations);
                if (!RunInstead(migrator, versions ?? []))
                {
                    Run(migrator, (Request(versions) with { Placeholders = values }, choice), writer, report);
                }
            }
            finally
            {
                // The session first: writing progress throws when the pipeline was stopped.
                Wait(_ => migrator.DisposeAsync().AsTask());
                writer.Complete();
            }

            if (report.Plan is not null && (Summary || CI.IsOn))
            {
                var run = report.ToSummary(writer.Results);
                CI.Summarise(run, report.NotReached(writer.Results));
                if (Summary)
                {
                    WriteObject(run);
                }
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            var run = report.ToSummary(writer.Results, e);
            CI.Summarise(run, report.NotReached(writer.Results));
            Report(e, run);
        }
    }

    /// <summary>Lets a cmdlet extend the request.</summary>
    private protected virtual MigratorOptions Complete(MigratorOptions options) => options;

    /// <summary>Lets a cmdlet do something other than run a plan; returns whether it did.</summary>
    private protected virtual bool RunInstead(Migrator migrator, IReadOnlyList<string> versions) => false;

    private void Run(
        Migrator migrator, (PlanRequest Request, string? Choice) wanted, EventWriter writer, RunCollector report)
    {
        migrator.Require(ReadOptions());
        var plan = Wait(token => migrator.PlanAsync(wanted.Request, token));
        report.Plan = plan;
        WriteProblems(plan.Problems);

        if (plan.IsBlocked)
        {
            throw PlanBlockedException.For(plan.Errors);
        }

        if (plan.IsEmpty)
        {
            TellNothingDone(NothingToDo.Sentence(plan, migrator));
            return;
        }

        var accepted = Ask(plan, migrator, writer, (report, Caption(migrator, wanted.Choice)));
        // After all lines for the host: rows between them would break the table apart.
        writer.Results.ForEach(WriteResult);
        report.Accepted = accepted;
        if (accepted > 0)
        {
            Pump(
                token => IncludeChanges
                    ? ObservedRun.RunAsync(migrator, plan.Until(accepted), ReadOptions(), token)
                    : migrator.RunAsync(plan.Until(accepted), ReadOptions(), token),
                happened => writer.Write(happened, WriteResult));
            // After a failure they are not written: its error ends the command.
            writer.Release();
            if (writer.Results.Count == 0)
            {
                TellNothingDone(NothingToDo.Meanwhile(migrator));
            }
        }
    }

    // A summary contains the same.
    private void TellNothingDone(string sentence)
    {
        if (!Summary)
        {
            Tell(sentence);
        }
    }

    private RunOptions ReadOptions() => new()
    {
        LockWait = LockWait,
        LockTimeout = LockTimeout,
        ConcurrentLockTimeout = ConcurrentLockTimeout,
        StatementTimeout = StatementTimeout,
        TransactionTimeout = TransactionTimeout,
        LockRetry = LockRetry,
        OnBlocker = OnBlocker,
    };

    private void WriteResult(MigrationResult result)
    {
        if (!Summary)
        {
            WriteObject(result);
        }
    }

    // A separate question: agreement to the migration is not agreement to ending other sessions.
    private bool MayEndSessions(Migrator migrator) =>
        OnBlocker is not (BlockerAction.Cancel or BlockerAction.Terminate)
        || Confirmation.AskHigh(
            this,
            (OnBlocker == BlockerAction.Cancel ? "Cancel the statements of" : "End")
                + $" sessions that keep a migration from a lock, on {migrator.Connection}. Superusers, replication, "
                + "autovacuum and other runs of PgMigrate are skipped");

    // The title of a prompt; the choice lists what the patterns of -Version match.
    private static string Caption(Migrator migrator, string? choice) =>
        $"PgMigrate on {migrator.Connection}{(choice is null ? "" : $": {choice}")}";

    // Prompted before the lock is acquired: no prompt is open while the lock is held.
    private int Ask(
        MigrationPlan plan, Migrator migrator, EventWriter writer, (RunCollector Report, string Caption) run)
    {
        Confirmation.RequireInteractive(this, Impact);
        if (!MayEndSessions(migrator))
        {
            run.Report.IsDeclined = true;
            return 0;
        }

        var accepted = 0;
        foreach (var step in plan.Steps)
        {
            var sentence = StepSentence.For(step, plan.OtherWriters);
            if (step.IsRecordedScript && plan.OtherWriters.Count > 0 && !Confirmation.WouldPrompt(this, Impact))
            {
                // Recorded text that others could have changed runs only after it was shown, and no prompt will show
                // it.
                WriteWarning(PasswordMask.Apply(sentence));
            }

            if (ShouldProcess(sentence, $"{sentence}?", run.Caption, out var reason))
            {
                accepted++;
            }
            else if (reason == ShouldProcessReason.WhatIf)
            {
                run.Report.IsPreview = true;
                writer.Results.Add(run.Report.Preview(step, writer.Results.Count + 1));
            }
            else
            {
                // Order matters: a declined step ends the plan there, and where all steps share a transaction, the
                // whole plan.
                run.Report.IsDeclined = true;
                return step.SharesTransaction || step.IsRecordOnly ? 0 : accepted;
            }
        }

        return accepted;
    }
}
