using System.Globalization;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Execution;

/// <summary>
/// Which database, and how to log in. A class and not a record, so that no generated text can show the password.
/// </summary>
public sealed class DatabaseTarget
{
    private const int DefaultPort = 5432;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly Func<CancellationToken, Task<string>>? _tokenProvider;

    private DatabaseTarget(
        NpgsqlConnectionStringBuilder settings, string source, Func<CancellationToken, Task<string>>? tokenProvider)
    {
        _settings = settings;
        _tokenProvider = tokenProvider;
        Source = source;
        Connection = new Connection(
            settings.Host ?? "localhost",
            settings.Port,
            settings.Database ?? settings.Username ?? "",
            settings.Username ?? "",
            settings.ConnectionString,
            tokenProvider);
    }

    /// <summary>Where the settings came from, in words and without secrets.</summary>
    public string Source { get; }

    /// <summary>What results carry on.</summary>
    public Connection Connection { get; }

    /// <summary>
    /// Decides which of the given settings count; <paramref name="environment"/> reads a variable. Pure, but for a
    /// service file where one is named.
    /// </summary>
    /// <exception cref="ConnectionException">The settings contradict each other or cannot be read.</exception>
    public static DatabaseTarget Resolve(ConnectionInput input, Func<string, string?> environment)
    {
        RefuseCombinations(input);
        var (settings, source) = ReadSource(input, environment);
        if (input.UserName is not null)
        {
            settings.Username = input.UserName;
            settings.Password = input.Password;
        }

        if (input.SslMode is { } sslMode)
        {
            settings.SslMode = ConnectionSettings.ToNpgsql(sslMode);
        }

        ConnectionSettings.AddDefaults(settings);
        ConnectionSettings.RefuseMisread(settings, source);
        var target = new DatabaseTarget(
            settings, source, input.TokenProvider ?? input.Connection?.RevealTokenProvider());
        return input.Connection is { } piped && input.IsExplicit && !piped.IsSameDatabase(target.Connection)
            ? throw Mismatch(piped, target.Connection)
            : target;
    }

    /// <summary>The error for a piped object that belongs to another database.</summary>
    public static ConnectionException Mismatch(Connection piped, Connection target) => new(
        "TargetMismatch",
        $"The piped object comes from {piped}, but the connection parameters name {target}. Nothing was run. Leave the "
            + "connection parameters out, or read the status from the database you mean.");

    /// <summary>
    /// How long to wait for a login: the connection's own limit for each host, and a little for the driver to report it.
    /// </summary>
    internal TimeSpan ConnectLimit => _settings.Timeout == 0
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromSeconds((_settings.Timeout * (_settings.Host?.Split(',').Length ?? 1)) + 3);

    /// <summary><c>user@host:port/database</c>, never a secret.</summary>
    public override string ToString() => Connection.ToString();

    /// <summary>What connections are opened from; settings that a migration cannot do without are forced.</summary>
    internal NpgsqlDataSource ToDataSource(string applicationName)
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
            ApplicationName = applicationName,
            // A history of thousands of rows in a few reads; one of the driver's usual size each would be hundreds.
            ReadBufferSize = 32 * 1024,
            Enlist = false,
            Multiplexing = false,
        };
        if (settings.KeepAlive == 0 && !ConnectionSettings.HasSocketFolder(settings))
        {
            settings.TcpKeepAlive = true;
            if (settings.TcpKeepAliveTime == 0)
            {
                // In seconds; the system's own are two hours.
                settings.TcpKeepAliveTime = 30;
                settings.TcpKeepAliveInterval = 10;
            }
        }

        var wanted = WantedServer(settings);
        var passwordFile = settings.Passfile;
        // The driver reads the file even when others can, so it is not told about it.
        settings.Passfile = null;
        if (_tokenProvider is not null)
        {
            settings.Password = null;
        }

        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();
        // The catalog of types would be read on every open; only built-in types are used here.
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
                (settings, cancellationToken) => PasswordFile.FindAsync(passwordFile, settings, cancellationToken)!);
        }
    }

    // Of several hosts the primary, and a standby only when there is none: it can be read, and is refused by name when
    // something is to be written. The driver takes its own word for this only where there are several hosts.
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

    private static void RefuseCombinations(ConnectionInput input)
    {
        var given = new List<string>();
        AddIf(input.ConnectionString is not null, "-ConnectionString");
        AddIf(input.ConnectionName is not null, "-ConnectionName");
        AddIf(input.HasParts, "-HostName/-Port/-Database");
        if (given.Count > 1)
        {
            throw new ConnectionException(
                "ConnectionAmbiguous",
                $"{string.Join(" and ", given)} contradict each other. Give one of them.");
        }

        void AddIf(bool isGiven, string name)
        {
            if (isGiven)
            {
                given.Add(name);
            }
        }
    }

    private static (NpgsqlConnectionStringBuilder Settings, string Source) ReadSource(
        ConnectionInput input, Func<string, string?> environment)
    {
        IReadOnlyList<(string, string)> Service(string service) => ServiceFile.Read(service, environment);
        if (input.ConnectionString is { } text)
        {
            return (ConnectionSettings.Parse(text, "-ConnectionString", Service), "-ConnectionString");
        }

        if (input.ConnectionName is { } name)
        {
            var variable = "DATABASE_URL_" + name.ToUpperInvariant();
            return environment(variable) is { Length: > 0 } url
                ? (ConnectionSettings.Parse(url, variable, Service), $"the variable {variable}")
                : throw new ConnectionException(
                    "ConnectionNameUnset",
                    $"-ConnectionName {name} reads the variable {variable}, which is not set.");
        }

        if (!input.HasParts && input.Connection is { } piped)
        {
            return (new NpgsqlConnectionStringBuilder(piped.RevealSettings()), "the piped object");
        }

        if (!input.HasParts && environment("DATABASE_URL") is { Length: > 0 } databaseUrl)
        {
            return (ConnectionSettings.Parse(databaseUrl, "DATABASE_URL", Service), "the variable DATABASE_URL");
        }

        var settings = FromVariables(environment);
        settings.Host = input.HostName ?? settings.Host;
        settings.Port = input.Port ?? settings.Port;
        settings.Database = input.Database ?? settings.Database;
        return (settings, input.HasParts ? "the parameters and PG* variables" : "the PG* variables and defaults");
    }

    private static NpgsqlConnectionStringBuilder FromVariables(Func<string, string?> environment)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = NullIfEmpty("PGHOST") ?? NullIfEmpty("PGHOSTADDR") ?? "localhost",
            Port = ReadPort(NullIfEmpty("PGPORT")),
            Database = NullIfEmpty("PGDATABASE"),
            Username = NullIfEmpty("PGUSER"),
            Password = NullIfEmpty("PGPASSWORD"),
            Passfile = NullIfEmpty("PGPASSFILE"),
        };
        foreach (var (variable, keyword) in ConnectionSettings.Variables)
        {
            if (NullIfEmpty(variable) is { } value)
            {
                ConnectionSettings.Set(settings, keyword, value, variable);
            }
        }

        if (NullIfEmpty("PGSERVICE") is { } service)
        {
            foreach (var (word, value) in ServiceFile.Read(service, environment))
            {
                ConnectionSettings.Set(settings, word, value, $"The service '{service}'");
            }
        }

        return settings;

        string? NullIfEmpty(string variable) => environment(variable) is { Length: > 0 } value ? value : null;
    }

    private static int ReadPort(string? text) =>
        text is null ? DefaultPort
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw new ConnectionException("ConnectionInvalid", $"PGPORT '{text}' is not a port number.");
}
