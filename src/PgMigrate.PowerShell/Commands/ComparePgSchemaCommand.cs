using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Base;
using PgMigrate.PowerShell.Binding;

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

    /// <summary>The snapshot that Export-PgSchema -As Snapshot wrote: the schema as it shall be.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SnapshotPath { get; set; }

    /// <summary>Compares only what is in these schemas.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    public string[]? IncludeSchema { get; set; }

    /// <summary>Does not compare what is in these schemas.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    public string[]? ExcludeSchema { get; set; }

    /// <summary>Objects that may differ: a kind and a whole name each, such as 'table public.audit_*'.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? AcceptedDrift { get; set; }

    /// <summary>Compares partitions that only the database has, also those without a definition of their own.</summary>
    [Parameter]
    public SwitchParameter StrictPartitions { get; set; }

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
            ApplySettings();
            var found = SchemaComparer.FindChanges(Reference(), Difference(), ReadOptions());
            if (found.LeftOut.Count > 0)
            {
                WriteVerbose($"Not compared: {string.Join(", ", found.LeftOut)}.");
            }

            WriteEach(found.Changes);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Report(e, null);
        }
    }

    private SchemaComparison ReadOptions() => new()
    {
        IncludePrivileges = IncludePrivileges,
        IncludeOwner = IncludeOwner,
        IncludeSchemas = IncludeSchema ?? [],
        ExcludeSchemas = ExcludeSchema ?? [],
        AcceptedDrift = AcceptedDrift ?? [],
        StrictPartitions = StrictPartitions,
    };

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
            return SnapshotPath is null
                ? given
                : throw new InitializationException(
                    ErrorCodes.ParametersContradict,
                    "-DifferenceSchema and -SnapshotPath name two schemas. Use one of them.");
        }

        if (SnapshotPath is { } file)
        {
            return ReadSnapshot(file);
        }

        var scope = ReadScope();
        return SchemaPath is null && scope.Options.FolderPaths is { Count: > 0 }
            ? Wait(token => SchemaComparer.ReadMigrationsAsync(scope.Options, ReadScratch(scope.Target), token))
            : ReadSchema(scope);
    }
}
