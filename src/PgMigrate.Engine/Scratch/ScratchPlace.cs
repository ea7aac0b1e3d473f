using PgMigrate.Connections;
using PgMigrate.Errors;

namespace PgMigrate.Scratch;

/// <summary>Decides on which server scratch databases are made; pure.</summary>
internal static class ScratchPlace
{
    /// <summary>The variable that names the server.</summary>
    public const string Variable = "PGMIGRATE_SCRATCH_URL";

    private const string Ways = "Name a server for scratch databases, of the same major version, with "
        + "-ScratchConnection or the variable " + Variable;

    /// <summary>The parameter, the variable, or the server of the connection where that is allowed.</summary>
    /// <param name="connection">The connection of the command; null when it has none.</param>
    /// <param name="scratch">What -ScratchConnection names; null without it.</param>
    /// <param name="onTarget">True with -ScratchOnTarget.</param>
    /// <param name="environment">Reads a variable.</param>
    /// <exception cref="PgMigrateException">No server may be used.</exception>
    public static DatabaseTarget Choose(
        DatabaseTarget? connection, DatabaseTarget? scratch, bool onTarget, Func<string, string?> environment)
    {
        if (scratch is not null)
        {
            return scratch;
        }

        if (environment(Variable) is { } url)
        {
            return string.IsNullOrWhiteSpace(url)
                ? throw new ConnectionException(
                    ErrorCodes.ConnectionInvalid,
                    $"The variable {Variable} is set but empty, so it is not clear where scratch databases may be "
                        + "made; nothing was run. Is a secret of that name missing? Give it a value, or remove it.")
                : DatabaseTarget.Resolve(new ConnectionInput { ConnectionString = url }, environment);
        }

        return connection switch
        {
            null => throw new InitializationException(
                ErrorCodes.ScratchServerMissing, $"This takes a scratch database, and no server is named. {Ways}."),
            _ when connection.IsLocal || onTarget => connection,
            _ => throw new InitializationException(
                ErrorCodes.ScratchServerMissing,
                $"This takes a scratch database. {connection} is not on this machine, and databases are made on "
                    + $"another server only when that is asked for. {Ways}; or allow this one with -ScratchOnTarget."),
        };
    }
}
