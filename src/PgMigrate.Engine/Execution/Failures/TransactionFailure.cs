using Npgsql;
using PgMigrate.Planning;
using PgMigrate.Scripts;
using PgMigrate.Sql;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Execution.Failures;

/// <summary>Which transaction a failed statement ran in.</summary>
internal enum TransactionMode
{
    /// <summary>That of its file.</summary>
    Own,

    /// <summary>That of all files of the run.</summary>
    Shared,

    /// <summary>No transaction around it: each statement is committed by itself.</summary>
    None,
}

/// <summary>The facts about a statement that PostgreSQL has rejected because of its transaction.</summary>
/// <param name="SqlState">SQLSTATE of the error.</param>
/// <param name="Statement">Text of the statement.</param>
/// <param name="Mode">The transaction it ran in.</param>
internal sealed record TransactionFailure(string SqlState, string Statement, TransactionMode Mode)
{
    /// <summary>Routine of the server that raised it.</summary>
    public string? Routine { get; init; }

    /// <summary>
    /// Context of the error: not empty when the statement was run by a function, a procedure or a DO.
    /// </summary>
    public string? Context { get; init; }

    /// <summary>True when the file adds a value to an enum type, even in a function.</summary>
    public bool AddsEnumValue { get; init; }

    /// <summary>
    /// True when a statement of the file does only that, so that it can be committed before the next.
    /// </summary>
    public bool AddsEnumValueAlone { get; init; }

    /// <summary>True when the file has a BEGIN and COMMIT of its own.</summary>
    public bool HasOwnBegin { get; init; }

    /// <summary>True when the script is the recorded DOWN text of a file that is gone.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>True when the file is too large to be run outside a transaction.</summary>
    public bool IsLarge { get; init; }

    /// <summary>True when the statement is a CALL or a DO.</summary>
    public bool IsBlock => new StatementReading(Statement).MayCommit;

    /// <summary>True when the rejected command is in a function, a procedure or a DO.</summary>
    public bool IsNested => !string.IsNullOrEmpty(Context) || IsBlock;

    /// <summary>The facts about an error of a step's statement.</summary>
    public static TransactionFailure Of(PlannedStep step, SqlStatement statement, PostgresException e)
    {
        return new TransactionFailure(e.SqlState, statement.Text, step switch
        {
            { SharesTransaction: true } => TransactionMode.Shared,
            { Script.Transaction: ScriptTransaction.None } => TransactionMode.None,
            _ => TransactionMode.Own,
        })
        {
            Routine = e.Routine,
            Context = e.Where,
            AddsEnumValue = step.Script.Facts.AddsEnumValue,
            AddsEnumValueAlone = step.Script.Facts.AddsEnumValueAlone,
            HasOwnBegin = step.Script.Begin != "BEGIN",
            IsRecorded = step.IsRecordedScript,
            IsLarge = step.Script.Held is null,
        };
    }
}
