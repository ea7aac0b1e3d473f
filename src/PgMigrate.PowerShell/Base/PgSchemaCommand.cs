using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Base;

/// <summary>Adds the desired schema.</summary>
public abstract class PgSchemaCommand : PgScratchCommand
{
    /// <summary>SQL that describes the desired schema: a file, or a folder of .sql files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SchemaPath { get; set; }

    private protected string FullSchemaPath => GetUnresolvedProviderPathFromPSPath(SchemaPath);

    /// <summary>The schema of a snapshot. Another way to name a schema beside it contradicts it.</summary>
    /// <exception cref="PgMigrateException">There is another one, or the file is no snapshot.</exception>
    private protected PgSchema ReadSnapshot(string path)
    {
        string[] others = [nameof(SchemaPath), nameof(Path), nameof(LiteralPath)];
        return Array.Find(others, IsOnCommandLine) is { } other
            ? throw new InitializationException(
                ErrorCodes.ParametersContradict, $"-SnapshotPath and -{other} name two schemas. Use one of them.")
            : Wait(token => SchemaComparer.ReadSnapshotAsync(GetUnresolvedProviderPathFromPSPath(path), token));
    }

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
