using System.Management.Automation;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Reads the schema of a database, of SQL files, or of a migrations folder.</summary>
[Cmdlet(VerbsCommon.Get, "PgSchema", DefaultParameterSetName = PathSet, HelpUri = HelpPages.Root + "Get-PgSchema.md")]
[OutputType(typeof(PgSchema))]
public sealed class GetPgSchemaCommand : PgSchemaCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(ReadSchema(ReadScope()));
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, null);
        }
    }
}
