using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>Explains to a DBA why a connection failed.</summary>
internal static partial class ConnectionFailure
{
    public static ConnectionException Describe(Connection target, Exception exception) =>
        Causes(exception).OfType<ConnectionException>().FirstOrDefault() ?? DescribeCause(target, exception);

    /// <summary>The server accepted the TCP connection and then did not answer.</summary>
    public static ConnectionException Stalled(Connection target, TimeSpan limit, Exception exception) => new(
        ErrorCodes.ConnectionFailed,
        $"No connection to {target}: it accepted the connection and then did not answer for {limit.TotalSeconds:F0} s. "
            + "Check that a PostgreSQL server listens there, and what is between you and it (a proxy, TLS); -SslMode "
            + "Disable shows whether TLS is the cause. Nothing was run.",
        exception);

    // An exception of a password provider arrives inside a driver error, once for each host.
    private static IEnumerable<Exception> Causes(Exception? exception) => exception switch
    {
        null => [],
        AggregateException several => several.InnerExceptions.SelectMany(Causes),
        _ => Causes(exception.InnerException).Prepend(exception),
    };

    private static ConnectionException DescribeCause(Connection target, Exception exception) => exception switch
    {
        _ when Causes(exception).FirstOrDefault(cause => cause is FileNotFoundException or DirectoryNotFoundException)
            is { } missing => new ConnectionException(
            ErrorCodes.ConnectionInvalid,
            $"{target}: {missing.Message} The connection names that file for its password or its certificates "
                + "(PGPASSFILE, PGSSLCERT, PGSSLKEY, PGSSLROOTCERT or their keywords).",
            exception),
        _ when Causes(exception).Select(cause => FromRequiredLogin(target, cause))
            .FirstOrDefault(error => error is not null)
            is { } refused => refused,
        _ when Causes(exception).OfType<ArgumentException>().FirstOrDefault() is { } argument => Unusable(
            target.ToString(), argument),
        { InnerException: AggregateException hosts } => FromHosts(target, hosts, exception),
        PostgresException server => FromServer(target, server),
        _ => Causes(exception).OfType<AuthenticationException>().FirstOrDefault() is { } tls
            ? FromTls(target, tls, exception)
            : FromNetwork(target, exception),
    };

    /// <summary>The driver rejects these settings, or their combination.</summary>
    public static ConnectionException Unusable(string target, Exception exception) => new(
        ErrorCodes.ConnectionInvalid,
        $"{target}: the driver does not accept these connection settings: {Trim(exception.Message)}. Change them where "
            + "they are set. PGSSLCERT, PGSSLKEY and PGSSLROOTCERT must not be set to an empty value. Nothing "
            + "was run.",
        exception);

    // The driver refuses before it sends a password.
    private static ConnectionException? FromRequiredLogin(Connection target, Exception cause)
    {
        const string Next = "Configure the server to use scram-sha-256 over TLS for this user (pg_hba.conf, "
            + "password_encryption); or, if you trust the server and the network, change channel_binding or "
            + "require_auth (PGCHANNELBINDING, PGREQUIREAUTH). No password was sent, and nothing was run.";
        if (RefusedLogin().Match(cause.Message) is { Success: true } login)
        {
            var way = RequiredLogin.WordFor(login.Groups["mode"].Value);
            return new ConnectionException(
                ErrorCodes.AuthenticationFailed,
                $"{target}: the server asks this user for the authentication method '{way}', which the connection "
                + $"does not accept (channel_binding=require, require_auth). {Next}",
                cause);
        }

        return cause.Message.StartsWith("Couldn't connect because ChannelBinding", StringComparison.Ordinal)
            ? new ConnectionException(
                ErrorCodes.AuthenticationFailed,
                $"{target}: channel binding is required but not available: it needs TLS (sslmode=require or "
                    + $"stronger) and a server that offers it. {Next}",
                cause)
            : null;
    }

    [GeneratedRegex("^\"(?<mode>\\w+)\" authentication method is not allowed", RegexOptions.CultureInvariant)]
    private static partial Regex RefusedLogin();

    private static ConnectionException FromTls(Connection target, AuthenticationException tls, Exception exception)
    {
        var (code, next) = tls.Message switch
        {
            var text when text.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal) => (
                ErrorCodes.CertificateRejected,
                $"the server's certificate is not issued for '{target.HostName}'. Connect by the name in the "
                    + "certificate, and check that this is the right server."),
            // With a root certificate of its own (Root Certificate) the driver does not say which of the two failed.
            var text when text.Contains("certificate", StringComparison.OrdinalIgnoreCase) => (
                ErrorCodes.CertificateRejected,
                "the server's certificate was rejected: it is not issued by a trusted authority "
                    + $"(PGSSLROOTCERT, Root Certificate=…), or it is not issued for '{target.HostName}'. Check that "
                    + "this is the right server."),
            _ => (ErrorCodes.ConnectionFailed, $"{Trim(tls.Message)}. Check the server's TLS settings, its certificate "
                + "and -SslMode."),
        };
        return new ConnectionException(code, $"No connection to {target}: {next} Nothing was run.", exception);
    }

    // With several hosts, the error of one that answered says more than the others.
    private static ConnectionException FromHosts(Connection target, AggregateException hosts, Exception exception)
    {
        var causes = hosts.Flatten().InnerExceptions;
        return causes.OfType<PostgresException>().LastOrDefault() is { } server
            ? FromServer(target, server)
            : new ConnectionException(
                ErrorCodes.ConnectionFailed,
                $"No connection to {target}: "
                    + string.Join("; ", causes.Select(cause => Trim(cause.Message)).Distinct(StringComparer.Ordinal))
                    + ". Check that one of the hosts is running and that hosts, ports and firewall are right.",
                exception);
    }

    private static ConnectionException FromServer(Connection target, PostgresException e)
    {
        var (code, next) = e.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                (ErrorCodes.AuthenticationFailed, "Check user and password (-Credential, PGPASSWORD or .pgpass) and "
                    + "pg_hba.conf."),
            PostgresErrorCodes.InvalidCatalogName =>
                (ErrorCodes.DatabaseNotFound, $"Create it (createdb {target.Database}) or name another with "
                    + "-Database."),
            PostgresErrorCodes.TooManyConnections =>
                (ErrorCodes.TooManyConnections, "Nothing was run. Wait for a free connection or close idle ones; the "
                    + "limit is max_connections, or CONNECTION LIMIT of the role or the database."),
            PostgresErrorCodes.ProtocolViolation when Says(e, "no more connections allowed") =>
                (ErrorCodes.TooManyConnections, "Nothing was run. The pooler is full; its limit is max_client_conn."),
            PostgresErrorCodes.ProtocolViolation when Says(e, "unsupported startup parameter") =>
                (ErrorCodes.StartupParameterRefused, "The pooler does not accept that setting at login. Remove it from "
                    + "the connection and from PGOPTIONS, let the pooler ignore it (ignore_startup_parameters), or "
                    + "use the direct port of PostgreSQL."),
            PostgresErrorCodes.CannotConnectNow => (ErrorCodes.ServerStarting, "Wait until the server has started "
                + "and run again."),
            PostgresErrorCodes.InsufficientPrivilege =>
                (ErrorCodes.ConnectDenied, $"GRANT CONNECT ON DATABASE to {target.UserName}."),
            PostgresErrorCodes.FeatureNotSupported when Says(e, "conversion between") =>
                (ErrorCodes.ConnectionFailed, "Migration files are sent as UTF-8, and PostgreSQL cannot convert UTF-8 "
                    + "to the encoding of this database. Nothing was run. Use a database with another encoding "
                    + "(ENCODING 'UTF8')."),
            _ => (ErrorCodes.ConnectionFailed, "Nothing was run."),
        };
        return new ConnectionException(code, $"{target}: {e.MessageText} (SQLSTATE {e.SqlState}). {next}", e);
    }

    private static ConnectionException FromNetwork(Connection target, Exception e)
    {
        var cause = e.InnerException is { } inner ? $"{Trim(e.Message)}: {Trim(inner.Message)}" : Trim(e.Message);
        var next = e.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound }
            ? "Check the host name."
            : cause.Contains("SSL", StringComparison.Ordinal)
                ? "Check the server's TLS settings, its certificate and -SslMode."
                : "Check that the server is running and that host, port and firewall are right (-HostName, -Port).";
        return e.Message.Contains("No password has been provided", StringComparison.Ordinal)
            ? new ConnectionException(ErrorCodes.AuthenticationFailed,
                $"{target}: the server asks for a password, but none was given. Use -Credential, PGPASSWORD or "
                    + ".pgpass.", e)
            : new ConnectionException(ErrorCodes.ConnectionFailed, $"No connection to {target}: {cause}. {next}", e);
    }

    private static bool Says(PostgresException e, string text) =>
        e.MessageText.StartsWith(text, StringComparison.Ordinal);

    private static string Trim(string message) => message.TrimEnd('.', ' ');
}
