using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Writes a schema as SQL that creates it in an empty database.</summary>
[Cmdlet(
    VerbsData.Export,
    "PgSchema",
    SupportsShouldProcess = true,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Export-PgSchema.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportPgSchemaCommand : PgSchemaCommand
{
    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string OutFile { get; set; } = "";

    /// <summary>The schema; that of -SchemaPath, -Path or the connection when it is left out.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public PgSchema? InputObject { get; set; }

    /// <summary>Writes GRANT and REVOKE as well.</summary>
    [Parameter]
    public SwitchParameter IncludePrivileges { get; set; }

    /// <summary>Writes OWNER TO as well.</summary>
    [Parameter]
    public SwitchParameter IncludeOwner { get; set; }

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var path = GetUnresolvedProviderPathFromPSPath(OutFile);
            // Before a scratch database is made for it.
            SchemaFile.RequireFree(path, Force);
            var schema = InputObject ?? ReadSchema(ReadScope());
            var options = new SchemaComparison { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner };
            if (ShouldProcess(path, "Write the schema"))
            {
                var text = SchemaComparer.ExportText(schema, options);
                Wait(token => SchemaFile.WriteAsync(path, text, Force, token));
                WriteObject(InvokeProvider.Item.Get([path], true, true), true);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, OutFile);
        }
    }
}
