using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.PowerShell.Base;

namespace PgMigrate.PowerShell.Commands;

/// <summary>Says what must happen to a schema so that it becomes another one.</summary>
[Cmdlet(
    VerbsData.Compare,
    "PgSchema",
    DefaultParameterSetName = PathSet,
    HelpUri = HelpPages.Root + "Compare-PgSchema.md")]
[OutputType(typeof(SchemaChange))]
public sealed class ComparePgSchemaCommand : PgSchemaCommand
{
    /// <summary>The schema as it is; the database of the connection when it is left out.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNull]
    public PgSchema? ReferenceSchema { get; set; }

    /// <summary>The schema as it shall be; that of -SchemaPath or -Path when it is left out.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PgSchema? DifferenceSchema { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[]? Path { get; set; }

    /// <summary>Compares privileges as well.</summary>
    [Parameter]
    public SwitchParameter IncludePrivileges { get; set; }

    /// <summary>Compares owners as well.</summary>
    [Parameter]
    public SwitchParameter IncludeOwner { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var options = new SchemaComparison { IncludePrivileges = IncludePrivileges, IncludeOwner = IncludeOwner };
            WriteEach(SchemaComparer.Compare(Reference(), Difference(), options));
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, null);
        }
    }

    private PgSchema Reference()
    {
        if (ReferenceSchema is { } given)
        {
            return given;
        }

        var scope = ReadScope();
        return Wait(token => SchemaComparer.ReadDatabaseAsync(scope.Target, scope.Options, token));
    }

    private PgSchema Difference()
    {
        if (DifferenceSchema is { } given)
        {
            return given;
        }

        var scope = ReadScope();
        return SchemaPath is null && scope.Options.FolderPaths is { Count: > 0 }
            ? Wait(token => SchemaComparer.ReadMigrationsAsync(scope.Options, ReadScratch(scope.Target), token))
            : ReadSchema(scope);
    }
}
