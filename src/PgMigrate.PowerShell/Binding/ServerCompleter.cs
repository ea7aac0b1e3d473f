using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PgMigrate.Connections;
using PgMigrate.Errors;

namespace PgMigrate.PowerShell.Binding;

/// <summary>
/// Completes names from the server of the command line, the settings file or the environment. It silently gives up
/// after
/// two seconds: a completer must not fail, and it never asks for a password.
/// </summary>
public abstract class ServerCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var call = CompletionCall.Read(commandName, parameterName, fakeBoundParameters);

            // A login cannot always be cancelled, so it is abandoned when it takes too long.
            var names = Task.Run(() => ListAsync(call, limit.Token), limit.Token)
                .WaitAsync(limit.Token).GetAwaiter().GetResult();
            return names
                .Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
                .Select(name => new CompletionResult(
                    MigrationCompleter.Quote(name), name, CompletionResultType.ParameterValue, name))
                .ToList();
        }
        catch (Exception e) when (e is PgMigrateException or OperationCanceledException
            or System.Data.Common.DbException
            or IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException or ArgumentException
            or InvalidOperationException or NotSupportedException or PSInvalidCastException)
        {
            return [];
        }
    }

    /// <summary>All names to choose from.</summary>
    private protected abstract Task<IReadOnlyList<string>> ListAsync(
        IDictionary bound, CancellationToken cancellationToken);

    /// <summary>The database of the parameters and the environment.</summary>
    private protected static DatabaseTarget ReadTarget(ConnectionInput input) =>
        DatabaseTarget.Resolve(input, Environment.GetEnvironmentVariable);

    // An empty one has no name and throws when its password is read.
    private static PSCredential? ReadCredential(IDictionary bound) =>
        bound["Credential"] is PSCredential { UserName: not null } given ? given : null;

    /// <summary>The connection parameters of the call.</summary>
    private protected static ConnectionInput ReadInput(IDictionary bound)
    {
        var login = ReadCredential(bound);
        return new ConnectionInput
        {
            ConnectionString = bound["ConnectionString"] as string,
            HostName = bound["HostName"] as string,
            Port = LanguagePrimitives.TryConvertTo<int>(bound["Port"], out var port) && port > 0 ? port : null,
            Database = bound["Database"] as string ?? bound["DatabaseName"] as string,
            ConnectionName = bound["ConnectionName"] as string,
            SslMode = LanguagePrimitives.TryConvertTo<SslMode>(bound["SslMode"], out var mode) ? mode : null,
            UserName = bound["UserName"] as string ?? login?.UserName,
            Password = login?.GetNetworkCredential().Password,
        };
    }
}

/// <summary>Completes module names from the tracking table.</summary>
public sealed class ModuleCompleter : ServerCompleter
{
    private protected override Task<IReadOnlyList<string>> ListAsync(
        IDictionary bound, CancellationToken cancellationToken) => Migrator.ListModulesAsync(
            ReadTarget(ReadInput(bound)),
            bound["Schema"] as string,
            bound["HistoryTable"] as string ?? bound["Table"] as string,
            cancellationToken);
}

/// <summary>Completes the schemas of the database.</summary>
public sealed class SchemaCompleter : ServerCompleter
{
    private protected override Task<IReadOnlyList<string>> ListAsync(
        IDictionary bound, CancellationToken cancellationToken) =>
        Sessions.DatabaseNames.ListSchemasAsync(ReadTarget(ReadInput(bound)), cancellationToken);
}

/// <summary>Completes the roles that the login is a member of.</summary>
public sealed class RoleCompleter : ServerCompleter
{
    private protected override Task<IReadOnlyList<string>> ListAsync(
        IDictionary bound, CancellationToken cancellationToken) =>
        Sessions.DatabaseNames.ListRolesAsync(ReadTarget(ReadInput(bound)), cancellationToken);
}

/// <summary>Completes the databases of the server.</summary>
public sealed class DatabaseCompleter : ServerCompleter
{
    // A database to query: the given one, the default, and the one that always exists.
    private static readonly string?[] Doors = ["postgres", null, "template1"];

    private protected override async Task<IReadOnlyList<string>> ListAsync(
        IDictionary bound, CancellationToken cancellationToken)
    {
        var input = ReadInput(bound);
        if (input.ConnectionString is not null || input.ConnectionName is not null)
        {
            return []; // -Database cannot be combined with them
        }

        foreach (var door in Doors)
        {
            try
            {
                // Even without a name, -Database counts as a part, so that DATABASE_URL is not used.
                var target = ReadTarget(input with
                {
                    Database = door ?? (Environment.GetEnvironmentVariable("PGDATABASE") is { Length: > 0 } usual
                        ? usual
                        : input.UserName ?? Environment.GetEnvironmentVariable("PGUSER") ?? Environment.UserName),
                });
                return await Sessions.DatabaseNames.ListDatabasesAsync(target, cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectionException e) when (e.Code is ErrorCodes.DatabaseNotFound or ErrorCodes.ConnectDenied)
            {
                // Tries the next one.
            }
        }

        return [];
    }
}
