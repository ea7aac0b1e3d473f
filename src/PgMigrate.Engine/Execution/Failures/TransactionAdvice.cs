using Npgsql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution.Failures;

/// <summary>
/// The advice for a statement that PostgreSQL rejects because of its transaction. It depends on that transaction: what
/// works in a file of its own is not possible in a transaction that the whole run shares; pure.
/// </summary>
internal static class TransactionAdvice
{
    // 55P04 has no constant in the driver.
    private const string UnsafeNewEnumValue = "55P04";
    private const string PreventInBlock = "PreventInTransactionBlock";
    private const string TableInUse = "CheckTableNotInUse";

    /// <summary>The advice; null for an error that the transaction did not cause.</summary>
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
            "Rows of the table were changed earlier in the same transaction, and deferred triggers for them have not "
                + "run yet; or a cursor on it is open. Write SET CONSTRAINTS ALL IMMEDIATE; before the statement, or "
                + "close "
                + "the cursor.",
        _ => null,
    };

    private static string ForEnumValue(TransactionFailure failure)
    {
        const string Rule = "PostgreSQL accepts a new value of an enum type only after the transaction that added it "
            + "is "
            + "committed. ";
        const string Split = "keep ALTER TYPE … ADD VALUE here, and move what uses the value into a later migration";
        return Rule + failure switch
        {
            { Mode: TransactionMode.None } => "One DO, CALL or function is one transaction: move ALTER TYPE … ADD "
                + "VALUE out of it, to a statement of its own before it.",
            { Mode: TransactionMode.Shared, AddsEnumValue: true } => $"Remove -SingleTransaction; and {Split}.",
            { Mode: TransactionMode.Shared } => "Remove -SingleTransaction: then each file is committed by itself.",
            { AddsEnumValueAlone: true } when MayRunOutside(failure) =>
                $"{Capital(Split)}; or {Directive(failure)}, and each statement is committed by itself.",
            _ => $"{Capital(Split)}.",
        };
    }

    private static string ForCommit(TransactionFailure failure)
    {
        const string Where = "It must not be in a function, in a block with EXCEPTION, or in a procedure with "
            + "SET or SECURITY DEFINER.";
        if (failure.Mode == TransactionMode.None || !failure.IsBlock)
        {
            return "PostgreSQL accepts a COMMIT or ROLLBACK only in a procedure that CALL runs, or in a DO, and both "
                + $"outside a transaction. {Where} Move it out of there.";
        }

        return "COMMIT and ROLLBACK in a procedure or a DO need a file outside a transaction. "
            + Outside(failure, "move the statement into a migration of its own") + $" {Where}";
    }

    private static string ForOptions(TransactionFailure failure)
    {
        const string Rule = "PostgreSQL accepts the options of a transaction only before its first query. ";
        var isCall = TransactionOptions.AreCalledIn($"{failure.Context} {failure.Statement}");
        var text = isCall ? "write SET TRANSACTION" : "write it";
        var first = failure.IsNested
            ? "move it out of the function or DO, and write SET TRANSACTION as the first statement of the file"
            : $"{text} as the first statement of the file";
        return (isCall ? Rule + "A call of set_config is a query itself. " : Rule) + failure switch
        {
            { Mode: TransactionMode.Shared } => $"Remove -SingleTransaction; and {first}.",
            { Mode: TransactionMode.None, IsNested: true } => "In a procedure or a DO, write SET TRANSACTION as the "
                + "first "
                + "command after a COMMIT.",
            { Mode: TransactionMode.None } => "In a file without a transaction, set default_transaction_isolation, "
                + "default_transaction_read_only or default_transaction_deferrable for the statements that follow.",
            { HasOwnBegin: true } => $"{Capital(first)}, after its BEGIN; or write the options into the BEGIN.",
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

        const string Rule = "PostgreSQL does not run this in a function, a procedure or a DO, nor inside a "
            + "transaction. Write it as a plain statement";
        return failure.Mode == TransactionMode.None
            ? Rule + "."
            : Alone(failure, Rule + " in a migration of its own, with '-- pgmigrate: no-transaction' at its top");
    }

    private static string Alone(TransactionFailure failure, string text) => failure.Mode == TransactionMode.Shared
        ? $"{text}, and remove -SingleTransaction."
        : $"{text}.";

    // The file as a whole outside a transaction, or this statement in another file.
    private static string Outside(TransactionFailure failure, string split)
    {
        var other = $"{Capital(split)} with '-- pgmigrate: no-transaction' at its top";
        return (failure.Mode, MayRunOutside(failure)) switch
        {
            (TransactionMode.Shared, true) => $"Remove -SingleTransaction, and {Directive(failure)}.",
            (TransactionMode.Shared, _) => $"Remove -SingleTransaction. {other}.",
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

    // By the routine of the server, or by the words of the statement or of the one that a function has run: the
    // server's message is in its language.
    private static bool SetsTransaction(TransactionFailure failure) =>
        failure.Routine != PreventInBlock
        && (IsCheckOfSetting(failure.Routine)
            || new StatementReading(failure.Statement).SetsTransactionOptions
            || (failure.IsNested && TransactionOptions.AreNamedIn($"{failure.Context} {failure.Statement}")));

    // call_string_check_hook, call_bool_check_hook …: the server rejects the new value of a setting.
    private static bool IsCheckOfSetting(string? routine) =>
        routine is not null && routine.StartsWith("call_", StringComparison.Ordinal)
        && routine.EndsWith("_check_hook", StringComparison.Ordinal);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
