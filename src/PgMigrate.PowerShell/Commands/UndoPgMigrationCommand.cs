using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Runs the DOWN scripts of applied migrations, newest first.</summary>
[Cmdlet(
    VerbsCommon.Undo,
    "PgMigration",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Undo-PgMigration.md")]
[OutputType(typeof(MigrationResult), typeof(MigrationRunSummary))]
public sealed class UndoPgMigrationCommand : PgRunCommand
{
    /// <summary>Back to this version or name, which stays applied.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? Target { get; set; }

    /// <summary>Number of steps, newest first; one by default.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Steps { get; set; }

    /// <summary>Everything.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>The first version of a range, which is included; it need not exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? From { get; set; }

    /// <summary>The last version of a range, which is included; it need not exist.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string? To { get; set; }

    /// <summary>Which DOWN text to use when file and record differ.</summary>
    [Parameter]
    [ValidateSet(nameof(UndoSource.File), nameof(UndoSource.Recorded))]
    public UndoSource UndoSource { get; set; }

    /// <inheritdoc/>
    protected override ConfirmImpact Impact => ConfirmImpact.High;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        // The two ends of a range are one choice.
        var choices = new[] { nameof(Target), nameof(Steps), nameof(All), nameof(Version), nameof(From), nameof(To) }
            .Where(IsOnCommandLine).ToList();
        if (choices.Count > 1 && choices is not [nameof(From), nameof(To)])
        {
            Fail(
                new Errors.InitializationException(
                    ErrorCodes.ParametersContradict,
                    $"-{string.Join(" and -", choices)} contradict each other. Use only one."),
                null);
        }
    }

    /// <inheritdoc/>
    protected override PlanRequest Request(IReadOnlyList<string>? versions) => new()
    {
        Direction = MigrationDirection.Undo,
        Target = Target,
        Steps = Steps,
        Versions = versions,
        Range = From is null && To is null ? null : new VersionBounds(From, To),
        All = All,
        UndoSource = UndoSource,
    };
}
