using Npgsql;
using PgMigrate.Sessions;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>Runs statements in a scratch database, each with the settings of its place.</summary>
internal sealed class LoadSession : IAsyncDisposable
{
    private readonly ScratchDatabase _database;
    private readonly string _reset;
    private DatabaseSession _session;
    private volatile bool _wasSkipped;
    private SettingNode? _settings;

    private LoadSession(ScratchDatabase database, DatabaseSession session)
    {
        _database = database;
        _reset = ScratchSettings.ToSql(ScratchSettings.ForLoad(database.Server));
        _session = Listen(session);
    }

    /// <summary>Opens a session of a scratch database.</summary>
    public static async Task<LoadSession> OpenAsync(ScratchDatabase database, CancellationToken cancellationToken) =>
        new(database, await ConnectAsync(database, cancellationToken).ConfigureAwait(false));

    private static async Task<DatabaseSession> ConnectAsync(
        ScratchDatabase database, CancellationToken cancellationToken)
    {
        var session = await database.OpenForLoadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SharedCheck.PrepareAsync(session, cancellationToken).ConfigureAwait(false);
            await ReplaceCheck.PrepareAsync(session, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs the statements in order, and returns what failed.</summary>
    public async Task<IReadOnlyList<LoadFailure>> RunAsync(
        IEnumerable<LoadStatement> statements, CancellationToken cancellationToken)
    {
        var failures = new List<LoadFailure>();
        var batch = new LoadBatch(_session.Connection);
        foreach (var statement in statements)
        {
            if (RunsAlone(statement))
            {
                await SendAsync().ConfigureAwait(false);
                AddSettings(batch, statement);
                await SendAsync().ConfigureAwait(false);
                failures.AddRange(await RunAloneAsync(statement, cancellationToken).ConfigureAwait(false));
                batch = new LoadBatch(_session.Connection);
                continue;
            }

            AddSettings(batch, statement);
            batch.AddStatement(statement);
            if (batch.IsFull)
            {
                await SendAsync().ConfigureAwait(false);
            }
        }

        await SendAsync().ConfigureAwait(false);
        return failures;

        async Task SendAsync()
        {
            failures.AddRange(await RunAsync(batch, cancellationToken).ConfigureAwait(false));
            batch = new LoadBatch(_session.Connection);
        }
    }

    /// <summary>What the login may not make.</summary>
    public Task<IReadOnlyList<MigrationProblem>> FindMissingRightsAsync(
        ScratchServer server, IReadOnlyList<LoadStatement> statements, CancellationToken cancellationToken) =>
        new RightsCheck(server).FindAsync(_session, statements, cancellationToken);

    /// <summary>The schema in which a statement makes an object without naming one.</summary>
    public async Task<string?> CurrentSchemaAsync(LoadStatement statement, CancellationToken cancellationToken)
    {
        var batch = new LoadBatch(_session.Connection);
        AddSettings(batch, statement);
        await batch.RunAsync(cancellationToken).ConfigureAwait(false);
        var command = new NpgsqlCommand("SELECT pg_catalog.current_schema()::pg_catalog.text", _session.Connection);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    /// <summary>Closes the session.</summary>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    // "already exists, skipping"
    private static bool IsSkip(PostgresNotice notice) => notice.SqlState is PostgresErrorCodes.DuplicateTable
        or PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.DuplicateSchema
        or PostgresErrorCodes.DuplicateColumn or PostgresErrorCodes.DuplicateFunction;

    private async Task<IReadOnlyList<LoadFailure>> RunAsync(LoadBatch batch, CancellationToken cancellationToken)
    {
        _wasSkipped = false;
        var failures = await batch.RunAsync(cancellationToken).ConfigureAwait(false);
        return batch.MaySkip is { } statement && _wasSkipped
            && !failures.Any(failure => failure.Statement.Place == statement.Place)
            ? [.. failures, new LoadFailure(statement, null, LoadPart.Skip)]
            : await ConfirmAsync(failures, cancellationToken).ConfigureAwait(false);
    }

    // The counters of a session hold what its last transactions did, too, those that failed among them: in a new
    // session a statement is judged by itself. The first that is refused there is enough.
    private async Task<IReadOnlyList<LoadFailure>> ConfirmAsync(
        IReadOnlyList<LoadFailure> failures, CancellationToken cancellationToken)
    {
        var confirmed = failures.Where(failure => failure.Part != LoadPart.SharedCheck).ToList();
        foreach (var failure in failures.Where(failure => failure.Part == LoadPart.SharedCheck))
        {
            await _session.DisposeAsync().ConfigureAwait(false);
            _session = Listen(await ConnectAsync(_database, cancellationToken).ConfigureAwait(false));
            _settings = null;
            var batch = new LoadBatch(_session.Connection);
            AddSettings(batch, failure.Statement);
            batch.AddStatement(failure.Statement);
            var again = await batch.RunAsync(cancellationToken).ConfigureAwait(false);
            confirmed.AddRange(again);
            if (again.Any(one => one.Part == LoadPart.SharedCheck))
            {
                break;
            }
        }

        return confirmed;
    }

    private DatabaseSession Listen(DatabaseSession session)
    {
        session.NoticeSink = notice => _wasSkipped |= IsSkip(notice);
        return session;
    }

    private static bool RunsAlone(LoadStatement statement) =>
        statement.Statement.Reading.Kind == StatementKind.OutsideTransaction || statement.Desired.ReturnsRows;

    private void AddSettings(LoadBatch batch, LoadStatement statement)
    {
        var steps = SettingNode.Between(_settings, statement.Settings);
        if (steps is null)
        {
            batch.AddSetting("RESET SESSION AUTHORIZATION", statement, null);
            batch.AddSetting("RESET ROLE", statement, null);
            batch.AddSetting("RESET ALL", statement, null);
            batch.AddSetting(_reset, statement, null);
            steps = SettingNode.Between(null, statement.Settings)!;
        }

        foreach (var step in steps)
        {
            batch.AddSetting(step.Text, statement, step);
        }

        _settings = statement.Settings;
    }

    // Rows are asked for as text: some types have no other form. What PostgreSQL refuses in a transaction cannot be
    // checked in it.
    private async Task<IReadOnlyList<LoadFailure>> RunAloneAsync(
        LoadStatement statement, CancellationToken cancellationToken)
    {
        var part = LoadPart.Statement;
        try
        {
            if (!statement.Desired.ReturnsRows)
            {
                await ExecuteAsync(statement.Text, cancellationToken).ConfigureAwait(false);
                return [];
            }

            await ExecuteAsync("BEGIN", cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(statement.Text, cancellationToken).ConfigureAwait(false);
            part = LoadPart.SharedCheck;
            await ExecuteAsync(SharedCheck.Execute, cancellationToken).ConfigureAwait(false);
            part = LoadPart.Statement;
            await ExecuteAsync("COMMIT", cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            await ExecuteAsync("ROLLBACK", cancellationToken).ConfigureAwait(false);
            return await ConfirmAsync([new LoadFailure(statement, e, part)], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, _session.Connection) { AllResultTypesAreUnknown = true };
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
