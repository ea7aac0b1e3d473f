using System.Management.Automation;
using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.PowerShell.Binding;
using PgMigrate.PowerShell.Output;
using PgMigrate.Runs;

namespace PgMigrate.PowerShell.Base;

/// <summary>Adds the parameters that name a database, a folder and a history.</summary>
public abstract class PgDatabaseCommand : PgMigrateCommand
{
    /// <summary>Parameter set in which the folder may contain wildcards.</summary>
    protected const string PathSet = "Path";

    /// <summary>Parameter set in which it is literal.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    private const string DefaultTable = "schema_migrations";

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _commandLine = [];

    /// <summary>Npgsql keywords, libpq keywords, or a postgres:// URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    /// <summary>Host name, address or socket directory.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>TCP port.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Database name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DatabaseName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string? Database { get; set; }

    /// <summary>
    /// Login name without a password, which is read from PGPASSWORD or .pgpass when the server asks for one.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Login and password; overrides every source.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>
    /// Returns the password for each login, so that a token is always fresh; overrides every other password.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? TokenProvider { get; set; }

    /// <summary>TLS mode; overrides every source.</summary>
    [Parameter]
    public SslMode? SslMode { get; set; }

    /// <summary>Reads DATABASE_URL_NAME, and the subfolder of that name when it exists.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9_]+$")]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public string? ConnectionName { get; set; }

    /// <summary>Connection of a piped object. An object, so that a lost connection differs from none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public PSObject? Connection { get; set; }

    /// <summary>
    /// Migrations folders, read as one set. A piped object names all folders of its set, and also its own folder.
    /// </summary>
    [Parameter(Position = 1, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Folders", "Folder")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public virtual string[]? Path { get; set; }

    /// <summary>Migrations folders, without wildcards.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public virtual string[]? LiteralPath { get; set; }

    /// <summary>Keeps histories apart within one tracking table.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleCompleter))]
    public string? Module { get; set; }

    /// <summary>Schema of the tracking table, put in front of search_path.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    public string? Schema { get; set; }

    /// <summary>Name of the tracking table.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Table")]
    [ValidateNotNullOrEmpty]
    public string? HistoryTable { get; set; }

    /// <summary>Role of the run, of which the login is a member.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Role { get; set; }

    /// <summary>Also accepts files without a version, after all others.</summary>
    [Parameter]
    public SwitchParameter AllowUnversioned { get; set; }

    /// <summary>The database and the options of one piped object, or of a call without input.</summary>
    private protected sealed record Scope(DatabaseTarget Target, MigratorOptions Options);

    /// <summary>Hides a literal password from the line that the error view prints.</summary>
    protected override void BeginProcessing()
    {
        // At this point only the command line is bound; piped properties come with each object.
        _commandLine = [.. MyInvocation.BoundParameters.Keys];
        base.BeginProcessing();
        MaskCall(null);
        if (Credential is { UserName: null })
        {
            Fail(
                new ConnectionException(
                    ErrorCodes.ConnectionInvalid,
                    "-Credential is empty: it has no user name. Get one with Get-Credential, or remove -Credential "
                        + "to log in with the other settings of the connection."),
                null);
        }
    }

    private protected override void MaskCall(string? secret) =>
        CallText.Mask(MyInvocation, ConnectionString ?? Connection?.BaseObject as string, Password, secret);

    // [pscredential]::Empty throws when its password is read.
    private string? Password =>
        Credential is { UserName: not null } given ? given.GetNetworkCredential().Password : null;

    /// <summary>Reads the bound parameters; a folder that is given need not be there.</summary>
    /// <exception cref="PgMigrateException">They contradict each other, or the folder cannot be found.</exception>
    private protected Scope ReadScope(string? folder = null)
    {
        ApplySettings();
        var target = ReadTarget();
        WriteVerbose($"Connection: {target} from {target.Source}.");
        var options = new MigratorOptions
        {
            FolderPaths = folder is not null ? [folder] : ReadFolders(),
            Module = Module,
            // A piped object has the schema that it was read with, and public equals none.
            Schema = Schema == "public" && !IsOnCommandLine(nameof(Schema)) ? null : Schema,
            HistoryTable = HistoryTable ?? DefaultTable,
            AllowUnversioned = AllowUnversioned,
            Role = Role,
        };
        return new Scope(target, options);
    }

    // A piped object names existing folders: brackets in them are no wildcards.
    private protected IReadOnlyList<string> ReadFolders() => FolderPath.Resolve(
        this, Path, IsOnCommandLine(nameof(Path)) ? LiteralPath : LiteralPath ?? Path, ConnectionName);

    /// <summary>True when the user wrote the parameter, so that no piped object set it.</summary>
    protected bool IsOnCommandLine(string parameter) =>
        _commandLine.Contains(parameter, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reports an error: it ends the command, or this target when objects are piped in.</summary>
    protected void Report(Exception exception, object? target)
    {
        target ??= Summarise(exception);
        if (MyInvocation.ExpectingInput)
        {
            var record = ErrorRecords.From(exception, target);
            if (target is MigrationRunSummary { Connection: not null } run)
            {
                // With many databases, the order of the errors does not show which database one belongs to.
                record.ErrorDetails = new ErrorDetails(ConsoleText.Guard(
                    $"{record.Exception.Message}{Environment.NewLine}(Module {run.Module}, schema {run.Schema}, on "
                        + $"{run.Connection}.)"));
            }

            WriteError(record);
        }
        else
        {
            Fail(exception, target);
        }
    }

    private protected override MigrationRunSummary Summarise(Exception exception) => RunCollector.OfFailure(
        exception,
        RunOrigin.Of(
            new MigratorOptions { Module = Module, Schema = Schema, HistoryTable = HistoryTable ?? DefaultTable },
            Connection?.BaseObject as Connection));

    /// <summary>
    /// True when a piped object belongs to another target: a choice that failed in one part must not run in the other
    /// parts.
    /// </summary>
    private protected bool IsMismatched { get; private set; }

    /// <summary>As <see cref="Report"/>, but only once: hundreds of piped objects can share one mistake.</summary>
    private protected void ReportOnce(PgMigrateException exception)
    {
        IsMismatched |= exception.Code == ErrorCodes.TargetMismatch;
        if (_reported.Add(exception.Message))
        {
            Report(exception, null);
        }
    }

    private DatabaseTarget ReadTarget()
    {
        var input = ReadConnection();
        var isNamedByString = ConnectionString is not null || ConnectionName is not null;
        if (!isNamedByString || IsAnyOnCommandLine(nameof(HostName), nameof(Port), nameof(Database)))
        {
            return DatabaseTarget.Resolve(input, Environment.GetEnvironmentVariable);
        }

        // With a connection string, properties of a piped object do not choose the database. If the object names a
        // server and a database, they have to match; a property that is only called Database can be anything.
        var target = DatabaseTarget.Resolve(
            input with { HostName = null, Port = null, Database = null }, Environment.GetEnvironmentVariable);
        return HostName is null || IsNamedByParts(target.Connection)
            ? target
            : throw new ConnectionException(
                ErrorCodes.TargetMismatch,
                $"The piped object names the database '{Database}' on '{HostName}', but "
                    + $"{(ConnectionName is null ? "-ConnectionString" : "-ConnectionName")} names {target}. Nothing "
                    + $"was run. Remove that parameter to use what the object names, or remove HostName, Port and "
                    + "Database from the object.");
    }

    private bool IsNamedByParts(Connection target) =>
        string.Equals(HostName, target.HostName, StringComparison.OrdinalIgnoreCase)
        && (Port is null || Port == target.Port)
        && (Database is null || Database == target.Database);

    private bool IsAnyOnCommandLine(params string[] parameters) => Array.Exists(parameters, IsOnCommandLine);

    // With two names for one login it would be unclear whose password is sent.
    private string? ReadUserName()
    {
        if (UserName is { } name && Credential is { } credential && name != credential.UserName)
        {
            throw new ConnectionException(
                ErrorCodes.ConnectionAmbiguous,
                $"-UserName '{name}' and -Credential (of '{credential.UserName}') name two logins. Use only "
                    + "-Credential, which has a user and a password; or only -UserName, for a password from "
                    + "PGPASSWORD or .pgpass.");
        }

        return UserName ?? Credential?.UserName;
    }

    private ConnectionInput ReadConnection()
    {
        var piped = Connection?.BaseObject as Connection;
        if (Connection?.BaseObject is string && IsOnCommandLine(nameof(Connection)))
        {
            throw new ConnectionException(
                ErrorCodes.ConnectionInvalid,
                "-Connection takes the connection of a piped object. Pass a string as -ConnectionString.");
        }

        if (Connection is not null && piped is null)
        {
            throw new ConnectionException(
                ErrorCodes.TargetMismatch,
                "The piped object no longer has its connection: it went through a file or another process. Get "
                    + "the status again, or remove its Connection property and name the database here.");
        }

        return new ConnectionInput
        {
            ConnectionString = ConnectionString,
            HostName = HostName,
            Port = Port,
            Database = Database,
            ConnectionName = ConnectionName,
            SslMode = SslMode,
            UserName = ReadUserName(),
            Password = Password,
            TokenProvider = TokenProvider is null ? null : new TokenScript(TokenProvider).AskAsync,
            Connection = piped,
        };
    }
}
