using System.Management.Automation;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Reads the schema of a database, of SQL files, of a migrations folder, or of a snapshot.</summary>
[Cmdlet(VerbsCommon.Get, "PgSchema", DefaultParameterSetName = PathSet, HelpUri = HelpPages.Root + "Get-PgSchema.md")]
[OutputType(typeof(PgSchema))]
public sealed class GetPgSchemaCommand : PgSchemaCommand
{
    /// <summary>File that Export-PgSchema -As Snapshot wrote. It is read without a database.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SnapshotPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(SnapshotPath is { } file ? ReadSnapshot(file) : ReadSchema(ReadScope()));
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, SnapshotPath);
        }
    }
}
