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
    /// <summary>Parameter set in which the folder may hold wildcards.</summary>
    protected const string PathSet = "Path";

    /// <summary>Parameter set in which it is taken literally.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    private const string DefaultTable = "schema_migrations";

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _commandLine = [];

    /// <summary>Npgsql keywords, or a postgres:// URI.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    /// <summary>Host name, address or socket folder.</summary>
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
    /// Login name without a password, which comes from PGPASSWORD or .pgpass when the server asks for one.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Login and password; overrides every source.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>
    /// Answers the password for each login, so that a token is always fresh; overrides every other password.
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

    /// <summary>Connection of a piped object. An object, so that a lost one is told apart from none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public PSObject? Connection { get; set; }

    /// <summary>
    /// Migrations folders, read as one set. A piped object names all of its set, and its own folder besides.
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

    /// <summary>Role to work as, of which the login is a member.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Role { get; set; }

    /// <summary>Takes files without a version as well, after all others.</summary>
    [Parameter]
    public SwitchParameter AllowUnversioned { get; set; }

    /// <summary>What one record, or the command line alone, means.</summary>
    private protected sealed record Scope(DatabaseTarget Target, MigratorOptions Options);

    /// <summary>Hides a literal password from the line that the error view prints.</summary>
    protected override void BeginProcessing()
    {
        // Only what the user wrote is bound by now; piped properties come with each object.
        _commandLine = [.. MyInvocation.BoundParameters.Keys];
        base.BeginProcessing();
        MaskCall(null);
        if (Credential is { UserName: null })
        {
            Fail(
                new ConnectionException(
                    ErrorCodes.ConnectionInvalid,
                    "-Credential is empty: it holds no user name. Get one with Get-Credential, or leave -Credential "
                        + "out to log in as the connection's other sources say."),
                null);
        }
    }

    private protected override void MaskCall(string? secret) =>
        CallText.Mask(MyInvocation, ConnectionString ?? Connection?.BaseObject as string, Password, secret);

    // [pscredential]::Empty throws when it is asked for its password.
    private string? Password =>
        Credential is { UserName: not null } given ? given.GetNetworkCredential().Password : null;

    /// <summary>Reads the bound parameters.</summary>
    /// <exception cref="PgMigrateException">They contradict each other, or the folder cannot be found.</exception>
    private protected Scope ReadScope()
    {
        ApplySettings();
        var target = ReadTarget();
        WriteVerbose($"Connection: {target} from {target.Source}.");
        var options = new MigratorOptions
        {
            // A piped object names folders that are there: brackets in their names are no wildcards.
            FolderPaths = FolderPath.Resolve(
                this, Path, IsOnCommandLine(nameof(Path)) ? LiteralPath : LiteralPath ?? Path, ConnectionName),
            Module = Module,
            // A piped object carries the schema it was read with, and public is what none means.
            Schema = Schema == "public" && !IsOnCommandLine(nameof(Schema)) ? null : Schema,
            HistoryTable = HistoryTable ?? DefaultTable,
            AllowUnversioned = AllowUnversioned,
            Role = Role,
        };
        return new Scope(target, options);
    }

    /// <summary>True when the user wrote the parameter, so that no piped object brought it.</summary>
    protected bool IsOnCommandLine(string parameter) =>
        _commandLine.Contains(parameter, StringComparer.OrdinalIgnoreCase);

    /// <summary>An error: the end of the command, or of this target when objects are piped in.</summary>
    protected void Report(Exception exception, object? target)
    {
        target ??= Summarise(exception);
        if (MyInvocation.ExpectingInput)
        {
            var record = ErrorRecords.From(exception, target);
            if (target is MigrationRunSummary { Connection: not null } run)
            {
                // Of many databases it is not told by its order which one it is.
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
    /// True when a piped object belongs elsewhere: a choice that was not understood in one part is not carried out in
    /// the others.
    /// </summary>
    private protected bool IsMismatched { get; private set; }

    /// <summary>As <see cref="Report"/>, but once: hundreds of piped objects can share one mistake.</summary>
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

        // What an object says beside a connection string is no second way to name the database. One that names a server
        // and a database has to agree; a property that is called Database alone can be anything.
        var target = DatabaseTarget.Resolve(
            input with { HostName = null, Port = null, Database = null }, Environment.GetEnvironmentVariable);
        return HostName is null || IsNamedByParts(target.Connection)
            ? target
            : throw new ConnectionException(
                ErrorCodes.TargetMismatch,
                $"The piped object names the database '{Database}' on '{HostName}', but "
                    + $"{(ConnectionName is null ? "-ConnectionString" : "-ConnectionName")} names {target}. Nothing "
                    + "was run. Leave that parameter out to use what the object names, or remove HostName, Port and "
                    + "Database from the object.");
    }

    private bool IsNamedByParts(Connection target) =>
        string.Equals(HostName, target.HostName, StringComparison.OrdinalIgnoreCase)
        && (Port is null || Port == target.Port)
        && (Database is null || Database == target.Database);

    private bool IsAnyOnCommandLine(params string[] parameters) => Array.Exists(parameters, IsOnCommandLine);

    // Two names for one login would leave open whose password is sent.
    private string? ReadUserName()
    {
        if (UserName is { } name && Credential is { } credential && name != credential.UserName)
        {
            throw new ConnectionException(
                ErrorCodes.ConnectionAmbiguous,
                $"-UserName '{name}' and -Credential (of '{credential.UserName}') name two logins. Give -Credential "
                    + "alone, which holds a user and a password; or -UserName alone, for a password from PGPASSWORD or "
                    + ".pgpass.");
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
                "-Connection takes the connection of a piped object. Give a string with -ConnectionString.");
        }

        if (Connection is not null && piped is null)
        {
            throw new ConnectionException(
                ErrorCodes.TargetMismatch,
                "The piped object no longer carries its connection: it went through a file or another process. Read "
                    + "the status anew, or remove its Connection property and name the database here.");
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
