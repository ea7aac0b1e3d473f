using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Execution;

/// <summary>Says in a DBA's words why no connection came about.</summary>
internal static class ConnectionFailure
{
    public static ConnectionException Describe(Connection target, Exception exception) => exception switch
    {
        PostgresException server => FromServer(target, server),
        FileNotFoundException or DirectoryNotFoundException => new ConnectionException(
            "ConnectionInvalid",
            $"{target}: {exception.Message} The connection names that file for its password or its certificates "
                + "(PGPASSFILE, PGSSLCERT, PGSSLKEY, PGSSLROOTCERT or their keywords).",
            exception),
        _ => FromNetwork(target, exception),
    };

    private static ConnectionException FromServer(Connection target, PostgresException e)
    {
        var (code, next) = e.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                ("AuthenticationFailed", "Check user and password (-Credential, PGPASSWORD or .pgpass) and pg_hba.conf."),
            PostgresErrorCodes.InvalidCatalogName =>
                ("DatabaseNotFound", $"Create it (createdb {target.Database}) or name another with -Database."),
            PostgresErrorCodes.TooManyConnections =>
                ("TooManyConnections", "Wait for a free connection, or raise max_connections."),
            PostgresErrorCodes.CannotConnectNow => ("ServerStarting", "Wait until the server is up and run again."),
            PostgresErrorCodes.InsufficientPrivilege =>
                ("ConnectDenied", $"GRANT CONNECT ON DATABASE to {target.UserName}."),
            _ => ("ConnectionFailed", "Nothing was run."),
        };
        return new ConnectionException(code, $"{target}: {e.MessageText} (SQLSTATE {e.SqlState}). {next}", e);
    }

    private static ConnectionException FromNetwork(Connection target, Exception e)
    {
        var cause = e.InnerException is { } inner ? $"{Trim(e.Message)}: {Trim(inner.Message)}" : Trim(e.Message);
        var next = e.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound }
            ? "Check the host name."
            : cause.Contains("SSL", StringComparison.Ordinal) || e.InnerException is AuthenticationException
                ? "Check the server's TLS settings, its certificate and -SslMode."
                : "Check that the server runs and that host, port and firewall are right (-HostName, -Port).";
        return e.Message.Contains("No password has been provided", StringComparison.Ordinal)
            ? new ConnectionException("AuthenticationFailed",
                $"{target}: the server asks for a password and none was given. Use -Credential, PGPASSWORD or .pgpass.", e)
            : new ConnectionException("ConnectionFailed", $"No connection to {target}: {cause}. {next}", e);
    }

    private static string Trim(string message) => message.TrimEnd('.', ' ');
}
