using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Writes a schema as SQL that creates it in an empty database, or as a snapshot.</summary>
[Cmdlet(
    VerbsData.Export,
    "PgSchema",
    SupportsShouldProcess = true,
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Export-PgSchema.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportPgSchemaCommand : PgSchemaCommand
{
    private const int MostNamed = 3;

    /// <summary>The file.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <summary>A folder for one file an object, instead of one file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFolder { get; set; }

    /// <summary>How the schema is written.</summary>
    [Parameter]
    public SchemaExportFormat As { get; set; }

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

    private SchemaComparison Options =>
        new() { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            if (OutFile is null == OutFolder is null || (OutFolder is not null && As != SchemaExportFormat.Sql))
            {
                throw new InitializationException(
                    ErrorCodes.ParametersContradict,
                    "Name either a file with -OutFile, or a folder for SQL with -OutFolder; a snapshot is one file.");
            }

            var path = GetUnresolvedProviderPathFromPSPath(OutFile ?? OutFolder);
            if (OutFile is not null)
            {
                WriteFile(path);
            }
            else
            {
                WriteFolder(path);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, OutFile ?? OutFolder);
        }
    }

    private void WriteFile(string path)
    {
        // Before a scratch database is made for it.
        SchemaFile.RequireFree(path, Force);
        var schema = InputObject ?? ReadSchema(ReadScope());
        if (ShouldProcess(path, "Write the schema"))
        {
            var text = As == SchemaExportFormat.Snapshot
                ? SchemaComparer.ExportSnapshot(schema)
                : SchemaComparer.ExportText(schema, Options);
            Wait(token => SchemaFile.WriteAsync(path, text, Force, token));
            WriteItem(path);
        }
    }

    private void WriteFolder(string folder)
    {
        SchemaFolder.RequireFree(folder, Force);
        var schema = InputObject ?? ReadSchema(ReadScope());
        var plan = SchemaFolder.Plan(folder, SchemaComparer.ExportFiles(schema, Options), Force);
        if (plan.Foreign.Count > 0)
        {
            WriteWarning(
                $"{plan.Foreign.Count} SQL files in '{folder}' were not written by an export. They stay, and "
                    + $"-SchemaPath reads them too: {string.Join(", ", plan.Foreign.Take(MostNamed))}"
                    + (plan.Foreign.Count > MostNamed ? ", …" : "."));
        }

        var stale = plan.Stale.Where(path => ShouldProcess(path, "Remove the file of an object that is gone")).ToList();
        if (ShouldProcess(folder, $"Write {plan.Files.Count} files, of which {plan.Changed.Count} are new or change"))
        {
            Wait(token => plan.WriteAsync(stale, token));
            foreach (var path in plan.Files)
            {
                WriteItem(path);
            }
        }
    }

    // Through the provider, so that the object has the paths that other cmdlets bind; a name may have brackets.
    private void WriteItem(string path) => WriteObject(InvokeProvider.Item.Get([path], true, true), true);
}
