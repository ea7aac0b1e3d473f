using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Connections;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Base;

/// <summary>Adds the parameters that say where scratch databases are made.</summary>
public abstract class PgSchemaCommand : PgDatabaseCommand
{
    /// <summary>Server for scratch databases: Npgsql keywords, or a postgres:// URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ScratchConnection { get; set; }

    /// <summary>Makes scratch databases on the server of the connection, even when it is not local.</summary>
    [Parameter]
    public SwitchParameter ScratchOnTarget { get; set; }

    /// <summary>SQL that describes the desired schema: a file, or a folder of .sql files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SchemaPath { get; set; }

    private protected override void MaskCall(string? secret)
    {
        base.MaskCall(secret);
        if (ScratchConnection is { } scratch)
        {
            CallText.Mask(MyInvocation, scratch, secret);
        }
    }

    private protected string FullSchemaPath => GetUnresolvedProviderPathFromPSPath(SchemaPath);

    private protected ScratchOptions ReadScratch(DatabaseTarget? connection) => new(
        connection,
        ScratchConnection is null
            ? null
            : DatabaseTarget.Resolve(
                new ConnectionInput { ConnectionString = ScratchConnection }, Environment.GetEnvironmentVariable),
        ScratchOnTarget);

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
