using System.Management.Automation;
using PgMigrate.Execution;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Applies pending migrations.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "PgMigration", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(MigrationResult), typeof(MigrationRunSummary))]
public sealed class InvokePgMigrationCommand : PgRunCommand
{
    /// <summary>Up to and including this version or name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? Target { get; set; }

    /// <summary>At most so many.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Steps { get; set; }

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

    /// <inheritdoc/>
    protected override ConfirmImpact Impact => ConfirmImpact.Medium;

    /// <inheritdoc/>
    protected override PlanRequest Request(IReadOnlyList<string>? versions) => new()
    {
        Direction = MigrationDirection.Apply,
        Target = Target,
        Steps = Steps,
        Versions = versions,
        OutOfOrder = OutOfOrder,
        SingleTransaction = SingleTransaction,
        AllowNonEmpty = AllowNonEmpty,
    };

    private protected override MigratorOptions Complete(MigratorOptions options) =>
        options with { CreateSchema = CreateSchema };
}
