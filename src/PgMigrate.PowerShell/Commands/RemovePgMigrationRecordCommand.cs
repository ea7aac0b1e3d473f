using System.Management.Automation;
using PgMigrate.Errors;
using PgMigrate.Execution;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Deletes rows of the tracking table and touches no other object.</summary>
[Cmdlet(
    VerbsCommon.Remove,
    "PgMigrationRecord",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = PathSet)]
[OutputType(typeof(MigrationStatus))]
public sealed class RemovePgMigrationRecordCommand : PgDatabaseCommand
{
    private readonly PipedSelection _selection = new();

    /// <summary>Which records, by version or name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MigrationCompleter))]
    public string[] Version { get; set; } = [];

    /// <summary>How long another run's lock is waited for, in seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int LockWait { get; set; } = 60;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var scope = ReadScope();
            _selection.Add(scope.Target, scope.Options, Version);
        }
        catch (PgMigrateException e)
        {
            ReportOnce(e);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (IsMismatched)
        {
            return;
        }

        foreach (var (target, options, versions) in _selection.Groups)
        {
            try
            {
                Remove(target, options, versions);
            }
            catch (Exception e) when (IsExpected(e))
            {
                Report(e, null);
            }
        }
    }

    private void Remove(DatabaseTarget target, MigratorOptions options, IReadOnlyList<string> versions)
    {
        var migrator = Wait(token => Migrator.OpenAsync(target, options, token));
        try
        {
            var rows = Wait(token => migrator.FindRecordsAsync(versions, token));
            Confirmation.RequireInteractive(this, ConfirmImpact.High);
            var accepted = rows.Where(row => ShouldProcess(
                $"{row.FileName} (applied {row.AppliedAt:u}) in {row.Schema}.{row.HistoryTable} of {target}",
                "Remove the record, leave the objects")).ToList();
            if (accepted.Count > 0)
            {
                var wanted = accepted.ConvertAll(row => row.FileName);
                var wait = new RunOptions { LockWait = TimeSpan.FromSeconds(LockWait) };
                WriteEach(Wait(token => migrator.RemoveRecordsAsync(wanted, wait, token)));
            }
        }
        finally
        {
            Wait(_ => migrator.DisposeAsync().AsTask());
        }
    }
}
