using System.Globalization;
using Npgsql;
using PgMigrate.Errors;

namespace PgMigrate.Connections;

/// <summary>Decides which of the given settings apply; pure, except that a named service file is read.</summary>
internal static class ConnectionSource
{
    /// <summary>
    /// The settings of the first source that was specified, with the login and the TLS mode of the parameters.
    /// </summary>
    /// <exception cref="ConnectionException">The settings contradict each other or cannot be parsed.</exception>
    public static (ConnectionDraft Draft, string Source) Read(
        ConnectionInput input, Func<string, string?> environment)
    {
        RefuseCombinations(input);
        var (draft, source) = ReadFirst(input, environment);
        if (input.UserName is not null)
        {
            SetLogin(draft.Settings, input);
        }

        if (input.SslMode is { } sslMode)
        {
            draft.Settings.SslMode = ConnectionSettings.ToNpgsql(sslMode);
        }

        return (draft, source);
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
                ErrorCodes.ConnectionAmbiguous,
                $"{string.Join(" and ", given)} contradict each other. Use only one of them.");
        }

        void AddIf(bool isGiven, string name)
        {
            if (isGiven)
            {
                given.Add(name);
            }
        }
    }

    // A password belongs to a role: another role has its own, in PGPASSWORD or .pgpass.
    private static void SetLogin(NpgsqlConnectionStringBuilder settings, ConnectionInput input)
    {
        if (input.Password is not null || settings.Username != input.UserName)
        {
            settings.Password = input.Password;
        }

        settings.Username = input.UserName;
    }

    private static (ConnectionDraft Draft, string Source) ReadFirst(
        ConnectionInput input, Func<string, string?> environment)
    {
        if (input.ConnectionString is { } text)
        {
            return (Parse(text, "-ConnectionString", environment), "-ConnectionString");
        }

        if (input.ConnectionName is { } name)
        {
            var variable = "DATABASE_URL_" + name.ToUpperInvariant();
            return environment(variable) is { } url && !string.IsNullOrWhiteSpace(url)
                ? (Parse(url, variable, environment), $"the variable {variable}")
                : throw new ConnectionException(
                    ErrorCodes.ConnectionNameUnset,
                    $"-ConnectionName {name} reads the variable {variable}, which is "
                        + (environment(variable) is null ? "not set." : "set but empty. Is a secret of that name "
                        + "missing?"));
        }

        if (!input.HasParts && input.Connection is { } piped)
        {
            return (new ConnectionDraft(new NpgsqlConnectionStringBuilder(piped.RevealSettings())), "the piped object");
        }

        if (!input.HasParts && environment("DATABASE_URL") is { } databaseUrl)
        {
            return string.IsNullOrWhiteSpace(databaseUrl)
                ? throw new ConnectionException(
                    ErrorCodes.ConnectionInvalid,
                    "The variable DATABASE_URL is set but empty, so it is not clear which database is meant. Nothing "
                        + "was run. Is a secret of that name missing? Set it to a value; or remove the variable to use "
                        + "the PG* variables; or name the database with parameters.")
                : (Parse(databaseUrl, "DATABASE_URL", environment), "the variable DATABASE_URL");
        }

        return (
            FromVariables(input, environment),
            input.HasParts ? "the parameters and PG* variables" : "the PG* variables and defaults");
    }

    private static ConnectionDraft Parse(string text, string origin, Func<string, string?> environment)
    {
        var draft = ConnectionSettings.Parse(text, origin, service => ServiceFile.Read(service, environment));
        ConnectionKeywords.AddVariables(draft, environment);
        return draft;
    }

    // Precedence: parameters, service, variables.
    private static ConnectionDraft FromVariables(ConnectionInput input, Func<string, string?> environment)
    {
        var draft = new ConnectionDraft { Hosts = input.HostName };
        if (input.Port is { } port)
        {
            draft.Ports = port.ToString(CultureInfo.InvariantCulture);
        }

        draft.Settings.Database = input.Database;
        if (environment("PGSERVICE") is { } service)
        {
            ConnectionKeywords.AddMissing(
                draft, ServiceFile.Read(service, environment), $"The service '{service}'");
        }

        draft.Hosts ??= NullIfEmpty("PGHOST") ?? NullIfEmpty("PGHOSTADDR");
        if (draft.Ports is null)
        {
            (draft.Ports, draft.PortsOrigin) = (NullIfEmpty("PGPORT"), "PGPORT");
        }

        draft.Settings.Database ??= NullIfEmpty("PGDATABASE");
        draft.Settings.Username ??= NullIfEmpty("PGUSER");
        draft.Settings.Password ??= NullIfEmpty("PGPASSWORD");
        draft.Settings.Passfile ??= NullIfEmpty("PGPASSFILE");
        ConnectionKeywords.AddVariables(draft, environment);
        return draft;

        string? NullIfEmpty(string variable) => environment(variable) is { Length: > 0 } value ? value : null;
    }
}
