namespace PgMigrate.Errors;

/// <summary>
/// The codes of errors and problems: stable across releases, and the id of the PowerShell error record.
/// </summary>
public static partial class ErrorCodes
{
    /// <summary>The server rejected the login.</summary>
    public const string AuthenticationFailed = nameof(AuthenticationFailed);

    /// <summary>The server's certificate is not trusted, or is issued for another name.</summary>
    public const string CertificateRejected = nameof(CertificateRejected);

    /// <summary>The login may not connect to the database.</summary>
    public const string ConnectDenied = nameof(ConnectDenied);

    /// <summary>Connection parameters contradict each other.</summary>
    public const string ConnectionAmbiguous = nameof(ConnectionAmbiguous);

    /// <summary>The server could not be reached, or did not answer.</summary>
    public const string ConnectionFailed = nameof(ConnectionFailed);

    /// <summary>A connection string, URI, service or parameter cannot be parsed.</summary>
    public const string ConnectionInvalid = nameof(ConnectionInvalid);

    /// <summary>The connection was lost during the run.</summary>
    public const string ConnectionLost = nameof(ConnectionLost);

    /// <summary>The environment variable of -ConnectionName is not set.</summary>
    public const string ConnectionNameUnset = nameof(ConnectionNameUnset);

    /// <summary>The server rejected a statement of PgMigrate itself.</summary>
    public const string DatabaseError = nameof(DatabaseError);

    /// <summary>The server has no database of that name.</summary>
    public const string DatabaseNotFound = nameof(DatabaseNotFound);

    /// <summary>The password file was ignored because other users can read it.</summary>
    public const string PasswordFileIgnored = nameof(PasswordFileIgnored);

    /// <summary>The login is not a member of the role.</summary>
    public const string RoleDenied = nameof(RoleDenied);

    /// <summary>The role of -Role does not exist.</summary>
    public const string RoleNotFound = nameof(RoleNotFound);

    /// <summary>The server is a standby, which is read-only.</summary>
    public const string ServerIsStandby = nameof(ServerIsStandby);

    /// <summary>The server is starting, stopping or in recovery.</summary>
    public const string ServerStarting = nameof(ServerStarting);

    /// <summary>No service file has the service.</summary>
    public const string ServiceNotFound = nameof(ServiceNotFound);

    /// <summary>Every transaction of the login is read-only.</summary>
    public const string SessionReadOnly = nameof(SessionReadOnly);

    /// <summary>A step is committed, but its session could not be reset after it.</summary>
    public const string SessionResetFailed = nameof(SessionResetFailed);

    /// <summary>A pooler lends its server sessions out per transaction or statement.</summary>
    public const string SessionShared = nameof(SessionShared);

    /// <summary>A pooler rejected a setting at login.</summary>
    public const string StartupParameterRefused = nameof(StartupParameterRefused);

    /// <summary>A piped object comes from another database than the parameters name.</summary>
    public const string TargetMismatch = nameof(TargetMismatch);

    /// <summary>The script block of -TokenProvider returned no token.</summary>
    public const string TokenProviderFailed = nameof(TokenProviderFailed);

    /// <summary>The server, the database or the login has no free connection.</summary>
    public const string TooManyConnections = nameof(TooManyConnections);
}
