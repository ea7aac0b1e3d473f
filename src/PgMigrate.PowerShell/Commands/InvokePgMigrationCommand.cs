using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;
using PgMigrate.Records;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Applies pending migrations.</summary>
[Cmdlet(
    VerbsLifecycle.Invoke,
    "PgMigration",
    SupportsShouldProcess = true,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Invoke-PgMigration.md")]
[OutputType(typeof(MigrationResult), typeof(MigrationRunSummary), typeof(MigrationStatus))]
public sealed class InvokePgMigrationCommand : PgRunCommand
{
    private const string BaselinePathSet = "Baseline";
    private const string BaselineLiteralPathSet = "BaselineLiteralPath";

    /// <summary>Up to and including this version or name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? Target { get; set; }

    /// <summary>Maximum number of migrations.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Steps { get; set; }

    /// <inheritdoc/>
    [Parameter(Position = 1, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 1, ParameterSetName = BaselinePathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[]? Path { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = BaselineLiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public override string[]? LiteralPath { get; set; }

    /// <summary>Records everything up to and including this version or name as applied, and runs nothing.</summary>
    [Parameter(ParameterSetName = BaselinePathSet, Mandatory = true)]
    [Parameter(ParameterSetName = BaselineLiteralPathSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? Baseline { get; set; }

    /// <summary>What to do with a pending file that sorts before an applied one.</summary>
    [Parameter]
    public OutOfOrderPolicy OutOfOrder { get; set; } = OutOfOrderPolicy.Error;

    /// <summary>All chosen migrations and their records in one transaction: all or nothing.</summary>
    [Parameter]
    public SwitchParameter SingleTransaction { get; set; }

    /// <summary>Starts a history in a database that already has tables.</summary>
    [Parameter]
    public SwitchParameter AllowNonEmpty { get; set; }

    /// <summary>Creates the schema given with -Schema when it is missing.</summary>
    [Parameter]
    public SwitchParameter CreateSchema { get; set; }

    /// <summary>Records the migrations of -Version as applied, after they were finished by hand.</summary>
    [Parameter]
    public SwitchParameter MarkApplied { get; set; }

    /// <summary>Makes interrupted migrations of -Version pending, after they were reverted by hand.</summary>
    [Parameter]
    public SwitchParameter MarkPending { get; set; }

    /// <summary>The reason for the change, for the log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override ConfirmImpact Impact => ConfirmImpact.Medium;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Contradiction() is { } message)
        {
            Fail(new InitializationException(ErrorCodes.ParametersContradict, message), null);
        }
    }

    private string? Contradiction()
    {
        var isMark = MarkApplied || MarkPending;
        string[] choices = [nameof(Target), nameof(Steps), nameof(SingleTransaction)];
        string[] others = [.. choices, nameof(Version), nameof(OutOfOrder), nameof(MarkApplied), nameof(MarkPending)];
        if (Baseline is not null && others.Where(IsOnCommandLine).ToList() is { Count: > 0 } contradicting)
        {
            return $"-Baseline runs nothing, so it cannot be combined with -{string.Join(" and -", contradicting)}.";
        }

        return (MarkApplied && MarkPending) || (isMark && choices.Any(IsOnCommandLine))
            || isMark != (Reason is not null)
            ? "-MarkApplied or -MarkPending needs -Version and -Reason, and no other choice of migrations."
            : null;
    }

    /// <inheritdoc/>
    protected override PlanRequest Request(IReadOnlyList<string>? versions) => new()
    {
        Direction = MigrationDirection.Apply,
        Target = Target,
        Baseline = Baseline,
        Steps = Steps,
        Versions = versions,
        OutOfOrder = OutOfOrder,
        SingleTransaction = SingleTransaction,
        AllowNonEmpty = AllowNonEmpty,
    };

    private protected override bool RunInstead(Migrator migrator, IReadOnlyList<string> versions)
    {
        if (!MarkApplied && !MarkPending)
        {
            return false;
        }

        if (versions.Count == 0)
        {
            throw new InitializationException(
                ErrorCodes.ParametersContradict, "Name the migrations with -Version, or pipe them in.");
        }

        var state = MarkApplied ? "applied, without running them" : "pending, without changing their objects";
        RecordChange change = MarkApplied ? new MarkApplied(versions, Reason!) : new MarkPending(versions, Reason!);
        var plan = Wait(token => migrator.PlanAsync(change, token));
        plan.Require();
        var names = string.Join(", ", plan.Rows.Select(row => row.FileName));
        Confirmation.RequireInteractive(this, Impact);
        if (ShouldProcess($"{names} on {migrator.Connection}", $"Record as {state}"))
        {
            var options = new RunOptions { LockWait = LockWait };
            WriteEach(Wait(token => migrator.RunAsync(plan, options, token)));
        }

        return true;
    }

    private protected override MigratorOptions Complete(MigratorOptions options) =>
        options with { CreateSchema = CreateSchema };
}
