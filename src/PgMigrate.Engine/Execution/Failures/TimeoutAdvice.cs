using System.Globalization;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Failures;

/// <summary>
/// Names the timeout that ended a statement or a transaction, where it is set, and how to change it; pure.
/// </summary>
internal static class TimeoutAdvice
{
    /// <summary>The advice.</summary>
    public static string For(TimeoutOrigin origin)
    {
        var what = origin.Name == "statement_timeout" ? "statement" : "transaction";
        return origin switch
        {
            { IsInFile: true } => $"{origin.Name} ended the {what}, and the file sets it: raise the value there, or "
                + "delete it.",
            { Parameter: { } limit } when limit > TimeSpan.Zero => string.Create(
                CultureInfo.InvariantCulture,
                $"-{ParameterOf(origin)} ended the {what} after {limit.TotalSeconds} s. Increase it, or use 0 for "
                    + $"no limit."),
            { Name: "statement_timeout", Parameter: not null } or { Name: "statement_timeout", Value: "0" } =>
                "The statement was cancelled by an operator or a monitor (pg_cancel_backend): statement_timeout is not "
                    + "set. Run again.",
            { Value: "" or "0" } => $"{origin.Name} ended the {what}. It can be set for the role, the database or the "
                + "server. "
                + ForThisRun(origin),
            _ => $"{origin.Name} ended the {what}: it is {origin.Value}, {SetBy(origin)}. "
                + $"{ForThisRun(origin)}{Lift(origin)}",
        };
    }

    private static string? ParameterOf(TimeoutOrigin origin) => origin.Name switch
    {
        "statement_timeout" => "StatementTimeout",
        "transaction_timeout" => "TransactionTimeout",
        _ => null,
    };

    private static string ForThisRun(TimeoutOrigin origin) => ParameterOf(origin) is { } parameter
        ? $"Set a limit for this run with -{parameter}, in seconds; 0 means none."
        : $"Write SET LOCAL {origin.Name} = 0; as the first statement of the file.";

    private static string SetBy(TimeoutOrigin origin) => origin.Source switch
    {
        "user" => $"set for the role {origin.Login}",
        "database" => $"set for the database {origin.Database}",
        "database user" => $"set for the role {origin.Login} in the database {origin.Database}",
        "global" => "set for all roles",
        "client" => "set by the connection (its Options, or PGOPTIONS)",
        _ => "set for the whole server (postgresql.conf, ALTER SYSTEM or its command line)",
    };

    private static string Lift(TimeoutOrigin origin)
    {
        var command = origin.Source switch
        {
            "user" => $"ALTER ROLE {SqlIdentifier.Quote(origin.Login)} RESET {origin.Name};",
            "database" => $"ALTER DATABASE {SqlIdentifier.Quote(origin.Database)} RESET {origin.Name};",
            "database user" => $"ALTER ROLE {SqlIdentifier.Quote(origin.Login)} IN DATABASE "
                + $"{SqlIdentifier.Quote(origin.Database)} RESET {origin.Name};",
            "global" => $"ALTER ROLE ALL RESET {origin.Name};",
            _ => null,
        };
        return command is null ? "" : $" To remove it permanently: {command}";
    }
}
