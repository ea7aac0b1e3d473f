using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.Execution.Steps;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Execution.Failures;

/// <summary>Turns an error of the server or the network into one that points at the user's file; pure.</summary>
internal static class StepFailure
{
    /// <summary>Describes a failed attempt. The timeout is the one that ended it, if one did.</summary>
    public static MigrationError Describe(StepAttempt attempt, TimeoutOrigin? timeout, HistoryTable history)
    {
        var error = DescribeUnmasked(attempt, timeout, history);
        var values = attempt.Step.Placeholders;
        return values.Secrets.Count == 0 ? error : error with
        {
            Message = values.MaskParts(error.Message),
            ServerMessage = values.MaskPartsOrNull(error.ServerMessage),
        };
    }

    // The texts of the server, with secrets masked.
    private sealed record Words(string Message, string? Detail, string? Hint, string? Context)
    {
        public static Words Of(PostgresException e, PlaceholderValues values)
        {
            return new Words(Clean(e.MessageText)!, Clean(e.Detail), Clean(e.Hint), Clean(e.Where));

            string? Clean(string? text) =>
                values.MaskPartsOrNull(ErrorText.Shorten(text is null ? null : values.Mask(PasswordMask.Apply(text))));
        }
    }

    /// <summary>The row of the record was not found.</summary>
    public static MigrationError RecordNotWritten(StepAttempt attempt, string table) => new()
    {
        Code = ErrorCodes.RecordNotWritten,
        FileName = attempt.Step.FileName,
        FilePath = attempt.Step.FilePath,
        Message = $"{attempt.Step.FileName}: its row in {table} was not there to be changed, although the lock "
            + $"was held: another session changes the tracking table. {State(attempt)}",
    };

    /// <summary>Why a script must not continue after it has changed client_encoding.</summary>
    public const string EncodingReason =
        "the script changed client_encoding, and what it stored after that could be wrong: the file is sent as UTF-8.";

    /// <summary>What to do about it.</summary>
    public const string EncodingAdvice = "Delete the call (set_config, most likely).";

    /// <summary>The script has changed client_encoding.</summary>
    public static MigrationError EncodingChanged(StepAttempt attempt) => new()
    {
        Code = ErrorCodes.ClientEncoding,
        FileName = attempt.Step.FileName,
        FilePath = attempt.Step.FilePath,
        Message = $"{attempt.Step.FileName}: {EncodingReason} {State(attempt)} {EncodingAdvice}",
    };

    /// <summary>The server did not answer COMMIT, and cannot be asked how it ended.</summary>
    public static MigrationError CommitUnknown(PlannedStep step, Exception exception) => new()
    {
        Code = ErrorCodes.CommitOutcomeUnknown,
        FileName = step.FileName,
        FilePath = step.FilePath,
        Message = exception is LockTimeoutException
            ? $"{step.FileName}: the connection was lost during COMMIT, and the server has not reported how it ended: "
                + $"{exception.Message} If that session is the one that was lost, its COMMIT is still running, most "
                + "likely waiting for a synchronous standby (wait_event SyncRep), and Get-PgMigrationStatus shows the "
                + $"migration as {StateBefore(step)} until the wait, or the session, has ended."
            : $"{step.FileName}: the connection was lost during COMMIT, and the server cannot be asked how it ended: "
                + $"{exception.Message} Get-PgMigrationStatus shows it as soon as the server can be reached.",
    };

    // What other sessions see until the running COMMIT has ended.
    private static string StateBefore(PlannedStep step) => step switch
    {
        { Script.Transaction: ScriptTransaction.None } => "interrupted",
        { Direction: MigrationDirection.Undo } => "applied",
        _ => "pending",
    };

    /// <summary>The statement of the script that failed; null when a command of PgMigrate did.</summary>
    public static SqlStatement? StatementOf(StepAttempt attempt) =>
        attempt.Position.Index is var index and >= 0 && index < attempt.Step.Script.Held?.Count
            ? attempt.Step.Script.Held[index]
            : attempt.Position.Statement;

    private static MigrationError DescribeUnmasked(
        StepAttempt attempt, TimeoutOrigin? timeout, HistoryTable history)
    {
        var step = attempt.Step;
        var exception = attempt.Failure!;
        var code = step.Direction == MigrationDirection.Apply ? ErrorCodes.MigrationFailed : ErrorCodes.UndoFailed;
        var statement = StatementOf(attempt);
        if (exception is PgMigrateException fault)
        {
            return DescribeFault(attempt, fault, statement);
        }

        if (exception is not PostgresException server)
        {
            return new MigrationError
            {
                Code = ErrorCodes.ConnectionLost,
                FileName = step.FileName,
                FilePath = step.FilePath,
                Message = $"{step.FileName}: the connection was lost: {exception.Message} "
                    + (step.Script.Transaction == ScriptTransaction.Wrapped
                        ? "The server rolls back an unfinished transaction. Run again."
                        : "Its record shows how far it got: run again to resume it."),
                ServerMessage = exception.Message,
            };
        }

        var place = (statement, attempt.Position.Phase) switch
        {
            (null, _) => null,
            (_, StepPhase.Script) => ErrorPlace.Find(step.Script, statement, server),
            // The server's position is one in a command of PgMigrate, not in the file.
            _ => ErrorPlace.At(step.Script, statement),
        };
        var words = Words.Of(server, step.Placeholders);
        return new MigrationError
        {
            Code = code,
            Message = PasswordMask.Apply(Sentence(attempt, server, words, place, timeout, history)),
            FileName = place?.Source.FileName ?? step.FileName,
            FilePath = place is null ? step.FilePath : place.Source.FilePath,
            Line = place?.Line,
            Column = place?.Column,
            LineText = place?.Text,
            StatementNumber = statement is null ? null : attempt.Position.Index + 1,
            SqlState = server.SqlState,
            ServerMessage = words.Message,
            Detail = words.Detail,
            Hint = words.Hint,
            Context = words.Context,
            SchemaName = server.SchemaName,
            TableName = server.TableName,
            ColumnName = server.ColumnName,
            ConstraintName = server.ConstraintName,
            Blockers = attempt.Blockers,
        };
    }

    /// <summary>
    /// The exception that an error may carry as its cause. None when the statement holds a password: the driver's
    /// exception holds the text of the statement.
    /// </summary>
    public static Exception? Cause(PlannedStep step, Exception exception) =>
        exception is PostgresException server
            && new[] { server.BatchCommand?.CommandText, server.InternalQuery, server.Where }
                .Any(text => text is not null && (PasswordMask.Finds(text) || step.Placeholders.Mask(text) != text))
            ? null
            : exception;

    private static string Sentence(
        StepAttempt attempt,
        PostgresException e,
        Words words,
        ErrorPlace? place,
        TimeoutOrigin? timeout,
        HistoryTable history)
    {
        var step = attempt.Step;
        var where = place?.ToString() ?? step.FileName;
        // A DOWN script in a file of its own is not included by anything.
        if (place is not null && place.Source.FileName != step.Script.Source.FileName)
        {
            where = $"{where} (included by {step.Script.Source.FileName})";
        }

        var lines = new List<string>
        {
            $"{where}: {Lead(attempt, e, history.QualifiedName)}{words.Message} (SQLSTATE {e.SqlState})",
        };
        if (place is { Text: var text } && !string.IsNullOrWhiteSpace(text))
        {
            // One line each, without a caret: PowerShell's error view joins the lines of a message.
            lines.Add($"The line reads: {text.Trim()}");
        }

        AddIf("Character", place?.Character);

        AddIf("Detail", words.Detail);
        AddIf("Hint", words.Hint);
        AddIf("Context", words.Context);
        foreach (var blocker in attempt.Blockers)
        {
            AddIf("Blocked by", blocker.ToString());
        }

        AddIf("Retries", attempt.RetryEnd);
        lines.Add(StepAdvice.For(attempt, e, timeout, isOurs: place is null, history));
        return string.Join(Environment.NewLine, lines);

        void AddIf(string label, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                lines.Add($"{label}: {text}");
            }
        }
    }

    // What failed, when it was not a statement of the file.
    private static string Lead(StepAttempt attempt, PostgresException e, string table) =>
        (attempt.Position.Phase, attempt.Step.Direction) switch
        {
            (StepPhase.Commit, _) => IsDeferred(e) ? "at COMMIT, by a deferred constraint or trigger: " : "at COMMIT: ",
            (StepPhase.Record, MigrationDirection.Apply) => $"its record could not be written to {table}: ",
            (StepPhase.Record, _) => $"its record could not be deleted from {table}: ",
            _ => "",
        };

    // At COMMIT only triggers call functions, which are in the context. Any other error comes from the server itself.
    private static bool IsDeferred(PostgresException e) =>
        e.SqlState.StartsWith("23", StringComparison.Ordinal) || !string.IsNullOrEmpty(e.Where);

    private static MigrationError DescribeFault(
        StepAttempt attempt, PgMigrateException fault, SqlStatement? statement)
    {
        var step = attempt.Step;
        var place = statement is null ? null : ErrorPlace.At(step.Script, statement);
        return new MigrationError
        {
            Code = fault.Code,
            Message = $"{place?.ToString() ?? step.FileName}: {fault.Message} "
                + (fault.Code == ErrorCodes.StatementInDoubt ? $"{Done(attempt.Script)}." : State(attempt)),
            FileName = place?.Source.FileName ?? step.FileName,
            FilePath = place is null ? step.FilePath : place.Source.FilePath,
            Line = place?.Line,
            Column = place?.Column,
            LineText = place?.Text,
            StatementNumber = statement is null ? null : attempt.Position.Index + 1,
        };
    }

    /// <summary>Where a failure leaves the step, and with it those that share its transaction.</summary>
    public static string State(StepAttempt attempt)
    {
        var step = attempt.Step;
        var stays = step.Direction == MigrationDirection.Apply ? "stays pending" : "stays applied";
        if (step.SharesTransaction)
        {
            return "The whole run was rolled back: none of its migrations is applied.";
        }

        if (step.Script.Transaction == ScriptTransaction.Wrapped)
        {
            return $"It was rolled back and {stays}.";
        }

        var script = attempt.Script;
        var state = script.IsInterrupted
            ? Done(script) + (script.StatementsDone == 0
                ? "; the next run begins with the first."
                : "; the next run continues after them, if they are unchanged.")
            : $"Nothing of it was done; it {stays}.";
        return script.Aftermath.Length == 0 ? state : $"{script.Aftermath} {state}";
    }

    // What the row of a script without a transaction says.
    private static string Done(ScriptState script) => script.StatementsDone switch
    {
        0 => "None of its statements is known to be done",
        1 => "Its first statement is done and stays",
        var done => string.Create(CultureInfo.InvariantCulture, $"Its statements 1 to {done} are done and stay"),
    };
}
