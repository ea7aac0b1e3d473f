using Npgsql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution.Failures;

/// <summary>
/// Says what to do with a statement that PostgreSQL refuses for the transaction it runs in. Advice differs by that
/// transaction: what helps a file of its own is refused in a transaction that the whole run shares; pure.
/// </summary>
internal static class TransactionAdvice
{
    // 55P04 has no constant in the driver.
    private const string UnsafeNewEnumValue = "55P04";
    private const string PreventInBlock = "PreventInTransactionBlock";
    private const string TableInUse = "CheckTableNotInUse";

    /// <summary>The advice; null for an error that the transaction has nothing to do with.</summary>
    public static string? For(TransactionFailure failure) => failure.SqlState switch
    {
        UnsafeNewEnumValue => ForEnumValue(failure),
        PostgresErrorCodes.InvalidTransactionTermination => ForCommit(failure),
        PostgresErrorCodes.ActiveSqlTransaction when SetsTransaction(failure) => ForOptions(failure),
        PostgresErrorCodes.ActiveSqlTransaction when failure.Routine is null or PreventInBlock => ForOutside(failure),
        PostgresErrorCodes.ActiveSqlTransaction => Alone(failure,
            "PostgreSQL runs this only at the start of a transaction, before anything was written in it. Move the "
                + "statement into a migration of its own"),
        PostgresErrorCodes.ObjectInUse when failure is { Routine: TableInUse, IsNested: false } =>
            "Rows of the table were changed before in the same transaction, and deferred triggers on them are still to "
                + "run; or a cursor on it is open. Write SET CONSTRAINTS ALL IMMEDIATE; before the statement, or close "
                + "the cursor.",
        _ => null,
    };

    private static string ForEnumValue(TransactionFailure failure)
    {
        const string Rule = "PostgreSQL takes a new value of an enum type only after the transaction that added it is "
            + "committed. ";
        const string Split = "keep ALTER TYPE … ADD VALUE here, and move what uses the value into a later migration";
        return Rule + failure switch
        {
            { Mode: TransactionMode.None } => "One DO, CALL or function is one transaction: take ALTER TYPE … ADD "
                + "VALUE out of it, and write it as a statement of its own before it.",
            { Mode: TransactionMode.Shared, AddsEnumValue: true } => $"Leave -SingleTransaction out; and {Split}.",
            { Mode: TransactionMode.Shared } => "Leave -SingleTransaction out: then each file is committed by itself.",
            { AddsEnumValueAlone: true } when MayRunOutside(failure) =>
                $"{Capital(Split)}; or {Directive(failure)}, and each statement is committed by itself.",
            _ => $"{Capital(Split)}.",
        };
    }

    private static string ForCommit(TransactionFailure failure)
    {
        const string Where = "It stands neither in a function, nor in a block with EXCEPTION, nor in a procedure with "
            + "SET or SECURITY DEFINER.";
        if (failure.Mode == TransactionMode.None || !failure.IsBlock)
        {
            return "PostgreSQL takes a COMMIT or ROLLBACK only in a procedure that CALL runs, or in a DO, and both "
                + $"outside a transaction. {Where} Take it out of there.";
        }

        return "COMMIT and ROLLBACK in a procedure or a DO need a file outside a transaction. "
            + Outside(failure, "move the statement into a migration of its own") + $" {Where}";
    }

    private static string ForOptions(TransactionFailure failure)
    {
        const string Rule = "The options of a transaction are set before anything else in it. ";
        var first = failure.IsNested
            ? "take the command out of the function or DO, and make it the first statement of the file"
            : "make it the first statement of the file";
        return Rule + failure.Mode switch
        {
            TransactionMode.Shared => $"Leave -SingleTransaction out; and {first}.",
            TransactionMode.None => "In a procedure or a DO it has to be the first command behind a COMMIT.",
            _ when failure.HasOwnBegin => $"{Capital(first)}, behind its BEGIN; or write them into the BEGIN.",
            _ => $"{Capital(first)}.",
        };
    }

    private static string ForOutside(TransactionFailure failure)
    {
        if (!failure.IsNested)
        {
            return "PostgreSQL does not run this inside a transaction. "
                + Outside(failure, "move the statement into a migration of its own");
        }

        const string Rule = "PostgreSQL runs this neither in a function or procedure nor in a DO, and not inside a "
            + "transaction. Write it as a plain statement";
        return failure.Mode == TransactionMode.None
            ? Rule + "."
            : Alone(failure, Rule + " in a migration of its own, with '-- pgmigrate: no-transaction' at its top");
    }

    private static string Alone(TransactionFailure failure, string text) => failure.Mode == TransactionMode.Shared
        ? $"{text}, and leave -SingleTransaction out."
        : $"{text}.";

    // The file as a whole outside a transaction, or this statement in another file.
    private static string Outside(TransactionFailure failure, string split)
    {
        var other = $"{Capital(split)} with '-- pgmigrate: no-transaction' at its top";
        return (failure.Mode, MayRunOutside(failure)) switch
        {
            (TransactionMode.Shared, true) => $"Leave -SingleTransaction out, and {Directive(failure)}.",
            (TransactionMode.Shared, _) => $"Leave -SingleTransaction out. {other}.",
            (_, true) => $"{Capital(Directive(failure))}, and each of its statements is committed by itself; or "
                + $"{split} with that line at its top.",
            _ => $"{other}.",
        };
    }

    private static bool MayRunOutside(TransactionFailure failure) => !failure.IsLarge;

    private static string Directive(TransactionFailure failure) => failure switch
    {
        { IsRecorded: true } => "restore the file, write '-- pgmigrate: no-transaction' at the top of it, and undo "
            + "with -UndoSource File",
        { HasOwnBegin: true } => "write '-- pgmigrate: no-transaction' at the top of the file and delete its BEGIN and "
            + "COMMIT",
        _ => "write '-- pgmigrate: no-transaction' at the top of the file",
    };

    // By the words of the statement, or of the one that a function has run: the server's own are in its language.
    private static bool SetsTransaction(TransactionFailure failure) =>
        failure.Routine != PreventInBlock
        && (new StatementReading(failure.Statement).SetsTransactionOptions
            || (failure.IsNested && TransactionOptions.AreNamedIn($"{failure.Context} {failure.Statement}")));

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
