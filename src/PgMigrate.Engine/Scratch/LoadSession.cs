using Npgsql;
using PgMigrate.Sessions;
using PgMigrate.Sql.Reading;

namespace PgMigrate.Scratch;

/// <summary>Runs statements in a scratch database, each with the settings of its place.</summary>
internal sealed class LoadSession : IAsyncDisposable
{
    private readonly DatabaseSession _session;
    private readonly string _reset;
    private volatile bool _wasSkipped;
    private SettingNode? _settings;

    private LoadSession(DatabaseSession session, string reset)
    {
        _session = session;
        _reset = reset;
        session.NoticeSink = notice => _wasSkipped |= IsSkip(notice);
    }

    /// <summary>Opens a session of a scratch database.</summary>
    public static async Task<LoadSession> OpenAsync(ScratchDatabase database, CancellationToken cancellationToken)
    {
        var session = await database.OpenForLoadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SharedCheck.PrepareAsync(session, cancellationToken).ConfigureAwait(false);
            await ReplaceCheck.PrepareAsync(session, cancellationToken).ConfigureAwait(false);
            return new LoadSession(session, ScratchSettings.ToSql(ScratchSettings.ForLoad(database.Server)));
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
            AddSettings(batch, statement);
            if (!RunsAlone(statement))
            {
                batch.AddStatement(statement);
                if (!batch.IsFull)
                {
                    continue;
                }
            }

            failures.AddRange(await RunAsync(batch, cancellationToken).ConfigureAwait(false));
            batch = new LoadBatch(_session.Connection);
            if (RunsAlone(statement)
                && await RunAloneAsync(statement, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                failures.Add(failure);
            }
        }

        failures.AddRange(await RunAsync(batch, cancellationToken).ConfigureAwait(false));
        return failures;
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
            : failures;
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
    private async Task<LoadFailure?> RunAloneAsync(LoadStatement statement, CancellationToken cancellationToken)
    {
        var part = LoadPart.Statement;
        try
        {
            if (!statement.Desired.ReturnsRows)
            {
                await ExecuteAsync(statement.Text, cancellationToken).ConfigureAwait(false);
                return null;
            }

            await ExecuteAsync("BEGIN", cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(statement.Text, cancellationToken).ConfigureAwait(false);
            part = LoadPart.SharedCheck;
            await ExecuteAsync(SharedCheck.Execute, cancellationToken).ConfigureAwait(false);
            part = LoadPart.Statement;
            await ExecuteAsync("COMMIT", cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            await ExecuteAsync("ROLLBACK", cancellationToken).ConfigureAwait(false);
            return new LoadFailure(statement, e, part);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, _session.Connection) { AllResultTypesAreUnknown = true };
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
