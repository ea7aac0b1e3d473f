namespace PgMigrate;

/// <summary>The state of a migration when folder and history are compared. Values are frozen.</summary>
public enum MigrationState
{
    /// <summary>In the folder, not in the history.</summary>
    Pending = 0,

    /// <summary>In both, unchanged.</summary>
    Applied = 1,

    /// <summary>Pending, although a migration that sorts after it is applied.</summary>
    OutOfOrder = 2,

    /// <summary>Applied, and the SQL in the file has changed since.</summary>
    Modified = 3,

    /// <summary>Applied, and its file is gone.</summary>
    Missing = 4,

    /// <summary>Applied and unchanged, under another file name.</summary>
    Renamed = 5,

    /// <summary>A no-transaction file whose run was interrupted.</summary>
    Interrupted = 6,

    /// <summary>
    /// Counts as applied without having been run: recorded by a baseline, or covered by a baseline script.
    /// </summary>
    Baseline = 7,

    /// <summary>A repeatable migration that has changed since it ran, and will run again.</summary>
    RepeatableChanged = 8,
}

/// <summary>Which script of a migration a step runs. Values are frozen.</summary>
public enum MigrationDirection
{
    /// <summary>The UP script is run and the migration recorded.</summary>
    Apply = 0,

    /// <summary>The DOWN script is run and the record deleted.</summary>
    Undo = 1,
}

/// <summary>How one step ended, or would have. Values are frozen.</summary>
public enum MigrationOutcome
{
    /// <summary>Applied and recorded.</summary>
    Applied = 0,

    /// <summary>Undone and its record deleted.</summary>
    Undone = 1,

    /// <summary>Would be applied; nothing was written.</summary>
    WouldApply = 2,

    /// <summary>Would be undone; nothing was written.</summary>
    WouldUndo = 3,

    /// <summary>Failed and rolled back.</summary>
    Failed = 4,

    /// <summary>Recorded as applied without being run.</summary>
    Recorded = 5,

    /// <summary>Would be recorded; nothing was written.</summary>
    WouldRecord = 6,

    /// <summary>The connection was lost during COMMIT, and its outcome could not be determined.</summary>
    Unknown = 7,
}

/// <summary>How a whole run ended. Values are frozen.</summary>
public enum RunStatus
{
    /// <summary>Every step of the plan is done.</summary>
    Success = 0,

    /// <summary>There was nothing to do.</summary>
    UpToDate = 1,

    /// <summary>A preview: nothing was written.</summary>
    DryRun = 2,

    /// <summary>A step failed, or the plan was blocked.</summary>
    Error = 3,

    /// <summary>A prompt was answered with no: the run ended there.</summary>
    Declined = 4,
}

/// <summary>What to do with a pending migration that sorts before an applied one. Values are frozen.</summary>
public enum OutOfOrderPolicy
{
    /// <summary>Block the whole plan.</summary>
    Error = 0,

    /// <summary>Apply it with a warning.</summary>
    Warn = 1,

    /// <summary>Apply it.</summary>
    Apply = 2,
}

/// <summary>Which DOWN script an undo runs when the file and the record differ. Values are frozen.</summary>
public enum UndoSource
{
    /// <summary>Block when they differ; otherwise the one that exists.</summary>
    Unspecified = 0,

    /// <summary>The DOWN section of the file as it is now.</summary>
    File = 1,

    /// <summary>The DOWN text that was recorded when the migration was applied.</summary>
    Recorded = 2,
}

/// <summary>How the version of a new file is chosen. Values are frozen.</summary>
public enum MigrationNumbering
{
    /// <summary>The style of the folder; sequential in an empty one.</summary>
    Auto = 0,

    /// <summary><c>001_name.sql</c>, <c>002_name.sql</c> …</summary>
    Sequential = 1,

    /// <summary><c>20251025120000_name.sql</c>, in UTC.</summary>
    Timestamp = 2,

    /// <summary><c>V1__name.sql</c>, <c>V2__name.sql</c> …</summary>
    Versioned = 3,
}

/// <summary>How TLS is used on the connection, as libpq's sslmode. Values are frozen.</summary>
public enum SslMode
{
    /// <summary>No TLS.</summary>
    Disable = 0,

    /// <summary>TLS only when the server insists.</summary>
    Allow = 1,

    /// <summary>TLS when the server offers it.</summary>
    Prefer = 2,

    /// <summary>TLS or no connection; the certificate is not checked.</summary>
    Require = 3,

    /// <summary>TLS, with the certificate's issuer checked.</summary>
    VerifyCA = 4,

    /// <summary>TLS, with issuer and host name checked.</summary>
    VerifyFull = 5,
}

/// <summary>The CI system that gets annotations and a job summary. Values are frozen.</summary>
public enum CIFormat
{
    /// <summary>The one whose environment variables are set: GITHUB_ACTIONS or TF_BUILD.</summary>
    Auto = 0,

    /// <summary>Workflow commands of GitHub Actions.</summary>
    GithubActions = 1,

    /// <summary>Logging commands of Azure DevOps.</summary>
    AzureDevops = 2,

    /// <summary>No CI system.</summary>
    None = 3,
}

/// <summary>How serious a problem is. Values are frozen.</summary>
public enum ProblemSeverity
{
    /// <summary>Worth a look; blocks nothing.</summary>
    Warning = 0,

    /// <summary>Nothing runs until it is fixed.</summary>
    Error = 1,
}

/// <summary>What to do about sessions that block a migration. Values are frozen.</summary>
public enum BlockerAction
{
    /// <summary>Nothing: wait, time out after the lock timeout, and retry.</summary>
    Wait = 0,

    /// <summary>Time out after the lock timeout and do not retry.</summary>
    Fail = 1,

    /// <summary>Cancel their statements before half of the lock timeout is over.</summary>
    Cancel = 2,

    /// <summary>Terminate their sessions before half of the lock timeout is over.</summary>
    Terminate = 3,
}
