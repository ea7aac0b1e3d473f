using PgMigrate.Connections;
using PgMigrate.Errors;
using PgMigrate.Execution;
using PgMigrate.Folders;
using PgMigrate.History;
using PgMigrate.Migrations;
using PgMigrate.Planning;
using PgMigrate.Records;
using PgMigrate.Runs;
using PgMigrate.Scripts;
using PgMigrate.Sessions;

namespace PgMigrate;

/// <summary>
/// The front door: status, plan, run, over one connection. Open it, use it, dispose of it; it is not thread-safe.
/// </summary>
public sealed class Migrator : IAsyncDisposable
{
    private const string DefaultSchema = "public";
    private readonly DatabaseTarget _target;
    private readonly MigratorOptions _options;
    private readonly DatabaseSession _session;
    private readonly HistoryTable _history;
    private readonly MigrationFolderContent _folder;
    private readonly StatusReporter _reporter;
    private readonly RunContext _context;
    private readonly RecordPlanner _records;

    private Migrator(
        DatabaseTarget target,
        MigratorOptions options,
        DatabaseSession session,
        HistoryTable history,
        MigrationFolderContent folder)
    {
        _target = target;
        _options = options;
        _session = session;
        _history = history;
        _folder = folder;
        _context = new RunContext(session, history, ModuleOf(options), RunOrigin.Of(options, target.Connection));
        _records = new RecordPlanner(folder.Migrations, history, _context.Module);
        _reporter = new StatusReporter(folder, history, ModuleOf(options), target.Connection);
    }

    /// <summary>The module of the history.</summary>
    public string Module => ModuleOf(_options);

    /// <summary>Schema of the tracking table.</summary>
    public string Schema => _history.Schema;

    /// <summary>Name of the tracking table.</summary>
    public string HistoryTableName => _history.Name;

    /// <summary>The database.</summary>
    public Connection Connection => _target.Connection;

    /// <summary>How the database is reached.</summary>
    internal DatabaseTarget Target => _target;

    /// <summary>What it was opened with.</summary>
    internal MigratorOptions Options => _options;

    /// <summary>The files, and their problems.</summary>
    public MigrationFolderContent Folder => _folder;

    /// <summary>Reads the folder and connects, both in parallel. Writes nothing.</summary>
    /// <exception cref="InitializationException">The folder cannot be read, or a name cannot be used.</exception>
    /// <exception cref="ConnectionException">The connection failed.</exception>
    public static async Task<Migrator> OpenAsync(
        DatabaseTarget target, MigratorOptions options, CancellationToken cancellationToken)
    {
        var history = new HistoryTable(options.Schema ?? DefaultSchema, options.HistoryTable);
        var reading = options.FolderPaths is { Count: > 0 } paths
            ? MigrationFolder.ReadAsync(paths, options.AllowUnversioned, cancellationToken)
            : Task.FromResult(new MigrationFolderContent([], [], []) { FileCount = 0 });
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connecting = SessionOpening.ConnectAsync(target, options, giveUp.Token);
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (reading.IsCompletedSuccessfully)
        {
            var session = await SessionOpening.WaitAsync(connecting, cancellationToken).ConfigureAwait(false);
            return new Migrator(target, options, session, history, await reading.ConfigureAwait(false));
        }

        // A missing folder is reported immediately, not after the connection has timed out.
        await giveUp.CancelAsync().ConfigureAwait(false);
        _ = SessionOpening.CloseLateAsync(connecting);
        await reading.ConfigureAwait(false);
        throw new InvalidOperationException("Unreachable: a failed read throws its error above.");
    }

    /// <summary>The modules of a tracking table, by name; none when the table does not exist.</summary>
    public static async Task<IReadOnlyList<string>> ListModulesAsync(
        DatabaseTarget target, string? schema, string? historyTable, CancellationToken cancellationToken)
    {
        var table = new HistoryTable(
            schema ?? DefaultSchema, historyTable ?? new MigratorOptions().HistoryTable);
        var session = await DatabaseSession.OpenAsync(target, null, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            try
            {
                return await new HistoryLogReader(table).ReadModulesAsync(session.Connection, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Npgsql.PostgresException e) when (e.SqlState == Npgsql.PostgresErrorCodes.UndefinedTable)
            {
                return [];
            }
        }
    }

    /// <summary>Joins folder and history, in plan order, and reports the problems of the files.</summary>
    public Task<MigrationStatusReport> GetStatusAsync(CancellationToken cancellationToken) =>
        GetStatusAsync(false, cancellationToken);

    /// <summary>
    /// As <see cref="GetStatusAsync(CancellationToken)"/>, with the recorded DOWN texts on request.
    /// </summary>
    public async Task<MigrationStatusReport> GetStatusAsync(bool withUndo, CancellationToken cancellationToken) =>
        _reporter.Report(await ReadHistoryAsync(withUndo, cancellationToken).ConfigureAwait(false));

    /// <summary>Counts what <see cref="GetStatusAsync(CancellationToken)"/> lists.</summary>
    public async Task<MigrationStatusSummary> GetSummaryAsync(CancellationToken cancellationToken) =>
        _reporter.Summarise(await ReadHistoryAsync(false, cancellationToken).ConfigureAwait(false));

    /// <summary>The log, newest line first; empty before the first write.</summary>
    /// <exception cref="InitializationException">The login may not read it.</exception>
    public async Task<IReadOnlyList<MigrationLogEntry>> GetLogAsync(int? last, CancellationToken cancellationToken)
    {
        var snapshot = await ReadHistoryAsync(withUndo: false, cancellationToken).ConfigureAwait(false);
        if (!snapshot.TableExists)
        {
            return [];
        }

        RequireAccess(snapshot, HistoryUse.ReadLog);
        return await new HistoryLogReader(_history)
            .ReadLogAsync(_session.Connection, Module, last, Connection, _folder.VersionOf, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Plans a request for the current state. Locks and writes nothing.</summary>
    public async Task<MigrationPlan> PlanAsync(PlanRequest request, CancellationToken cancellationToken)
    {
        var withUndo = request.Direction == MigrationDirection.Undo;
        var snapshot = await ReadHistoryAsync(withUndo, cancellationToken).ConfigureAwait(false);
        var plan = MigrationPlanner.Plan(_folder, snapshot, request with { CreateSchema = _options.CreateSchema });
        if (plan.IsEmpty)
        {
            return plan;
        }

        var notStorable = await DatabaseEncoding.CheckAsync(_session, plan.Steps, cancellationToken)
            .ConfigureAwait(false);
        return plan with
        {
            Problems = [.. snapshot.ProblemsOf(UseOf(plan), _history), .. plan.Problems, .. notStorable],
        };
    }

    /// <summary>Fails when the server does not support the options; a run does so, too.</summary>
    /// <exception cref="InitializationException">It does not support them.</exception>
    public void Require(RunOptions options) => LockTimeoutRule.Require(options, _session.Connection.PostgreSqlVersion);

    /// <summary>Runs a plan and yields what happens; see <see cref="MigrationEvent"/>.</summary>
    /// <exception cref="PlanBlockedException">The plan is blocked, or became so under the lock.</exception>
    /// <exception cref="LockTimeoutException">Another run kept the lock.</exception>
    /// <exception cref="MigrationStepException">A step failed; what came before it is committed, unless all
    /// steps share one transaction.</exception>
    public IAsyncEnumerable<MigrationEvent> RunAsync(
        MigrationPlan plan, RunOptions options, CancellationToken cancellationToken) =>
        new MigrationRunner(_target, _context, _options.CreateSchema)
            .RunAsync(plan, options, cancellationToken);

    /// <summary>Creates the tracking table and its log under the lock, when they do not exist yet.</summary>
    /// <exception cref="InitializationException">The schema is missing, or the login may not create tables.</exception>
    public Task InitializeAsync(RunOptions options, CancellationToken cancellationToken) =>
        new RecordRunner(_context)
            .InitializeAsync(
                _options.CreateSchema,
                options.LockWait,
                snapshot => RequireAccess(snapshot, HistoryUse.Apply),
                cancellationToken);

    /// <summary>Plans a change of records for the current state. Locks and writes nothing.</summary>
    public async Task<RecordPlan> PlanAsync(RecordChange change, CancellationToken cancellationToken) =>
        _records.Plan(change, await ReadHistoryAsync(withUndo: false, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Runs a planned change of records under the lock, all of it or nothing; runs no migration. Plans it again when
    /// the history has changed. Returns the removed rows as they were, others as they are now.
    /// </summary>
    /// <exception cref="MigrationNotFoundException">A name matches no migration, or none with a record.</exception>
    /// <exception cref="PlanBlockedException">A migration cannot be changed like that.</exception>
    public async Task<IReadOnlyList<MigrationStatus>> RunAsync(
        RecordPlan plan, RunOptions options, CancellationToken cancellationToken)
    {
        plan.Require();
        if (plan.Change is MarkApplied)
        {
            await DatabaseEncoding.RequireAsync(_session, plan.Rows, cancellationToken).ConfigureAwait(false);
        }

        return await RunAsync(plan.Change, plan, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes the records of these versions under the lock, all or none, and changes no other object. Returns the rows
    /// that were deleted, as they were.
    /// </summary>
    /// <exception cref="MigrationNotFoundException">One of them has no record; then none is deleted.</exception>
    public Task<IReadOnlyList<MigrationStatus>> RemoveRecordsAsync(
        IReadOnlyList<string> versions, RunOptions options, CancellationToken cancellationToken) =>
        RunAsync(new RemoveRecords(versions), null, options, cancellationToken);

    private async Task<IReadOnlyList<MigrationStatus>> RunAsync(
        RecordChange change, RecordPlan? shown, RunOptions options, CancellationToken cancellationToken)
    {
        var rows = await new RecordRunner(_context)
            .RunAsync(
                change,
                shown,
                _records,
                token => ReadHistoryAsync(withUndo: false, token),
                options.LockWait,
                cancellationToken)
            .ConfigureAwait(false);
        return rows.Select(_reporter.ToStatus).ToList();
    }

    /// <summary>The rows for these versions or names.</summary>
    /// <exception cref="MigrationNotFoundException">One of them has no record.</exception>
    public async Task<IReadOnlyList<MigrationStatus>> FindRecordsAsync(
        IReadOnlyList<string> versions, CancellationToken cancellationToken) =>
        _records.FindRecorded(
            versions, await ReadHistoryAsync(withUndo: false, cancellationToken).ConfigureAwait(false))
            .ConvertAll(_reporter.ToStatus);

    /// <summary>The rows with a record in a range; there may be none.</summary>
    /// <exception cref="InitializationException">A bound is neither a version nor a name.</exception>
    public async Task<IReadOnlyList<MigrationStatus>> FindRecordsAsync(
        VersionBounds bounds, CancellationToken cancellationToken)
    {
        var snapshot = await ReadHistoryAsync(withUndo: false, cancellationToken).ConfigureAwait(false);
        return RecordChoice.InRange(_records.RowsOf(snapshot), bounds).Select(_reporter.ToStatus).ToList();
    }

    /// <summary>True when a version or name refers to the migration with this version and file name.</summary>
    public static bool IsNamed(string reference, string version, string fileName) => MigrationReference.Matches(
        reference, MigrationVersion.FromStored(version), MigrationFileName.NameOf(fileName), fileName);

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static string ModuleOf(MigratorOptions options) => RunOrigin.Of(options, null).Module;

    private async Task<HistorySnapshot> ReadHistoryAsync(bool withUndo, CancellationToken cancellationToken)
    {
        var query = await DatabaseEncoding
            .AskableAsync(_session, HistoryQuery.For(Module, withUndo, _folder), cancellationToken)
            .ConfigureAwait(false);
        return await new HistoryReader(_history).ReadAsync(_session.Connection, query, cancellationToken)
            .ConfigureAwait(false);
    }

    private static HistoryUse UseOf(MigrationPlan plan)
    {
        var steps = plan.Steps.Where(step => !step.IsRecordOnly).ToList();
        var isOutside = steps.Exists(step => step.Script.Transaction == ScriptTransaction.None);
        return plan.Request.Direction switch
        {
            MigrationDirection.Undo => isOutside ? HistoryUse.RemoveNoTransaction : HistoryUse.Remove,
            _ when isOutside => HistoryUse.ApplyNoTransaction,
            _ when steps.Exists(step => step.Migration?.Kind == MigrationKind.Repeatable) => HistoryUse.ApplyRepeatable,
            _ => HistoryUse.Apply,
        };
    }

    private void RequireAccess(HistorySnapshot snapshot, HistoryUse use)
    {
        if (snapshot.ProblemsOf(use, _history).FirstOrDefault(problem => problem.Is(ProblemSeverity.Error))
            is { } denied)
        {
            throw new InitializationException(denied.Code, denied.Message);
        }
    }
}
