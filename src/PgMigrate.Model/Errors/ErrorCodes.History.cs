namespace PgMigrate.Errors;

/// <content>The tracking table and the database around it.</content>
public static partial class ErrorCodes
{
    /// <summary>The tracking table does not exist or is empty, but the database has tables.</summary>
    public const string DatabaseNotEmpty = nameof(DatabaseNotEmpty);

    /// <summary>Another run changed the history after the plan was made.</summary>
    public const string HistoryChanged = nameof(HistoryChanged);

    /// <summary>The tracking table could not be created.</summary>
    public const string HistoryCreateFailed = nameof(HistoryCreateFailed);

    /// <summary>The tracking table or its log was changed by hand.</summary>
    public const string HistoryDamaged = nameof(HistoryDamaged);

    /// <summary>Another tracking table has the history of this module.</summary>
    public const string HistoryElsewhere = nameof(HistoryElsewhere);

    /// <summary>A newer PgMigrate wrote the tracking table.</summary>
    public const string HistoryFormatNewer = nameof(HistoryFormatNewer);

    /// <summary>The log of the tracking table does not exist.</summary>
    public const string HistoryLogMissing = nameof(HistoryLogMissing);

    /// <summary>A baseline starts an empty history, and the module has records.</summary>
    public const string HistoryNotEmpty = nameof(HistoryNotEmpty);

    /// <summary>The tracking table is published by logical replication.</summary>
    public const string HistoryPublished = nameof(HistoryPublished);

    /// <summary>The login may not read the tracking table.</summary>
    public const string HistoryReadDenied = nameof(HistoryReadDenied);

    /// <summary>The tracking table could not be read.</summary>
    public const string HistoryReadFailed = nameof(HistoryReadFailed);

    /// <summary>Row-level security hides rows of the tracking table from the login.</summary>
    public const string HistoryRowsHidden = nameof(HistoryRowsHidden);

    /// <summary>A subscription of logical replication writes to the tracking table.</summary>
    public const string HistorySubscribed = nameof(HistorySubscribed);

    /// <summary>The table of that name is not a tracking table of PgMigrate.</summary>
    public const string HistoryTableForeign = nameof(HistoryTableForeign);

    /// <summary>A statement creates or drops the tracking table or its log.</summary>
    public const string HistoryTableInFile = nameof(HistoryTableInFile);

    /// <summary>The login may not change the tracking table.</summary>
    public const string HistoryWriteDenied = nameof(HistoryWriteDenied);

    /// <summary>The records could not be changed.</summary>
    public const string HistoryWriteFailed = nameof(HistoryWriteFailed);

    /// <summary>The history has a module whose name differs in upper and lower case only.</summary>
    public const string ModuleCaseDiffers = nameof(ModuleCaseDiffers);

    /// <summary>The schema of the tracking table does not exist.</summary>
    public const string SchemaNotFound = nameof(SchemaNotFound);
}
