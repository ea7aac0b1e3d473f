using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>
/// Which database, and how to log in. A class, not a record, so that no generated text can show the password.
/// </summary>
public sealed class DatabaseTarget
{
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly Func<CancellationToken, Task<string>>? _tokenProvider;
    private readonly ConnectionHosts _hosts;

    // A password file names databases, and does not know one that was made a moment ago.
    private string? _passwordDatabase;

    private DatabaseTarget(
        NpgsqlConnectionStringBuilder settings,
        ConnectionHosts hosts,
        string source,
        Func<CancellationToken, Task<string>>? tokenProvider)
    {
        _settings = settings;
        _hosts = hosts;
        _tokenProvider = tokenProvider;
        Source = source;
        Connection = new Connection(
            hosts.Names,
            hosts.FirstPort,
            hosts.Text,
            settings.Database ?? "",
            settings.Username ?? "",
            settings.ConnectionString,
            tokenProvider);
    }

    /// <summary>Where the settings came from, for messages; without secrets.</summary>
    public string Source { get; }

    /// <summary>The connection as results carry it.</summary>
    public Connection Connection { get; }

    /// <summary>
    /// Decides which of the given settings apply; <paramref name="environment"/> reads a variable. Pure, except that a
    /// named service file is read.
    /// </summary>
    /// <exception cref="ConnectionException">The settings contradict each other or cannot be parsed.</exception>
    public static DatabaseTarget Resolve(ConnectionInput input, Func<string, string?> environment)
    {
        var (draft, source) = ConnectionSource.Read(input, environment);
        ConnectionSettings.RefuseMisread(draft, source);
        var hosts = ConnectionHosts.Match(draft.Hosts, draft.Ports, draft.PortsOrigin ?? source);
        draft.SetHosts(hosts);
        ConnectionSettings.Complete(draft.Settings, source);
        var target = new DatabaseTarget(
            draft.Settings, hosts, source, input.TokenProvider ?? input.Connection?.RevealTokenProvider());
        return input.Connection is { } piped && input.IsExplicit && !piped.IsSameDatabase(target.Connection)
            ? throw Mismatch(piped, target.Connection)
            : target;
    }

    /// <summary>The error for a piped object that belongs to another database.</summary>
    internal static ConnectionException Mismatch(Connection piped, Connection target) => new(
        ErrorCodes.TargetMismatch,
        $"The piped object comes from {piped}, but the connection parameters name {target}. Nothing was run. Remove "
        + "the connection parameters, or get the status from the database you mean.");

    /// <summary>True when every host is this machine: a folder of sockets, or a loopback address.</summary>
    internal bool IsLocal => _hosts.Names.Split(',').All(ConnectionHosts.IsLocal);

    /// <summary>Another database of the same server, with the same login.</summary>
    internal DatabaseTarget WithDatabase(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { Database = database };
        return new DatabaseTarget(settings, _hosts, Source, _tokenProvider)
        {
            _passwordDatabase = _passwordDatabase ?? _settings.Database ?? _settings.Username,
        };
    }

    /// <summary>
    /// How long to wait for a login: the connection's own limit for each host, plus a little for the driver to report
    /// it.
    /// </summary>
    internal TimeSpan ConnectLimit => _settings.Timeout == 0
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromSeconds((_settings.Timeout * (_settings.Host?.Split(',').Length ?? 1)) + 3);

    /// <summary><c>user@host:port/database</c>, never a secret.</summary>
    public override string ToString() => Connection.ToString();

    /// <summary>The data source for connections; settings that a migration depends on are forced.</summary>
    /// <exception cref="ConnectionException">The driver rejects the settings.</exception>
    internal NpgsqlDataSource ToDataSource(string applicationName)
    {
        try
        {
            return Build(ForcedSettings(applicationName));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw ConnectionFailure.Unusable(ToString(), e);
        }
    }

    private NpgsqlConnectionStringBuilder ForcedSettings(string applicationName)
    {
        var settings = new NpgsqlConnectionStringBuilder(_settings.ConnectionString)
        {
            // An advisory lock survives Close on a pooled connection.
            Pooling = false,
            CommandTimeout = 0,
            MaxAutoPrepare = 0,
            IncludeErrorDetail = true,
            IncludeFailedBatchedCommand = true,
            ClientEncoding = "UTF8",
            Encoding = "UTF8",
            ApplicationName = applicationName,
            // Reads a history of thousands of rows in a few reads; the driver's default buffer would need hundreds.
            ReadBufferSize = 32 * 1024,
            Enlist = false,
            Multiplexing = false,
        };
        if (settings.KeepAlive == 0 && !ConnectionSettings.HasSocketFolder(settings))
        {
            settings.TcpKeepAlive = true;
            if (settings.TcpKeepAliveTime == 0)
            {
                // In seconds; the operating system's default is two hours.
                settings.TcpKeepAliveTime = 30;
                settings.TcpKeepAliveInterval = 10;
            }
        }

        return settings;
    }

    private NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var wanted = WantedServer(settings);
        var passwordFile = settings.Passfile;
        // The driver reads the file even when others can, so the path is kept from it.
        settings.Passfile = null;
        if (_tokenProvider is not null)
        {
            settings.Password = null;
        }

        var isVerifiedBySystem = ConnectionSettings.IsVerifiedBySystem(settings);
        if (isVerifiedBySystem)
        {
            // The driver would take it for the name of a file, and without one it looks for a file in the home
            // directory.
            settings.RootCertificate = null;
            settings.SslMode = Npgsql.SslMode.Require;
        }
        else if (settings.SslMode == Npgsql.SslMode.Require && File.Exists(settings.RootCertificate))
        {
            // As libpq: a root certificate that is set has to count.
            settings.SslMode = Npgsql.SslMode.VerifyCA;
        }

        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();
        if (isVerifiedBySystem)
        {
            // Without a callback of the driver, .NET checks chain, dates and host name itself.
            builder.UseSslClientAuthenticationOptionsCallback(tls => tls.RemoteCertificateValidationCallback = null);
        }

        builder.EnableIntegratedSecurity();
        // The driver would read the type catalog on every open; only built-in types are used here.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        SetPasswordSource(builder, passwordFile);
        return wanted is { } server ? builder.BuildMultiHost().WithTargetSession(server) : builder.Build();
    }

    private void SetPasswordSource(NpgsqlSlimDataSourceBuilder builder, string? passwordFile)
    {
        if (_tokenProvider is { } ask)
        {
            builder.UsePasswordProvider(
                _ => throw new NotSupportedException(),
                async (_, cancellationToken) => await ask(cancellationToken).ConfigureAwait(false));
        }
        else if (builder.ConnectionStringBuilder.Password is null)
        {
            builder.UsePasswordProvider(
                _ => throw new NotSupportedException(),
                (settings, cancellationToken) =>
                    PasswordFile.FindAsync(passwordFile, ForPassword(settings), cancellationToken)!);
        }
    }

    private NpgsqlConnectionStringBuilder ForPassword(NpgsqlConnectionStringBuilder settings) =>
        _passwordDatabase is null
            ? settings
            : new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = _passwordDatabase };

    // Of several hosts the primary, and a standby only when there is no primary: a standby can be read, and a write is
    // rejected with its name. The driver honours its own value for this only where there are several hosts.
    private static TargetSessionAttributes? WantedServer(NpgsqlConnectionStringBuilder settings)
    {
        var word = settings.TargetSessionAttributes;
        settings.TargetSessionAttributes = null;
        return word?.ToUpperInvariant() switch
        {
            null => settings.Host?.Contains(',', StringComparison.Ordinal) == true
                ? TargetSessionAttributes.PreferPrimary
                : null,
            "READ-WRITE" => TargetSessionAttributes.ReadWrite,
            "READ-ONLY" => TargetSessionAttributes.ReadOnly,
            "PRIMARY" => TargetSessionAttributes.Primary,
            "STANDBY" => TargetSessionAttributes.Standby,
            "PREFER-PRIMARY" => TargetSessionAttributes.PreferPrimary,
            "PREFER-STANDBY" => TargetSessionAttributes.PreferStandby,
            _ => TargetSessionAttributes.Any,
        };
    }
}
