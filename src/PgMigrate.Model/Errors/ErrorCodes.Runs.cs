namespace PgMigrate.Errors;

/// <content>Plans and their runs.</content>
public static partial class ErrorCodes
{
    /// <summary>The migration is recorded as applied.</summary>
    public const string AlreadyApplied = nameof(AlreadyApplied);

    /// <summary>An applied file has changed.</summary>
    public const string ChecksumMismatch = nameof(ChecksumMismatch);

    /// <summary>A file changes client_encoding, and is sent as UTF-8.</summary>
    public const string ClientEncoding = nameof(ClientEncoding);

    /// <summary>The connection was lost during COMMIT, and the record could not be read.</summary>
    public const string CommitOutcomeUnknown = nameof(CommitOutcomeUnknown);

    /// <summary>DISCARD ALL would release the migration lock.</summary>
    public const string DiscardAll = nameof(DiscardAll);

    /// <summary>An applied file has changed outside its UP part.</summary>
    public const string DownChanged = nameof(DownChanged);

    /// <summary>A file was changed during the run.</summary>
    public const string FileChanged = nameof(FileChanged);

    /// <summary>The file of an applied migration is gone.</summary>
    public const string FileMissing = nameof(FileMissing);

    /// <summary>An applied file has another name now.</summary>
    public const string FileRenamed = nameof(FileRenamed);

    /// <summary>An applied file reappeared under another version, and would run again.</summary>
    public const string FileRenumbered = nameof(FileRenumbered);

    /// <summary>An index is INVALID because an earlier build of it failed.</summary>
    public const string IndexInvalid = nameof(IndexInvalid);

    /// <summary>A no-transaction file was interrupted.</summary>
    public const string Interrupted = nameof(Interrupted);

    /// <summary>Statements that an interrupted run has completed are changed in the file.</summary>
    public const string InterruptedChanged = nameof(InterruptedChanged);

    /// <summary>A file released the migration lock.</summary>
    public const string LockLost = nameof(LockLost);

    /// <summary>Another run holds the migration lock.</summary>
    public const string LockTimeout = nameof(LockTimeout);

    /// <summary>A reference matches more than one migration.</summary>
    public const string MigrationAmbiguous = nameof(MigrationAmbiguous);

    /// <summary>A statement of an UP script failed; the file was rolled back.</summary>
    public const string MigrationFailed = nameof(MigrationFailed);

    /// <summary>No migration has the version or name.</summary>
    public const string MigrationNotFound = nameof(MigrationNotFound);

    /// <summary>A statement that PostgreSQL rejects in a transaction is in a file with others.</summary>
    public const string MixedTransaction = nameof(MixedTransaction);

    /// <summary>The migration has no DOWN script.</summary>
    public const string NoUndo = nameof(NoUndo);

    /// <summary>The migration is not applied.</summary>
    public const string NotApplied = nameof(NotApplied);

    /// <summary>Only an interrupted migration can be marked as pending.</summary>
    public const string NotInterrupted = nameof(NotInterrupted);

    /// <summary>A pending file sorts before an applied one.</summary>
    public const string OutOfOrder = nameof(OutOfOrder);

    /// <summary>The plan must not run.</summary>
    public const string PlanBlocked = nameof(PlanBlocked);

    /// <summary>A pending file sorts before a chosen one, and was not chosen.</summary>
    public const string PredecessorSkipped = nameof(PredecessorSkipped);

    /// <summary>The record of a step was not in the tracking table before COMMIT.</summary>
    public const string RecordNotWritten = nameof(RecordNotWritten);

    /// <summary>A setting of an interrupted file is not applied again.</summary>
    public const string SettingNotRestored = nameof(SettingNotRestored);

    /// <summary>A transaction-local setting has no effect where each statement is committed by itself.</summary>
    public const string SettingWithoutEffect = nameof(SettingWithoutEffect);

    /// <summary>A no-transaction file cannot share a transaction.</summary>
    public const string SingleTransactionImpossible = nameof(SingleTransactionImpossible);

    /// <summary>The catalogs do not show whether a statement was completed before the connection was lost.</summary>
    public const string StatementInDoubt = nameof(StatementInDoubt);

    /// <summary>An applied migration depends on the one to undo.</summary>
    public const string StillNeeded = nameof(StillNeeded);

    /// <summary>The database is past the target.</summary>
    public const string TargetPassed = nameof(TargetPassed);

    /// <summary>A transaction command is inside a migration.</summary>
    public const string TransactionControl = nameof(TransactionControl);

    /// <summary>Files of one transaction ask for different transaction options.</summary>
    public const string TransactionOptionsDiffer = nameof(TransactionOptionsDiffer);

    /// <summary>The DOWN text of the file is not the recorded one.</summary>
    public const string UndoDiffers = nameof(UndoDiffers);

    /// <summary>A statement of a DOWN script failed; the undo was rolled back.</summary>
    public const string UndoFailed = nameof(UndoFailed);

    /// <summary>A no-transaction undo was interrupted.</summary>
    public const string UndoInterrupted = nameof(UndoInterrupted);
}
