using System.Collections;
using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Execution;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;

namespace PgMigrate.PowerShell.Base;

/// <summary>Plans, asks, runs and reports: what applying and undoing have in common.</summary>
public abstract class PgRunCommand : PgDatabaseCommand
{
    private readonly PipedSelection _selection = new();

    /// <summary>Exactly these migrations, by version or name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[]? Version { get; set; }

    /// <summary>How long another run's lock is waited for, in seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int LockWait { get; set; } = 60;

    /// <summary>Values of {{vars.name}}; a SecureString is never shown.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Variable { get; set; }

    /// <summary>One summary instead of a result per step.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>What the parameters ask for; <paramref name="versions"/> is an exact choice, or null.</summary>
    protected abstract PlanRequest Request(IReadOnlyList<string>? versions);

    /// <summary>Whether a step that is not confirmed beforehand would be asked about.</summary>
    protected abstract ConfirmImpact Impact { get; }

    /// <summary>Piped statuses are collected; folders, tenants and the plain call run at once.</summary>
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

            RunTarget(scope.Target, scope.Options, Version);
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
        var writer = new EventWriter(this, IsVerbose);
        var report = new RunReport(target, options);
        try
        {
            var migrator = Wait(token => Migrator.OpenAsync(target, Complete(options), token));
            try
            {
                report.Describe(migrator);
                var values = PlaceholderVariables.Read(Variable, options.Schema);
                if (!RunInstead(migrator, versions ?? []))
                {
                    Run(migrator, Request(versions) with { Placeholders = values }, writer, report);
                }
            }
            finally
            {
                writer.Complete();
                Wait(_ => migrator.DisposeAsync().AsTask());
            }

            if (Summary && report.Plan is not null)
            {
                WriteObject(report.ToSummary(writer.Results));
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, report.ToSummary(writer.Results, e));
        }
    }

    /// <summary>Lets a cmdlet add what only it knows.</summary>
    private protected virtual MigratorOptions Complete(MigratorOptions options) => options;

    /// <summary>Lets a cmdlet do something else than run a plan; answers whether it did.</summary>
    private protected virtual bool RunInstead(Migrator migrator, IReadOnlyList<string> versions) => false;

    private void Run(Migrator migrator, PlanRequest request, EventWriter writer, RunReport report)
    {
        var plan = Wait(token => migrator.PlanAsync(request, token));
        report.Plan = plan;
        foreach (var problem in plan.Problems.Where(problem => problem.Severity == ProblemSeverity.Warning))
        {
            WriteWarning(problem.ToString());
        }

        if (plan.IsBlocked)
        {
            throw PlanBlockedException.For(plan.Errors);
        }

        if (plan.IsEmpty)
        {
            WriteVerbose(plan.Pending == 0
                ? $"Nothing to do: {migrator.Connection} is up to date."
                : $"Nothing to do: none of the {plan.Pending} pending migrations was chosen.");
            return;
        }

        var accepted = Ask(plan, migrator, writer, report);
        report.Accepted = accepted;
        if (accepted > 0)
        {
            var options = new RunOptions { LockWait = TimeSpan.FromSeconds(LockWait) };
            Pump(
                token => migrator.RunAsync(plan.Until(accepted), options, token),
                happened => writer.Write(happened, WriteResult));
        }
    }

    private void WriteResult(MigrationResult result)
    {
        if (!Summary)
        {
            WriteObject(result);
        }
    }

    // Asked before the lock is taken: nobody waits for an answer while holding it.
    private int Ask(MigrationPlan plan, Migrator migrator, EventWriter writer, RunReport report)
    {
        Confirmation.RequireInteractive(this, Impact);
        var accepted = 0;
        foreach (var step in plan.Steps)
        {
            var sentence = StepSentence.For(step, plan.OtherWriters);
            if (ShouldProcess(sentence, $"{sentence}?", $"PgMigrate on {migrator.Connection}", out var reason))
            {
                accepted++;
            }
            else if (reason == ShouldProcessReason.WhatIf)
            {
                report.IsPreview = true;
                var preview = report.Preview(step, writer.Results.Count + 1);
                writer.Results.Add(preview);
                WriteResult(preview);
            }
            else
            {
                // Order is meaning: a step that is declined ends the plan there, and where all share a transaction, all of it.
                report.IsDeclined = true;
                return step.SharesTransaction || step.IsRecordOnly ? 0 : accepted;
            }
        }

        return accepted;
    }
}
