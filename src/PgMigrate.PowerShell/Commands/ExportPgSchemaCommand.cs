using System.Management.Automation;
using System.Text;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
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
            var schema = InputObject ?? ReadSchema(ReadScope());
            var options = new SchemaComparison { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner };
            var text = SchemaComparer.ExportText(schema, options);
            var path = GetUnresolvedProviderPathFromPSPath(OutFile);
            if (File.Exists(path) && !Force)
            {
                throw new MigrationCreationException(
                    ErrorCodes.FileNotWritten,
                    $"The file '{path}' is there already. Add -Force to replace it, or name another one with "
                        + $"-OutFile.");
            }

            if (ShouldProcess(path, "Write the schema"))
            {
                Write(path, text);
                WriteObject(InvokeProvider.Item.Get([path], true, true), true);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, OutFile);
        }
    }

    // A full disk leaves the old file as it was.
    private static void Write(string path, string text)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var part = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(path)}.{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(part, text, new UTF8Encoding(false));
            File.Move(part, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(part);
            throw new MigrationCreationException(
                ErrorCodes.FileNotWritten, $"The file '{path}' could not be written: {e.Message}", e);
        }
    }
}
