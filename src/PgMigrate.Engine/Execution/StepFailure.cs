using System.Globalization;
using Npgsql;
using PgMigrate.Errors;
using PgMigrate.History;
using PgMigrate.Messages;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;

namespace PgMigrate.Execution;

/// <summary>Turns what the server or the network said into an error that points at the user's file; pure.</summary>
internal static class StepFailure
{
    /// <summary>
    /// Describes a failure of a step. The trip's statement index counts the script's statements from 0 and is outside
    /// their range when the failure was in a command of ours; the table is that of the records.
    /// </summary>
    public static MigrationError Describe(PlannedStep step, Exception exception, StepTrip trip, HistoryTable history)
    {
        var error = DescribeOpenly(step, exception, trip, history);
        var values = step.Placeholders;
        return values.Secrets.Count == 0 ? error : error with
        {
            Message = values.MaskParts(error.Message),
            ServerMessage = values.MaskPartsOrNull(error.ServerMessage),
        };
    }

    // What the server said, as it may be shown and logged.
    private sealed record Words(string Message, string? Detail, string? Hint, string? Context)
    {
        public static Words Of(PostgresException e, PlaceholderValues values)
        {
            return new Words(Clean(e.MessageText)!, Clean(e.Detail), Clean(e.Hint), Clean(e.Where));

            string? Clean(string? text) =>
                values.MaskPartsOrNull(ErrorText.Shorten(text is null ? null : values.Mask(PasswordMask.Apply(text))));
        }
    }

    /// <summary>The record did not meet its row.</summary>
    public static MigrationError RecordNotWritten(PlannedStep step, StepTrip trip, string table) => new()
    {
        Code = "RecordNotWritten",
        FileName = step.FileName,
        FilePath = step.FilePath,
        Message = $"{step.FileName}: its row in {table} was not there to be changed, although the lock "
            + $"was held: somebody edits the tracking table. {State(step, trip)}",
    };

    /// <summary>Why a script must not go on after it has changed client_encoding.</summary>
    public const string EncodingReason =
        "the script changed client_encoding, and what it stored after that could be wrong: the file is sent as UTF-8.";

    /// <summary>What to do about it.</summary>
    public const string EncodingAdvice = "Delete the call (set_config, most likely).";

    /// <summary>The script has told the server to read its text as something else.</summary>
    public static MigrationError EncodingChanged(PlannedStep step, StepTrip trip) => new()
    {
        Code = "ClientEncoding",
        FileName = step.FileName,
        FilePath = step.FilePath,
        Message = $"{step.FileName}: {EncodingReason} {State(step, trip)} {EncodingAdvice}",
    };

    /// <summary>COMMIT was not answered, and nobody can be asked.</summary>
    public static MigrationError CommitUnknown(PlannedStep step, Exception exception) => new()
    {
        Code = "CommitOutcomeUnknown",
        FileName = step.FileName,
        FilePath = step.FilePath,
        Message = exception is LockTimeoutException
            ? $"{step.FileName}: the connection was lost during COMMIT, and the server has not said how it ended: "
                + $"{exception.Message} If that session is the one that was lost, its COMMIT is still under way, most likely "
                + "waiting for a synchronous standby (wait_event SyncRep), and Get-PgMigrationStatus shows the migration "
                + $"as {StateBefore(step)} until the wait, or the session, has ended."
            : $"{step.FileName}: the connection was lost during COMMIT, and the server cannot be asked how it ended: "
                + $"{exception.Message} Get-PgMigrationStatus tells as soon as the server can be reached.",
    };

    // What others see until a COMMIT that is under way has ended.
    private static string StateBefore(PlannedStep step) => step switch
    {
        { Script.Transaction: ScriptTransaction.None } => "interrupted",
        { Direction: MigrationDirection.Undo } => "applied",
        _ => "pending",
    };

    /// <summary>The statement of the script that failed; null when a command of ours did.</summary>
    public static SqlStatement? StatementOf(PlannedStep step, StepTrip trip) =>
        trip.StatementIndex is var index and >= 0 && index < step.Script.Statements.Count
            ? step.Script.Statements[index]
            : trip.Statement;

    private static MigrationError DescribeOpenly(
        PlannedStep step, Exception exception, StepTrip trip, HistoryTable history)
    {
        var code = step.Direction == MigrationDirection.Apply ? "MigrationFailed" : "UndoFailed";
        var statement = StatementOf(step, trip);
        if (exception is PgMigrateException fault)
        {
            return DescribeFault(step, fault, statement, trip);
        }

        if (exception is not PostgresException server)
        {
            return new MigrationError
            {
                Code = "ConnectionLost",
                FileName = step.FileName,
                FilePath = step.FilePath,
                Message = $"{step.FileName}: the connection was lost: {exception.Message} "
                    + (step.Script.Transaction == ScriptTransaction.Wrapped
                        ? "The server rolls an unfinished transaction back by itself. Run again."
                        : "Its record says how far it came: run again, and it goes on there."),
                ServerMessage = exception.Message,
            };
        }

        var place = (statement, trip.Phase) switch
        {
            (null, _) => null,
            (_, StepPhase.Script) => ErrorPlace.Find(step.Script, statement, server),
            // The server points into our text, not into the file's.
            _ => ErrorPlace.At(step.Script, statement),
        };
        var words = Words.Of(server, step.Placeholders);
        return new MigrationError
        {
            Code = code,
            Message = PasswordMask.Apply(Sentence(step, server, words, place, trip, history)),
            FileName = place?.Source.FileName ?? step.FileName,
            FilePath = place is null ? step.FilePath : place.Source.FilePath,
            Line = place?.Line,
            Column = place?.Column,
            LineText = place?.Text,
            StatementNumber = statement is null ? null : trip.StatementIndex + 1,
            SqlState = server.SqlState,
            ServerMessage = words.Message,
            Detail = words.Detail,
            Hint = words.Hint,
            Context = words.Context,
            SchemaName = server.SchemaName,
            TableName = server.TableName,
            ColumnName = server.ColumnName,
            ConstraintName = server.ConstraintName,
            Blockers = trip.Blockers,
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

    private static string Sentence(
        PlannedStep step, PostgresException e, Words words, ErrorPlace? place, StepTrip trip, HistoryTable history)
    {
        var where = place?.ToString() ?? step.FileName;
        // A DOWN script in a file of its own is not included by anything.
        if (place is not null && place.Source.FileName != step.Script.Source.FileName)
        {
            where = $"{where} (included by {step.Script.Source.FileName})";
        }

        var lines = new List<string>
        {
            $"{where}: {Lead(step, e, trip, history.QualifiedName)}{words.Message} (SQLSTATE {e.SqlState})",
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
        foreach (var blocker in trip.Blockers)
        {
            AddIf("Blocked by", blocker.ToString());
        }

        AddIf("Retries", trip.RetryEnd);
        lines.Add(StepAdvice.For(step, e, trip, isOurs: place is null, history));
        return string.Join(Environment.NewLine, lines);

        void AddIf(string label, string? text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                lines.Add($"{label}: {text}");
            }
        }
    }

    // What failed, when it was no statement of the file.
    private static string Lead(PlannedStep step, PostgresException e, StepTrip trip, string table) =>
        (trip.Phase, step.Direction) switch
        {
            (StepPhase.Commit, _) => IsDeferred(e) ? "at COMMIT, by a deferred constraint or trigger: " : "at COMMIT: ",
            (StepPhase.Record, MigrationDirection.Apply) => $"its record could not be written to {table}: ",
            (StepPhase.Record, _) => $"its record could not be taken out of {table}: ",
            _ => "",
        };

    // A function that COMMIT calls is a trigger's, and is in the context. Others are ended by the server, or by a rival.
    private static bool IsDeferred(PostgresException e) =>
        e.SqlState.StartsWith("23", StringComparison.Ordinal) || !string.IsNullOrEmpty(e.Where);

    private static MigrationError DescribeFault(
        PlannedStep step, PgMigrateException fault, SqlStatement? statement, StepTrip trip)
    {
        var place = statement is null ? null : ErrorPlace.At(step.Script, statement);
        return new MigrationError
        {
            Code = fault.Code,
            Message = $"{place?.ToString() ?? step.FileName}: {fault.Message} "
                + (fault.Code == "StatementInDoubt" ? $"{Done(trip)}." : State(step, trip)),
            FileName = place?.Source.FileName ?? step.FileName,
            FilePath = place is null ? step.FilePath : place.Source.FilePath,
            Line = place?.Line,
            Column = place?.Column,
            LineText = place?.Text,
            StatementNumber = statement is null ? null : trip.StatementIndex + 1,
        };
    }

    /// <summary>Where a failure leaves the step, and with it those that share its transaction.</summary>
    public static string State(PlannedStep step, StepTrip trip)
    {
        var stays = step.Direction == MigrationDirection.Apply ? "stays pending" : "stays applied";
        if (step.SharesTransaction)
        {
            return "The whole run was rolled back: none of its migrations is applied.";
        }

        if (step.Script.Transaction == ScriptTransaction.Wrapped)
        {
            return $"It was rolled back and {stays}.";
        }

        var state = trip.IsInterrupted
            ? Done(trip) + (trip.StatementsDone == 0
                ? "; the next run begins with the first."
                : "; the next run goes on behind them, if they are unchanged.")
            : $"Nothing of it was done; it {stays}.";
        return trip.Aftermath.Length == 0 ? state : $"{trip.Aftermath} {state}";
    }

    // What the row of a script outside a transaction says.
    private static string Done(StepTrip trip) => trip.StatementsDone switch
    {
        0 => "None of its statements is known to be done",
        1 => "Its first statement is done and stays",
        var done => string.Create(CultureInfo.InvariantCulture, $"Its statements 1 to {done} are done and stay"),
    };
}
