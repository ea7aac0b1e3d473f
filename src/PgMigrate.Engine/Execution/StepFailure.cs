using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>Turns what the server or the network said into an error that points at the user's file; pure.</summary>
internal static class StepFailure
{
    // 55P04 has no constant in the driver.
    private const string UnsafeNewEnumValue = "55P04";

    /// <summary>
    /// Describes a failure of a step. <paramref name="statementIndex"/> counts the script's statements from 0 and is
    /// outside their range when the failure was in a command of ours.
    /// </summary>
    public static MigrationError Describe(PlannedStep step, Exception exception, int? statementIndex)
    {
        var error = DescribeOpenly(step, exception, statementIndex);
        var values = step.Placeholders;
        return values.Secrets.Count == 0 ? error : error with
        {
            Message = values.Mask(error.Message),
            ServerMessage = values.MaskOrNull(error.ServerMessage),
            Detail = values.MaskOrNull(error.Detail),
            Hint = values.MaskOrNull(error.Hint),
            Context = values.MaskOrNull(error.Context),
        };
    }

    private static MigrationError DescribeOpenly(PlannedStep step, Exception exception, int? statementIndex)
    {
        var code = step.Direction == MigrationDirection.Apply ? "MigrationFailed" : "UndoFailed";
        if (exception is not PostgresException server)
        {
            return new MigrationError
            {
                Code = "ConnectionLost",
                FileName = step.FileName,
                FilePath = step.FilePath,
                Message = $"{step.FileName}: the connection was lost: {exception.Message} The server rolls an "
                    + "unfinished transaction back by itself. Run again.",
                ServerMessage = exception.Message,
            };
        }

        var statement = statementIndex is { } index && index >= 0 && index < step.Script.Statements.Count
            ? step.Script.Statements[index]
            : null;
        var place = statement is null ? null : ErrorPlace.Find(step.Script, statement, server);
        return new MigrationError
        {
            Code = code,
            Message = PasswordMask.Apply(Sentence(step, server, place, statement is null)),
            FileName = place?.Source.FileName ?? step.FileName,
            FilePath = place is null ? step.FilePath : place.Source.FilePath,
            Line = place?.Line,
            Column = place?.Column,
            LineText = place?.Text,
            StatementNumber = statement is null ? null : statementIndex + 1,
            SqlState = server.SqlState,
            ServerMessage = PasswordMask.Apply(server.MessageText),
            Detail = server.Detail,
            Hint = server.Hint,
            Context = server.Where is { } context ? PasswordMask.Apply(context) : null,
            SchemaName = server.SchemaName,
            TableName = server.TableName,
            ColumnName = server.ColumnName,
            ConstraintName = server.ConstraintName,
        };
    }

    /// <summary>
    /// What an error may carry as its cause: the driver's exception holds the failed statement, which must not be shown
    /// when there is a password in it.
    /// </summary>
    public static Exception? Cause(PlannedStep step, Exception exception) =>
        exception is PostgresException server
            && new[] { server.BatchCommand?.CommandText, server.InternalQuery, server.Where }
                .Any(text => text is not null && (PasswordMask.Finds(text) || step.Placeholders.Mask(text) != text))
            ? null
            : exception;

    private static string Sentence(PlannedStep step, PostgresException e, ErrorPlace? place, bool isOurs)
    {
        var where = place?.ToString() ?? step.FileName;
        if (place is not null && place.Source.FileName != step.FileName)
        {
            where = $"{where} (taken in by {step.FileName})";
        }

        var lines = new List<string> { $"{where}: {e.MessageText} (SQLSTATE {e.SqlState})" };
        if (place is { Text: var text } && !string.IsNullOrWhiteSpace(text))
        {
            // One line each, without a caret: PowerShell's error view joins the lines of a message.
            lines.Add($"The line reads: {text.Trim()}");
        }

        AddIf("Detail", e.Detail);
        AddIf("Hint", e.Hint);
        AddIf("Context", e.Where);
        lines.Add(NextStep(step, e, isOurs));
        return string.Join(Environment.NewLine, lines);

        void AddIf(string label, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                lines.Add($"{label}: {text}");
            }
        }
    }

    private static string NextStep(PlannedStep step, PostgresException e, bool isOurs)
    {
        var state = step.Direction == MigrationDirection.Apply
            ? "It was rolled back and stays pending."
            : "It was rolled back and stays applied.";
        var next = e.SqlState switch
        {
            UnsafeNewEnumValue or PostgresErrorCodes.InvalidTransactionTermination
                or PostgresErrorCodes.ActiveSqlTransaction =>
                "PostgreSQL does not run this inside a transaction: put the statement into a migration of its own.",
            PostgresErrorCodes.InsufficientPrivilege when isOurs => "Grant the login INSERT, SELECT and DELETE on the "
                + "tracking table and INSERT on its log.",
            PostgresErrorCodes.InsufficientPrivilege => "Grant the login the missing right, or log in as the owner.",
            PostgresErrorCodes.ReadOnlySqlTransaction => "The server or the login is read-only: connect to the primary "
                + "with a login that may write.",
            PostgresErrorCodes.QueryCanceled => "The statement was cancelled: by statement_timeout, or by an operator.",
            PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected =>
                "Another session was in the way. Run again when it has ended.",
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server ended the session. Run again.",
            PostgresErrorCodes.DiskFull => "Free disk space on the server and run again.",
            _ => "Mend the file and run again.",
        };
        return $"{state} {next}";
    }
}
