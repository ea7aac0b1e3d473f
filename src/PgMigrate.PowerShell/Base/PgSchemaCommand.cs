using System.Management.Automation;
using PgMigrate.Autogenerate;

namespace PgMigrate.PowerShell.Base;

/// <summary>Adds the desired schema.</summary>
public abstract class PgSchemaCommand : PgScratchCommand
{
    /// <summary>SQL that describes the desired schema: a file, or a folder of .sql files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SchemaPath { get; set; }

    private protected string FullSchemaPath => GetUnresolvedProviderPathFromPSPath(SchemaPath);

    /// <summary>The schema that -SchemaPath, -Path or the connection names, in this order.</summary>
    private protected PgSchema ReadSchema(Scope scope)
    {
        if (SchemaPath is not null)
        {
            return Wait(token => SchemaComparer.ReadSqlAsync(FullSchemaPath, ReadScratch(scope.Target), token));
        }

        return IsOnCommandLine(nameof(Path)) || IsOnCommandLine(nameof(LiteralPath))
            ? Wait(token => SchemaComparer.ReadMigrationsAsync(scope.Options, ReadScratch(scope.Target), token))
            : Wait(token => SchemaComparer.ReadDatabaseAsync(scope.Target, scope.Options, token));
    }
}
