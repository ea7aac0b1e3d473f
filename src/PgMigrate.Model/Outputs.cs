namespace PgMigrate;

/// <summary>One migration where folder and history are joined: what <c>Get-PgMigrationStatus</c> emits.</summary>
public sealed record MigrationStatus
{
    /// <summary>Position in the plan's order, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>Canonical version: no leading zeros.</summary>
    public required string Version { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>Current file name, or the recorded one when the file is gone.</summary>
    public required string FileName { get; init; }

    /// <summary>Full path of the file; null when it is gone.</summary>
    public string? FilePath { get; init; }

    /// <summary>Full path of the migrations folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Module whose history this is.</summary>
    public required string Module { get; init; }

    /// <summary>Schema of the tracking table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public required string HistoryTable { get; init; }

    /// <summary>The database; the next cmdlet of a pipeline connects to it.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Where the migration stands.</summary>
    public required MigrationState State { get; init; }

    /// <summary>True when an apply would run it.</summary>
    public bool Pending => State is MigrationState.Pending or MigrationState.OutOfOrder or MigrationState.Interrupted;

    /// <summary>True when the history holds it as applied.</summary>
    public bool Applied => !Pending;

    /// <summary>When it was applied, with offset; null while pending.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>The session user that applied it.</summary>
    public string? AppliedBy { get; init; }

    /// <summary>Time on the server, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>SHA-256 recorded when it was applied, 64 hexadecimal digits.</summary>
    public string? Checksum { get; init; }

    /// <summary>SHA-256 of the file as it is now.</summary>
    public string? CurrentChecksum { get; init; }

    /// <summary>From the file's <c>-- Description:</c> line.</summary>
    public string? Description { get; init; }

    /// <summary>From the file's <c>-- Depends:</c> line.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when a DOWN script exists, in the file or in the record.</summary>
    public bool HasUndo { get; init; }

    /// <summary>State and name.</summary>
    public override string ToString() => $"{State} {Name}";
}

/// <summary>What <c>Get-PgMigrationStatus -Summary</c> emits: the gate of a CI step.</summary>
public sealed record MigrationStatusSummary
{
    /// <summary>True when nothing is pending, changed or interrupted.</summary>
    public required bool IsUpToDate { get; init; }

    /// <summary>Number of migrations in folder and history together.</summary>
    public required int Total { get; init; }

    /// <summary>Number of applied ones, whatever happened to their files since.</summary>
    public required int Applied { get; init; }

    /// <summary>Number of pending ones, those out of order included.</summary>
    public required int Pending { get; init; }

    /// <summary>Number of pending ones that sort before an applied one.</summary>
    public required int OutOfOrder { get; init; }

    /// <summary>Number of applied ones whose SQL has changed.</summary>
    public required int Modified { get; init; }

    /// <summary>Number of applied ones whose file is gone.</summary>
    public required int Missing { get; init; }

    /// <summary>Number of files in the folder.</summary>
    public required int Files { get; init; }

    /// <summary>Version of the newest applied migration in plan order; null when none is.</summary>
    public string? CurrentVersion { get; init; }

    /// <summary>Full path of the migrations folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Module whose history this is.</summary>
    public required string Module { get; init; }

    /// <summary>Schema of the tracking table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public required string HistoryTable { get; init; }

    /// <summary>The database.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Whether it is up to date, and the database.</summary>
    public override string ToString() => $"{(IsUpToDate ? "Up to date" : "Not up to date")}: {Connection}";
}

/// <summary>One line of the append-only log: what <c>Get-PgMigrationStatus -History</c> emits.</summary>
public sealed record MigrationLogEntry
{
    /// <summary>Number of the line; later lines have higher numbers.</summary>
    public required long Id { get; init; }

    /// <summary>When it happened, with offset.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>applied</c>, <c>undone</c>, <c>failed</c>, <c>record_removed</c>.</summary>
    public required string Event { get; init; }

    /// <summary>Module of the migration.</summary>
    public required string Module { get; init; }

    /// <summary>Canonical version.</summary>
    public required string Version { get; init; }

    /// <summary>File name at that time.</summary>
    public required string FileName { get; init; }

    /// <summary>The session user who did it.</summary>
    public required string Actor { get; init; }

    /// <summary>Time on the server, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>SHA-256 of the file at that time.</summary>
    public string? Checksum { get; init; }

    /// <summary>SQLSTATE of a failure.</summary>
    public string? SqlState { get; init; }

    /// <summary>Message of a failure.</summary>
    public string? Message { get; init; }

    /// <summary>The database.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Event and file.</summary>
    public override string ToString() => $"{Event} {FileName}";
}

/// <summary>What one step did, or would do: what <c>Invoke-</c> and <c>Undo-PgMigration</c> emit.</summary>
public sealed record MigrationResult
{
    /// <summary>Position in the run, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>Canonical version.</summary>
    public required string Version { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>File name.</summary>
    public required string FileName { get; init; }

    /// <summary>Module whose history this is.</summary>
    public required string Module { get; init; }

    /// <summary>Schema of the tracking table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public required string HistoryTable { get; init; }

    /// <summary>The database.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Which script ran.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>How it ended, or would have.</summary>
    public required MigrationOutcome Outcome { get; init; }

    /// <summary>Number of statements in the script.</summary>
    public required int StatementCount { get; init; }

    /// <summary>Rows that INSERT, UPDATE, DELETE and MERGE touched.</summary>
    public long RowsAffected { get; init; }

    /// <summary>Time on the server from BEGIN to the record, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public string? Checksum { get; init; }

    /// <summary>When it was recorded, with offset.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>How many notices and warnings the server sent.</summary>
    public int Notices { get; init; }

    /// <summary>What went wrong; null unless the outcome is <see cref="MigrationOutcome.Failed"/>.</summary>
    public MigrationError? Error { get; init; }

    /// <summary>Outcome and name.</summary>
    public override string ToString() => $"{Outcome} {Name}";
}

/// <summary>A whole run: emitted by <c>-Summary</c>, and the target object of every error of a run.</summary>
public sealed record MigrationRunSummary
{
    /// <summary>How the run ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What each step did, in order; the failed one last.</summary>
    public required IReadOnlyList<MigrationResult> Results { get; init; }

    /// <summary>Number of steps that were applied.</summary>
    public int Applied { get; init; }

    /// <summary>Number of steps that were undone.</summary>
    public int Undone { get; init; }

    /// <summary>Number of steps of the plan that were not reached.</summary>
    public int Pending { get; init; }

    /// <summary>Number of migrations that needed nothing.</summary>
    public int Skipped { get; init; }

    /// <summary>Number of migrations in folder and history together.</summary>
    public int Total { get; init; }

    /// <summary>Time from the first to the last event of the run, in milliseconds.</summary>
    public double TotalMs { get; init; }

    /// <summary>File name of the migration that failed.</summary>
    public string? FailedMigration { get; init; }

    /// <summary>What went wrong.</summary>
    public MigrationError? Error { get; init; }

    /// <summary>Problems that stopped or accompanied the plan.</summary>
    public IReadOnlyList<MigrationProblem> Problems { get; init; } = [];

    /// <summary>Module whose history this is.</summary>
    public required string Module { get; init; }

    /// <summary>Schema of the tracking table.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the tracking table.</summary>
    public required string HistoryTable { get; init; }

    /// <summary>The database.</summary>
    public required Connection Connection { get; init; }

    /// <summary>Status, and the database.</summary>
    public override string ToString() => $"{Status}: {Connection}";
}

/// <summary>A failure with its place in the file and what the server said of it.</summary>
public sealed record MigrationError
{
    /// <summary>Stable code, the same as the error record's id.</summary>
    public required string Code { get; init; }

    /// <summary>What happened and what to do next.</summary>
    public required string Message { get; init; }

    /// <summary>File name.</summary>
    public string? FileName { get; init; }

    /// <summary>Full path of the file.</summary>
    public string? FilePath { get; init; }

    /// <summary>Line in the file, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column in that line, in characters, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>Text of that line.</summary>
    public string? LineText { get; init; }

    /// <summary>Which statement of the script failed, from 1.</summary>
    public int? StatementNumber { get; init; }

    /// <summary>SQLSTATE, five characters.</summary>
    public string? SqlState { get; init; }

    /// <summary>The server's own message.</summary>
    public string? ServerMessage { get; init; }

    /// <summary>The server's DETAIL.</summary>
    public string? Detail { get; init; }

    /// <summary>The server's HINT.</summary>
    public string? Hint { get; init; }

    /// <summary>The server's CONTEXT: the stack of PL/pgSQL calls.</summary>
    public string? Context { get; init; }

    /// <summary>Schema of the object concerned.</summary>
    public string? SchemaName { get; init; }

    /// <summary>Table concerned.</summary>
    public string? TableName { get; init; }

    /// <summary>Column concerned.</summary>
    public string? ColumnName { get; init; }

    /// <summary>Constraint concerned.</summary>
    public string? ConstraintName { get; init; }

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}

/// <summary>Something wrong in a folder or a plan, found before anything runs.</summary>
public sealed record MigrationProblem
{
    /// <summary>Stable code, such as <c>DuplicateVersion</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong and what to do next.</summary>
    public required string Message { get; init; }

    /// <summary>Whether it stops the run.</summary>
    public ProblemSeverity Severity { get; init; } = ProblemSeverity.Error;

    /// <summary>File name; null when the problem has none.</summary>
    public string? FileName { get; init; }

    /// <summary>Full path of the file.</summary>
    public string? FilePath { get; init; }

    /// <summary>Line in the file, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column in that line, in characters, from 1.</summary>
    public int? Column { get; init; }

    /// <summary><c>file:line:column: message</c>, as compilers write it.</summary>
    public override string ToString() =>
        (FileName, Line, Column) switch
        {
            (null, _, _) => Message,
            (_, null, _) => $"{FileName}: {Message}",
            (_, _, null) => $"{FileName}:{Line}: {Message}",
            _ => $"{FileName}:{Line}:{Column}: {Message}",
        };
}
