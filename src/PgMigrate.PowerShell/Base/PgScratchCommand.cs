using System.Management.Automation;
using PgMigrate.Autogenerate;
using PgMigrate.Connections;
using PgMigrate.PowerShell.Binding;

namespace PgMigrate.PowerShell.Base;

/// <summary>Adds the parameters that say where scratch databases are made.</summary>
public abstract class PgScratchCommand : PgDatabaseCommand
{
    private static readonly string[] DatabaseVariables = ["DATABASE_URL", "PGSERVICE", "PGHOST", "PGDATABASE"];

    /// <summary>Server for scratch databases: Npgsql keywords, or a postgres:// URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ScratchConnection { get; set; }

    /// <summary>Makes scratch databases on the server of the connection, even when it is not local.</summary>
    [Parameter]
    public SwitchParameter ScratchOnTarget { get; set; }

    /// <summary>True when a parameter or a variable names the database, so that it is not the login's own.</summary>
    private protected bool NamesDatabase =>
        ConnectionString is not null || ConnectionName is not null || Connection is not null || HostName is not null
        || Port is not null || Database is not null
        || Array.Exists(DatabaseVariables, name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>True when a parameter or the variable names the server of scratch databases.</summary>
    private protected bool NamesScratchServer => ScratchConnection is not null
        || Environment.GetEnvironmentVariable(ScratchOptions.ServerVariable) is not null;

    private protected override void MaskCall(string? secret)
    {
        base.MaskCall(secret);
        if (ScratchConnection is { } scratch)
        {
            CallText.Mask(MyInvocation, scratch, secret);
        }
    }

    private protected ScratchOptions ReadScratch(DatabaseTarget? connection) => new(
        connection,
        ScratchConnection is null
            ? null
            : DatabaseTarget.Resolve(
                new ConnectionInput { ConnectionString = ScratchConnection }, Environment.GetEnvironmentVariable),
        ScratchOnTarget);
}
