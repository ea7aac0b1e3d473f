using PgMigrate.Migrations;

namespace PgMigrate.History;

/// <summary>One row of the tracking table.</summary>
public sealed record HistoryEntry
{
    // Empty for the usual value, which is not read in a run over thousands of rows that finds nothing to do.
    private readonly string _name = "";

    /// <summary>The state of a row that is complete.</summary>
    public const string Applied = "applied";

    /// <summary>Row number; it increases in the order of application.</summary>
    public required long Id { get; init; }

    /// <summary>Module the row belongs to.</summary>
    public required string Module { get; init; }

    /// <summary>Version of the migration.</summary>
    public required MigrationVersion Version { get; init; }

    /// <summary>File name without its ending.</summary>
    public required string Name
    {
        get => _name.Length > 0 ? _name : FileName[..^".sql".Length];
        init => _name = value;
    }

    /// <summary>File name when it was applied.</summary>
    public required string FileName { get; init; }

    /// <summary>SHA-256 of the whole file when it was applied.</summary>
    public required string Checksum { get; init; }

    /// <summary>SHA-256 of its UP text.</summary>
    public string? UpChecksum { get; init; }

    /// <summary>When it was applied.</summary>
    public required DateTimeOffset AppliedAt { get; init; }

    /// <summary>The session user that applied it.</summary>
    public required string AppliedBy { get; init; }

    /// <summary>Time on the server, in milliseconds.</summary>
    public required double DurationMs { get; init; }

    /// <summary>One of <see cref="HistoryKind"/>.</summary>
    public string Kind { get; init; } = HistoryKind.Versioned;

    /// <summary>SHA-256 of the recorded DOWN text; read only when DOWN scripts are files of their own.</summary>
    public string? UndoChecksum { get; init; }

    /// <summary><c>applied</c> or <c>interrupted</c>.</summary>
    public required string State { get; init; }

    /// <summary>Number of completed statements of an interrupted no-transaction script.</summary>
    public int StatementsDone { get; init; }

    /// <summary>Where such a script stopped; null for a row that is complete.</summary>
    internal ScriptProgress? Progress { get; init; }

    /// <summary>True while a no-transaction script is running or was interrupted.</summary>
    public bool IsInterrupted => State == "interrupted";

    /// <summary>The dependencies that the file declared.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>True when a DOWN text was recorded.</summary>
    public required bool HasUndo { get; init; }

    /// <summary>The recorded DOWN text; read only for an undo.</summary>
    public string? UndoSql { get; init; }
}

/// <summary>What a row records: the values of the column <c>kind</c>.</summary>
internal static class HistoryKind
{
    /// <summary>A migration that ran.</summary>
    public const string Versioned = "versioned";

    /// <summary>A migration that runs again when it has changed.</summary>
    public const string Repeatable = "repeatable";

    /// <summary>A migration that was recorded and never ran.</summary>
    public const string Baseline = "baseline";

    /// <summary>A script that ran in place of all versions up to its own.</summary>
    public const string BaselineScript = "baseline_script";

    /// <summary>The kind that a migration is recorded as after it has run.</summary>
    public static string Of(MigrationKind kind) => kind switch
    {
        MigrationKind.Repeatable => Repeatable,
        MigrationKind.BaselineScript => BaselineScript,
        _ => Versioned,
    };
}

/// <summary>An applied migration of another module in the same tracking table.</summary>
/// <param name="Module">The module.</param>
/// <param name="Version">Canonical version.</param>
/// <param name="Name">File name without its ending.</param>
/// <param name="FileName">File name.</param>
internal sealed record ModuleMigration(string Module, string Version, string Name, string FileName);

/// <summary>An applied migration of another module that depends on one of this module.</summary>
/// <param name="Module">The other module.</param>
/// <param name="Version">Its canonical version.</param>
/// <param name="FileName">Its file name.</param>
/// <param name="Needs">What it depends on: a version, a name or a file name of this module.</param>
internal sealed record ModuleDependent(string Module, string Version, string FileName, string Needs);

/// <summary>What to read of a tracking table.</summary>
/// <param name="Module">The module to read.</param>
/// <param name="WithUndo">Whether to read the recorded DOWN texts.</param>
/// <param name="OtherModules">Modules that the files depend on.</param>
internal sealed record HistoryQuery(string Module, bool WithUndo, IReadOnlyList<string> OtherModules)
{
    /// <summary>Whether to read the checksums of the recorded DOWN texts.</summary>
    public bool WithUndoChecksum { get; init; }

    /// <summary>The query for comparing a folder's files.</summary>
    public static HistoryQuery For(string module, bool withUndo, MigrationFolderContent folder) =>
        new(module, withUndo, folder.OtherModules) { WithUndoChecksum = folder.HasDownFiles };
}

/// <summary>The state of the database before a plan is made: one consistent snapshot, nothing written.</summary>
internal sealed record HistorySnapshot
{
    /// <summary>Schema of the tracking table.</summary>
    public string Schema { get; init; } = "public";

    /// <summary>The tracking table; null where there is no database.</summary>
    public HistoryTable? Table { get; init; }

    /// <summary>True when CREATE TABLE without a schema creates in the schema of the tracking table.</summary>
    public bool CreatesBesideTable { get; init; }

    /// <summary>This module's rows, in the order of application.</summary>
    public required IReadOnlyList<HistoryEntry> Entries { get; init; }

    /// <summary>False until the first write creates the tracking table.</summary>
    public required bool TableExists { get; init; }

    /// <summary>False when the schema of the tracking table does not exist.</summary>
    public required bool SchemaExists { get; init; }

    /// <summary>The rights of this login on the tracking table.</summary>
    public HistoryAccess Access { get; init; } = new();

    /// <summary>True when the tracking table holds no row of any module.</summary>
    public required bool IsEmpty { get; init; }

    /// <summary>True when the history is empty although the database (or schema) has other tables.</summary>
    public bool HasUserTables { get; init; }

    /// <summary>True when the log says that every migration was undone: no record was lost.</summary>
    public bool WasEmptied { get; init; }

    /// <summary>Another tracking table of PgMigrate that already holds this module; null when there is none.</summary>
    public string? OtherTable { get; init; }

    /// <summary>A module whose name differs from this one's in case only, while this one has no history.</summary>
    public string? SimilarModule { get; init; }

    /// <summary>The applied migrations of the modules that this module's files depend on.</summary>
    public IReadOnlyList<ModuleMigration> OtherModules { get; init; } = [];

    /// <summary>The migrations of other modules that depend on this one; read for an undo.</summary>
    public IReadOnlyList<ModuleDependent> Dependents { get; init; } = [];

    /// <summary>
    /// Roles other than the owner that may write the tracking table, for the prompt of a recorded undo.
    /// </summary>
    public IReadOnlyList<string> OtherWriters { get; init; } = [];

    /// <summary>True when two snapshots have the same history.</summary>
    public HistoryFingerprint Fingerprint => _fingerprint ??= HistoryFingerprint.Of(Entries);

    private HistoryFingerprint? _fingerprint;

    /// <summary>What forbids this use of the tracking table, or deserves a warning.</summary>
    internal IReadOnlyList<MigrationProblem> ProblemsOf(HistoryUse use, HistoryTable table) => TableExists
        ? Access.ProblemsOf(use, table)
        : Access.ProblemsOfCreating(table, !SchemaExists);
}
